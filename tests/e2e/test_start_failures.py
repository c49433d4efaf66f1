"""What cannot work says so in one line, with an exit code, and nothing else."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from indexer.dev.home import Home
from indexer.dev.ports import free_port
from indexer.dev.postgres import embedded_postgres
from tests.e2e.chain import Chain
from tests.e2e.commands import dchat, environment
from tests.e2e.stack import dev_chain

Settings = dict[str, Any]
LOGGED = re.compile(r"\d{4}-\d\d-\d\dT")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home.open(tmp_path_factory.mktemp("failures") / "home")


@pytest.fixture(scope="module")
def chain(home: Home) -> Iterator[Chain]:
    with dev_chain(home, past=False) as chain:
        yield chain


@pytest.fixture(scope="module")
def settings(home: Home, chain: Chain) -> Iterator[Settings]:
    """Right ones, of an index that stands at the head."""
    with embedded_postgres(home.path) as url:
        right = {
            "home": home.path,
            "rpc_urls": chain.url,
            "deployment": chain.deployment,
            "database_url": url,
            "port": free_port(),
            "rpc_patience": 1,
        }
        assert dchat("migrate", env=environment(**right), cwd=home.path).returncode == 0
        once = dchat("index", "--once", env=environment(**right), cwd=home.path)
        assert once.returncode == 0, once.stderr
        yield right


def refused(settings: Settings, *words: str, **other: Any) -> tuple[int, str]:
    """The exit code and the one line, beside any log, in which a command says why it ends."""
    given = {**settings, **other}
    done = dchat(*words, env=environment(**given), cwd=settings["home"])
    lines = done.stderr.splitlines()
    assert done.returncode != 0, done
    told = [line for line in lines if not LOGGED.match(line)]
    assert told == lines[-1:] and told[0].startswith("dchat: "), done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, told[0]


def deployment(settings: Settings, tmp_path: Path, **changes: Any) -> Path:
    """A deployments file like the right one, but for these fields."""
    right = json.loads(Path(settings["deployment"]).read_text())
    file = tmp_path / "deployment.json"
    file.write_text(json.dumps({**right, **changes}))
    return file


def test_a_node_that_is_down_is_named(settings: Settings) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    code, line = refused(settings, "index", rpc_urls=url)
    assert code == 69 and url.removeprefix("http://") in line


def test_a_node_of_another_chain_is_named(settings: Settings, tmp_path: Path) -> None:
    code, line = refused(settings, "index", deployment=deployment(settings, tmp_path, chainId=5))
    assert code == 78 and "31337" in line and "5" in line


def test_a_database_of_another_chain_is_named(settings: Settings, home: Home) -> None:
    url = settings["database_url"]
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE cursor SET chain_id = 1")
    code, line = refused(settings, "index")
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE cursor SET chain_id = 31337")
    assert code == 78 and "chain 1" in line


def test_a_node_that_has_not_seen_the_creation_is_named(settings: Settings, tmp_path: Path) -> None:
    contracts = json.loads(Path(settings["deployment"]).read_text())["contracts"]
    later = {
        name: {"address": f"0x{n:040x}", "creationTx": f"0x{n:064x}"}
        for n, name in enumerate(contracts, 1)
    }
    file = deployment(settings, tmp_path, contracts=later)
    with psycopg.connect(settings["database_url"], autocommit=True) as connection:
        connection.execute("CREATE DATABASE behind TEMPLATE template0")
    url = settings["database_url"].rsplit("/", 1)[0] + "/behind"
    assert dchat("migrate", env=environment(database_url=url), cwd=tmp_path).returncode == 0
    _, line = refused(settings, "index", deployment=file, database_url=url)
    assert f"0x{1:064x}" in line


def test_a_node_behind_the_index_is_waited_for(settings: Settings, chain: Chain) -> None:
    """It answers, and will get there: the index keeps what it has, and `--once` says that it could
    not be audited at a block that the node does not know."""
    url = settings["database_url"]
    with psycopg.connect(url) as connection:
        before = connection.execute("SELECT block_number, block_hash FROM cursor").fetchone()
    height = chain.height
    chain.rpc("anvil_rollback", 1)
    done = dchat("index", "--once", env=environment(**settings), cwd=settings["home"])
    assert done.returncode == 66 and "not audited" in done.stderr, done.stderr
    assert "the node is behind the index" in done.stdout + done.stderr
    with psycopg.connect(url) as connection:
        after = connection.execute("SELECT block_number, block_hash FROM cursor").fetchone()
    assert before == after and chain.height == height - 1


@pytest.mark.parametrize("verb", ["index", "serve"])
def test_a_database_that_is_down_is_named(settings: Settings, verb: str) -> None:
    url = f"postgresql://postgres:secret@127.0.0.1:{free_port()}/dchat"
    code, line = refused(settings, verb, database_url=url)
    assert code == 69 and "Postgres does not answer" in line and "secret" not in line


@pytest.mark.parametrize("verb", ["index", "serve"])
def test_a_database_without_tables_names_what_mends_it(settings: Settings, verb: str) -> None:
    url = settings["database_url"].rsplit("/", 1)[0] + "/postgres"
    code, line = refused(settings, verb, database_url=url)
    assert code == 78 and "run `dchat migrate`" in line


@pytest.mark.parametrize(
    ("verb", "revision", "mends"),
    [("index", "0001", "dchat migrate"), ("serve", "9", "upgrade dchat")],
)
def test_another_schema_is_named(settings: Settings, verb: str, revision: str, mends: str) -> None:
    url = settings["database_url"]
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        connection.execute("UPDATE alembic_version SET version_num = %s", [revision])
    try:
        code, line = refused(settings, verb)
    finally:
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE alembic_version SET version_num = %s", row)
    assert code == 78 and revision in line and mends in line


def test_a_database_that_is_not_there_and_a_wrong_password_are_named(settings: Settings) -> None:
    url = settings["database_url"]
    _, line = refused(settings, "index", database_url=url.rsplit("/", 1)[0] + "/nowhere")
    assert "nowhere" in line
    _, line = refused(settings, "index", database_url=url.replace("postgres:", "postgres:x", 1))
    assert "password authentication failed" in line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "there is no file"),
        ("{not json", "can't be read"),
        ('{"chainId": "31337"}', "chainId"),
        ('{"chainId": 31337, "contracts": {"GroupChatV2": {}}}', "GroupChatV2"),
    ],
)
def test_a_deployments_file_that_is_none_is_named(
    settings: Settings, tmp_path: Path, text: str | None, says: str
) -> None:
    file = tmp_path / "deployment.json"
    if text is not None:
        file.write_text(text)
    code, line = refused(settings, "index", deployment=file)
    assert code == 78 and says in line and str(file) in line


@pytest.mark.parametrize(
    ("field", "value"),
    [("address", "0x1234"), ("startBlock", "7")],
)
def test_a_wrong_field_of_a_deployments_file_is_named(
    settings: Settings, tmp_path: Path, field: str, value: object
) -> None:
    contracts = json.loads(Path(settings["deployment"]).read_text())["contracts"]
    contracts["RedPacket"][field] = value
    file = deployment(settings, tmp_path, contracts=contracts)
    code, line = refused(settings, "index", deployment=file)
    assert code == 78 and f"RedPacket.{field}" in line


@pytest.mark.parametrize(
    ("verb", "name", "value"),
    [
        ("index", "rpc_urls", "ws://127.0.0.1:1"),
        ("index", "deployment", None),
        ("index", "max_range", "0"),
        ("serve", "port", "99999"),
        ("serve", "database_url", "mysql://x"),
    ],
)
def test_a_wrong_setting_is_named(
    settings: Settings, verb: str, name: str, value: str | None
) -> None:
    code, line = refused(settings, verb, **{name: value})
    assert code == 78 and f"DCHAT_{name.upper()}" in line
