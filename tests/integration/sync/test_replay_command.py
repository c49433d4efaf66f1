"""`dchat replay` and `dchat rewind` as people run them."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from indexer.cli import dchat
from indexer.errors import BadAnswer, Busy, Fatal
from indexer.sync import backfill
from indexer.sync.batch import Batch
from indexer.sync.shadow import Shadow
from indexer.sync.store import Store
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, Rows, follow
from tests.integration.sync.histories import ADDRESSES, mine
from tests.integration.sync.replaying import SIDE

NewIndex = Callable[[], Index]
Run = Callable[..., Any]


@pytest.fixture
def run(index: Index, fake: FakeNode, tmp_path: Path) -> Run:
    """Runs a command on the index and the node."""
    deployment = tmp_path / "deployment.json"
    contracts = {
        contract.solidity_name: {"address": "0x" + address.hex(), "startBlock": 1}
        for contract, address in ADDRESSES.items()
    }
    deployment.write_text(json.dumps({"chainId": 31337, "contracts": contracts}))
    settings = {
        "DCHAT_DATABASE_URL": index.url,
        "DCHAT_RPC_URLS": fake.url,
        "DCHAT_DEPLOYMENT": str(deployment),
        "DCHAT_RPC_PATIENCE": "5",
    }

    async def run(*words: str, **more: str) -> Result:
        """Raises what the command does; the exit code is that of a command that ends."""
        asked = [*words]
        invoke = CliRunner().invoke
        result = await asyncio.to_thread(invoke, dchat, asked, env={**settings, **more})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
async def indexed(chain: FakeChain, fake: FakeNode, index: Index) -> Index:
    mine(chain, Random(700), 60)
    await follow(index, fake)
    return index


async def test_a_replay_needs_no_node_and_serves_what_it_made(indexed: Index, run: Run) -> None:
    before = indexed.everything()
    damage(indexed)
    result = await run("replay", "--from-block", "1", DCHAT_RPC_URLS="", DCHAT_DEPLOYMENT="")
    assert result.exit_code == 0
    assert indexed.everything() == before


async def test_a_shadow_says_whether_all_is_equal_and_swaps_when_told_to(
    indexed: Index, run: Run
) -> None:
    before = indexed.everything()
    result = await run("replay", "--from-block", "9", "--shadow")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split() == ["table", "served", "derived", "digest"]
    assert result.stdout.splitlines()[-1] == "block 60: all equal"
    assert indexed.value(SIDE) is None
    damage(indexed)
    result = await run("replay", "--from-block", "1", "--shadow")
    assert result.exit_code == 1
    assert "block 60: 2 tables differ\nwhat was derived is kept" in result.stdout
    assert indexed.everything() != before
    result = await run("replay", "--from-block", "1", "--shadow", "--swap")
    assert result.exit_code == 0
    assert result.stdout.endswith("what was derived is served\n")
    assert indexed.everything() == before


async def test_an_interrupted_replay_says_how_it_goes_on_and_so_does_the_status(
    indexed: Index, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Shadow, "finish", interrupted)
        result = await run("replay", "--from-block", "9")
    assert "interrupted: the same command goes on from here" in result.stderr
    told = (await run("status")).stdout
    assert "replay     from block 9 to 60, in schema dchat_side: not served (yet)\n" in told
    await run("replay", "--from-block", "9")
    assert "replay  " not in (await run("status")).stdout


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def damage(index: Index) -> None:
    with psycopg.connect(index.url, autocommit=True) as db:
        db.execute("DELETE FROM members")
        db.execute("UPDATE payments SET collected_amount = 7")


async def test_facts_that_are_lost_or_wrong_are_fetched_anew(
    indexed: Index, run: Run, fake: FakeNode, new_index: NewIndex
) -> None:
    await follow(other := new_index(), fake)
    with psycopg.connect(indexed.url, autocommit=True) as db:
        db.execute("DELETE FROM events WHERE block_number > 20 AND log_index = 1")
        db.execute("UPDATE events SET input = NULL WHERE block_number > 20")
        db.execute(
            "UPDATE cursor SET (event_count, undecoded_count) ="
            " (SELECT count(*), count(*) FILTER (WHERE NOT decoded) FROM events)"
        )
    reorgs = indexed.value("SELECT reorg_count FROM cursor")
    result = await run("replay", "--from-block", "21", "--refetch", "--to-block", "40")
    assert result.exit_code == 0
    assert indexed.block() == 40
    assert indexed.value("SELECT reorg_count FROM cursor") == reorgs + 1
    await run("index", "--once")
    assert indexed.everything() == other.everything()


async def test_a_refetch_that_is_interrupted_goes_on_with_the_index(
    indexed: Index,
    run: Run,
    chain: FakeChain,
    fake: FakeNode,
    new_index: NewIndex,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine(chain, Random(701), 60)
    await follow(indexed, fake)
    honest, calls = Store.write, 0

    def interrupted(self: Store, *given: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise RuntimeError("interrupted")
        honest(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "write", interrupted)
        with pytest.raises(RuntimeError, match="interrupted"):
            await run("replay", "--from-block", "5", "--refetch", "--max-range", "10")
    assert 5 < indexed.block() < 120
    await run("index", "--once")
    await follow(other := new_index(), fake)
    assert indexed.everything() == other.everything()


async def test_fetched_facts_are_compared_with_the_stored_ones_beside_an_indexer(
    indexed: Index, run: Run, chain: FakeChain, fake: FakeNode
) -> None:
    mine(chain, Random(702), 60)
    await follow(indexed, fake)
    leader = Store(indexed.url)
    try:
        assert leader.lead()
        result = await run("replay", "--from-block", "30", "--refetch", "--shadow")
        assert result.exit_code == 0
        assert result.stdout.splitlines()[1].split()[0] == "events"
        assert indexed.value(SIDE) is None
        block = indexed.value("SELECT min(block_number) FROM events WHERE block_number > 40")
        before = damaged(indexed, f"transaction_index = 99 WHERE block_number = {block}")
        result = await run(
            "replay", "--from-block", "30", "--to-block", "70", "--refetch", "--shadow"
        )
    finally:
        leader.close()
    assert result.exit_code == 1
    assert f"  {block} 0: transaction_index\n" in result.stdout
    assert "what was derived is kept: --refetch without --shadow serves it" in result.stdout
    assert indexed.everything() == before
    result = await run("replay", "--from-block", "30", "--shadow")
    assert (result.exit_code, indexed.value(SIDE)) == (0, None)


def damaged(index: Index, change: str) -> Rows:
    with psycopg.connect(index.url, autocommit=True) as db:
        db.execute(f"UPDATE events SET {change}".encode())
    return index.everything()


async def test_fetching_beside_goes_on_where_it_was_interrupted(
    indexed: Index, run: Run, chain: FakeChain, fake: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine(chain, Random(703), 140)
    await follow(indexed, fake)
    words = ("replay", "--from-block", "1", "--refetch", "--shadow", "--max-range", "20")
    honest, calls = Shadow.keep, 0

    def interrupted(self: Shadow, batch: Batch) -> None:
        nonlocal calls
        calls += 1
        if calls > 3:
            raise RuntimeError("interrupted")
        honest(self, batch)

    with monkeypatch.context() as patched:
        patched.setattr(Shadow, "keep", interrupted)
        patched.setattr(backfill, "TOGETHER", 0)  # however fast they come, batch by batch
        with pytest.raises(RuntimeError, match="interrupted"):
            await run(*words)
    fetched = indexed.value("SELECT fetched_block FROM dchat_side.progress")
    assert 0 < fetched < 200
    fake.methods.clear()
    result = await run(*words)
    assert result.exit_code == 0, result.stdout


async def test_a_node_on_another_fork_is_not_compared_with(
    indexed: Index, run: Run, chain: FakeChain
) -> None:
    chain.fork(5)
    mine(chain, Random(704), 10)
    with pytest.raises(BadAnswer, match="block 60 is not the index's: they are on different forks"):
        await run("replay", "--from-block", "1", "--refetch", "--shadow", DCHAT_RPC_PATIENCE="1")


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("DCHAT_RPC_URLS", "", "DCHAT_RPC_URLS is not set"),
        ("DCHAT_DEPLOYMENT", "sepolia", "is of chain 31337, and chain 11155111 is wanted"),
    ],
)
async def test_nothing_is_taken_back_before_it_is_known_that_it_can_be_fetched(
    setting: str, value: str, words: str, indexed: Index, run: Run
) -> None:
    with pytest.raises(Fatal, match=words):
        await run("replay", "--from-block", "5", "--refetch", **{setting: value})
    assert indexed.block() == 60


@pytest.mark.parametrize(
    "words", [("replay", "--from-block", "5", "--refetch"), ("rewind", "--to-block", "5")]
)
async def test_what_takes_back_refuses_beside_an_indexer(
    words: tuple[str, ...], indexed: Index, run: Run
) -> None:
    leader = Store(indexed.url)
    try:
        assert leader.lead()
        with pytest.raises(Busy) as refused:
            await run(*words)
    finally:
        leader.close()
    assert refused.value.exit_code == 75
    assert indexed.block() == 60


async def test_rewinding_says_where_the_index_stands_then(
    indexed: Index, run: Run, chain: FakeChain
) -> None:
    result = await run("rewind", "--to-block", "33")
    assert result.exit_code == 0
    assert "events of blocks 34 to 60 taken back; the index stands at block 33" in result.stdout
    assert chain[33].hash.hex() in result.stdout
    assert indexed.block() == 33


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--swap",), "--swap goes with --shadow"),
        (("--to-block", "4"), "--to-block 4 is before --from-block 5"),
        (("--refetch", "--shadow", "--swap"), "--swap goes with stored facts"),
    ],
)
async def test_flags_that_contradict_each_other_are_a_wrong_command_line(
    words: tuple[str, ...], said: str, run: Run, index: Index
) -> None:
    result = await run("replay", "--from-block", "5", *words)
    assert result.exit_code == 2
    assert said in result.stderr
