"""The synthetic chain is a chain, and the same one from the same seed."""

from errno import ENOSPC
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from eth_abi.abi import encode

from benchmarks.abi import calldata_of, log_of
from benchmarks.archive import Writer
from benchmarks.chain import BLOCK_TIME, Recipe, chain
from indexer.chain.validate import check_block, check_links, check_logs
from indexer.events.calls.group_payment import CreateAAPayment
from indexer.events.definitions import Contract
from indexer.events.definitions.group_chat import GroupCreated
from indexer.units import Address, BlockNumber, Hash32
from tests.unit.benchmarks.history import History

TINY = Recipe(seed=3, events=400, per_block=20, night=5)


def digests(folder: Path) -> dict[str, str]:
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    first, second = chain(TINY, tmp_path / "a"), chain(TINY, tmp_path / "b")
    assert digests(first) == digests(second)


def test_another_seed_makes_another_chain(tmp_path: Path) -> None:
    first, second = chain(TINY, tmp_path), chain(Recipe(seed=4, events=400, night=5), tmp_path)
    assert digests(first)["logs"] != digests(second)["logs"]


def test_a_chain_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    folder = chain(TINY, tmp_path)
    (folder / "marked").touch()
    assert (chain(TINY, tmp_path) / "marked").exists()


def test_a_chain_that_was_not_finished_is_made_again(tmp_path: Path) -> None:
    folder = chain(TINY, tmp_path)
    whole = digests(folder)
    (folder / "meta.json").unlink()
    (folder / "logs").write_bytes(b"half")
    assert digests(chain(TINY, tmp_path)) == whole


@pytest.mark.parametrize(
    "name", ["headers", "logs", "transactions", "blocks", "places", "meta.json", "deployment.json"]
)
def test_a_chain_that_lost_something_is_made_again(tmp_path: Path, name: str) -> None:
    folder = chain(TINY, tmp_path)
    kept = digests(folder)
    (folder / name).write_bytes((folder / name).read_bytes()[:-9])
    if name == "deployment.json":
        (folder / name).unlink()
    assert digests(chain(TINY, tmp_path)) == kept


def test_nothing_is_left_of_a_chain_that_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(ENOSPC, "no space left on device")

    monkeypatch.setattr(Writer, "finish", full)
    with pytest.raises(OSError, match="no space left"):
        chain(TINY, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_has_the_events_that_were_asked_for(history: History) -> None:
    assert 6_000 <= len(history.told) == history.archive.meta.events < 6_050


def test_blocks_are_linked_and_12_seconds_apart(history: History) -> None:
    check_links(history.headers)
    times = [header.timestamp for header in history.headers]
    assert {later - earlier for earlier, later in pairwise(times)} == {BLOCK_TIME}


def test_logs_pass_every_check_of_the_indexer(history: History) -> None:
    logs = [one.log for one in history.told]
    ours = {history.archive.meta.address(contract) for contract in Contract}
    check_logs(logs, BlockNumber(0), BlockNumber(history.archive.head), ours)
    by_block: dict[int, list[object]] = {}
    for log in logs:
        by_block.setdefault(log.block_number, []).append(log)
    for header in history.headers:
        check_block(header, by_block.get(header.number, []))  # type: ignore[arg-type]


def test_logs_carry_the_time_of_their_block_unless_told_otherwise(
    history: History, tmp_path: Path
) -> None:
    for one in history.told:
        assert one.log.block_timestamp == history.headers[one.log.block_number].timestamp
    untimed = History(chain(Recipe(events=100, night=0, timestamps=False), tmp_path))
    assert {one.log.block_timestamp for one in untimed.told} == {None}


def test_some_blocks_are_empty_and_some_transactions_emit_many_logs(history: History) -> None:
    full = {one.log.block_number for one in history.told}
    busy = range(min(full), 50)
    assert 0 < sum(number not in full for number in busy) < len(busy) / 2
    assert len(history.told) > len(history.transactions)


@pytest.mark.parametrize("name", [b"", b"a", b"\xff" * 32, "麻将之夜".encode() * 9])
def test_event_data_is_what_eth_abi_writes(name: bytes) -> None:
    event = GroupCreated(Hash32(b"\x01" * 32), name, Address(b"\x02" * 20), 2**255 + 1)
    topics, data = log_of(event)
    assert topics[1:] == [b"\x01" * 32, bytes(12) + b"\x02" * 20]
    assert data == encode(["bytes", "uint256"], [name, 2**255 + 1])


def test_calldata_is_what_eth_abi_writes() -> None:
    people = (Address(b"\x02" * 20), Address(b"\x03" * 20))
    call = CreateAAPayment(b"group_1", 5, people, b"lunch", 9)
    types = ["bytes", "uint256", "address[]", "bytes", "uint256"]
    values = [b"group_1", 5, ["0x" + one.hex() for one in people], b"lunch", 9]
    assert calldata_of(call)[4:] == encode(types, values)
