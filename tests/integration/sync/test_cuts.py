"""Wherever a connection is cut, a long command goes on alone and a short one says so in a line.

The places are a sample, the same in each run, of all statements that a command says.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from indexer.cli import dchat
from indexer.errors import DatabaseUnavailable
from tests.fakes import FakeChain, FakeNode
from tests.integration.conftest import cloned
from tests.integration.cutting import NOWHERE, cutting
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import ADDRESSES, mine
from tests.integration.sync.replaying import SIDE, replay

REPLAY = ("replay", "--from-block", "9")
BEGINNING = 12
"""Statements with which a replay looks at what is there."""
OTHERS = """
SELECT (SELECT count(*) FROM webhooks), (SELECT count(*) FROM pin_references),
    (SELECT count(*) FROM late_indexes), (SELECT version_num FROM alembic_version)
"""
Copy = Callable[[], Any]


@pytest.fixture
async def copy(chain: FakeChain, fake: FakeNode, index: Index, postgres_url: str) -> Copy:
    """Copies of an index that a reorg left behind."""
    mine(chain, Random(800), 40)
    await follow(index, fake)
    chain.fork(6)
    mine(chain, Random(801), 9)

    @contextmanager
    def copied() -> Iterator[Index]:
        with cloned(postgres_url, index.url.rsplit("/", 1)[1]) as url:
            yield Index(url)

    return copied


@pytest.fixture
def run(fake: FakeNode, tmp_path: Path) -> Callable[..., Result]:
    """Runs a command on an index, in any thread."""
    deployment = tmp_path / "deployment.json"
    contracts = {
        contract.solidity_name: {"address": "0x" + address.hex(), "startBlock": 1}
        for contract, address in ADDRESSES.items()
    }
    deployment.write_text(json.dumps({"chainId": 31337, "contracts": contracts}))
    settings = {
        "DCHAT_RPC_URLS": fake.url,
        "DCHAT_DEPLOYMENT": str(deployment),
        "DCHAT_RPC_PATIENCE": "20",
        "DCHAT_HOME": str(tmp_path),
    }

    def run(index: Index, words: tuple[str, ...]) -> Result:
        env = {**settings, "DCHAT_DATABASE_URL": index.url}
        return CliRunner().invoke(dchat, [*words], env=env)

    return run


def found(index: Index) -> Any:
    return index.everything(), index.value(SIDE), index.rows(OTHERS)


@pytest.mark.parametrize(
    "words",
    [
        ("index", "--once"),
        (*REPLAY, "--shadow", "--swap"),
        (*REPLAY, "--refetch"),
        (*REPLAY, "--to-block", "30", "--refetch", "--shadow"),
    ],
    ids=" ".join,
)
async def test_a_long_command_goes_on_alone(
    words: tuple[str, ...], copy: Copy, run: Callable[..., Result]
) -> None:
    dice = Random(" ".join(words))

    def tried(place: int, *, commits: bool = False) -> tuple[int, Any]:
        with copy() as index, cutting(index.url, place, commits=commits) as cut:
            result = run(index, words)
            assert (result.exit_code, result.exception) == (0, None), (cut.before, result)
            assert (cut.before is None) == (place == NOWHERE)
            return cut.count, found(index)

    count, wanted = await asyncio.to_thread(tried, NOWHERE)
    for place in (dice.randrange(BEGINNING), dice.randrange(count * 9 // 10)):
        assert (await asyncio.to_thread(tried, place))[1] == wanted
    assert (await asyncio.to_thread(tried, dice.randrange(7), commits=True))[1] == wanted


@pytest.mark.parametrize(
    "words",
    [
        ("migrate",),
        ("status",),
        ("verify",),
        ("rewind", "--to-block", "20"),
        ("outbox", "list"),
        ("outbox", "retry", "--dead"),
        ("webhooks", "add", "https://example.org"),
        ("ipfs", "add", __file__),
    ],
    ids=" ".join,
)
async def test_a_short_command_says_so_and_has_done_nothing_by_half(
    words: tuple[str, ...], copy: Copy, run: Callable[..., Result]
) -> None:
    def tried() -> None:
        with copy() as index:
            with cutting(index.url) as all_:
                usual = run(index, words).exit_code
            wanted = found(index)
        with copy() as index:
            with cutting(index.url, Random(repr(words)).randrange(all_.count)) as cut:
                result = run(index, words)
            if result.exit_code != usual:
                assert isinstance(result.exception, DatabaseUnavailable), cut.before
                assert "\n" not in str(result.exception)
                assert run(index, words).exit_code == usual
            assert found(index) == wanted

    await asyncio.to_thread(tried)


async def test_a_swap_whose_end_nobody_heard_of_is_not_made_again(copy: Copy) -> None:
    with copy() as index:
        before = index.everything()
        with cutting(index.url, commits=True) as all_:
            replay(index)
        with cutting(index.url, all_.count - 1, commits=True) as cut:
            replay(index)
        assert cut.before is not None and cut.count < all_.count + 5
        assert index.value(SIDE) is None
        assert index.everything() == before
