"""`dchat ipfs` adds, shows, checks and gives up content."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer.cli import dchat
from indexer.db.pins import State
from indexer.errors import BlockMissing, NotACid
from indexer.ipfs.building import CHUNK
from indexer.settings import Settings
from tests.integration.ipfs.test_reconcile import rows
from workers.ipfs.reconcile import reconcile


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DCHAT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*words: str) -> Result:
    return CliRunner().invoke(dchat, ["ipfs", *words])


def added(url: str, data: bytes, *more: str) -> str:
    """The CID of a file that was added."""
    Path("file").write_bytes(data)
    result = run("add", "--database-url", url, *more, "file")
    assert result.exit_code == 0, result.output
    return result.output.split()[0]


async def test_what_is_added_is_pinned_until_it_is_given_up(database_url: str, home: Path) -> None:
    cid = added(database_url, b"tea")
    [pin] = rows(database_url)
    assert (str(pin.cid), pin.state, pin.references) == (cid, State.QUEUED, 1)
    assert (await reconcile(Settings(home=home), database_url)).pinned == 1
    told = run("pins", "--database-url", database_url).output
    assert told == f"PINNED   {cid}  1 references, 3 bytes\n"
    [row] = json.loads(run("pins", "--database-url", database_url, "--json").output)
    assert (row["cid"], row["state"], row["size"]) == (cid, "PINNED", 3)
    assert run("rm", "--database-url", database_url, f"ipfs://{cid}").exit_code == 0
    assert rows(database_url)[0].references == 0


@pytest.mark.parametrize("more", [[], ["--v0"]])
def test_what_is_added_can_be_read_and_checked(database_url: str, more: list[str]) -> None:
    data = bytes(range(256)) * (CHUNK // 100)
    cid = added(database_url, data, *more)
    assert cid.startswith("Qm" if more else "bafy")
    assert run("cat", f"https://ipfs.io/ipfs/{cid}").stdout_bytes == data
    checked = run("verify", cid)
    assert (checked.exit_code, checked.output) == (0, "1 of 1 are whole\n")


async def test_what_rots_is_told(database_url: str, home: Path) -> None:
    cid = added(database_url, b"tea")
    await reconcile(Settings(home=home), database_url)
    next((home / "ipfs").glob("blocks/*/*")).write_bytes(b"rot")
    checked = run("verify")
    assert checked.exit_code == 1
    assert checked.output.startswith(f"{cid}: {cid}: 3 bytes came that have another hash\n")
    assert isinstance(run("cat", cid).exception, BlockMissing)


@pytest.mark.parametrize("word", ["cat", "rm", "verify"])
def test_what_is_no_cid_is_refused_in_one_line(word: str) -> None:
    error = run(word, "avatar.png").exception
    assert isinstance(error, NotACid)
    assert str(error) == "'avatar.png' names no content of IPFS: it is neither a CID nor a URL"


def test_a_file_that_is_not_there_is_named(database_url: str) -> None:
    result = run("add", "--database-url", database_url, "nowhere")
    assert result.exit_code == 2
    assert "nowhere cannot be read" in result.output
