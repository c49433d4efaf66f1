"""Our content is a real Kubo node's content. Runs where an `ipfs` is on the PATH (0.37 was tried).

The node is offline and holds what the test gives it.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from indexer.errors import ContentUnavailable
from indexer.ipfs.cid import Cid, Codec
from tests.integration.ipfs.test_providers import DATA, build_into, held, made
from tests.integration.ipfs.test_reference import files, ours
from workers.ipfs.pinner import Kept

IPFS: Final = shutil.which("ipfs")
pytestmark = pytest.mark.skipif(IPFS is None, reason="no `ipfs` on the PATH")
__all__ = ["files"]


@dataclass(frozen=True, slots=True)
class Kubo:
    """A node of its own, by its command line and its addresses."""

    home: Path
    api: str = ""
    gateway: str = ""

    def _said(self, *words: Any, given: bytes | None = None) -> bytes:
        env = {**os.environ, "IPFS_PATH": str(self.home)}
        command = [str(IPFS), *map(str, words)]
        done = subprocess.run(
            command, env=env, input=given, capture_output=True, check=True, timeout=120
        )
        return done.stdout

    def run(self, *words: Any, given: bytes | None = None) -> str:
        return self._said(*words, given=given).decode().strip()

    def cat(self, cid: Cid) -> bytes:
        return self._said("cat", cid)

    def pinned(self, cid: Cid) -> bool:
        told = self.run("pin", "ls", "--type=recursive", "--quiet")
        return str(cid) in told.split()


@pytest.fixture(scope="module")
def kubo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubo]:
    home = tmp_path_factory.mktemp("kubo")
    Kubo(home).run("init", "--profile=test")
    daemon = subprocess.Popen(
        [str(IPFS), "daemon", "--offline"],
        env={**os.environ, "IPFS_PATH": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not ((home / "api").exists() and (home / "gateway").exists()):
        assert daemon.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    _, _, host, _, port, *_ = (home / "api").read_text().strip().split("/")
    yield Kubo(home, f"http://{host}:{port}", (home / "gateway").read_text().strip())
    daemon.terminate()
    daemon.wait(timeout=30)


async def test_it_fetches_pins_verifies_and_unpins(kubo: Kubo, tmp_path: Path) -> None:
    cid = Cid.parse(kubo.run("add", "-Q", "--cid-version=1", "--pin=false", given=DATA))
    async with AsyncExitStack() as stack:
        pins = await made(stack, tmp_path, pin_backend="kubo", pin_url=kubo.api)
        for _ in range(2):
            assert isinstance(await pins.pin(cid), Kept)
        assert held(pins, cid) == DATA
        assert kubo.pinned(cid)
        for _ in range(2):
            await pins.unpin(cid)
        assert not kubo.pinned(cid)
        with pytest.raises(ContentUnavailable):
            await pins.pin(Cid.of(b"nowhere", Codec.RAW))


async def test_what_only_we_hold_is_given_to_it(kubo: Kubo, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        pins = await made(stack, tmp_path, pin_backend="kubo", pin_url=kubo.api)
        for data in (DATA[1:], b"", DATA[:7]):
            cid = build_into(pins, data)
            assert isinstance(await pins.pin(cid), Kept)
            assert kubo.pinned(cid)
            assert kubo.cat(cid) == data


async def test_its_gateway_is_one_to_fetch_from(kubo: Kubo, tmp_path: Path) -> None:
    cid = Cid.parse(kubo.run("add", "-Q", "--cid-version=1", given=DATA))
    async with AsyncExitStack() as stack:
        pins = await made(stack, tmp_path, ipfs_gateways=(kubo.gateway,))
        await pins.pin(cid)
        assert held(pins, cid) == DATA


@pytest.mark.parametrize("version", [0, 1])
def test_200_files_have_the_cids_that_it_gives_them(kubo: Kubo, files: Path, version: int) -> None:
    paths = sorted(files.iterdir())
    told = kubo.run("add", "--only-hash", "--progress=false", f"--cid-version={version}", *paths)
    theirs = {line.split()[2]: line.split()[1] for line in told.splitlines()}
    assert len(theirs) == 200
    assert {path.name: ours(path, version) for path in paths} == theirs
