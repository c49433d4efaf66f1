"""The fake chain is a chain: what the tests stand on must itself stand."""

from indexer.chain.bloom import bloom, holds
from tests.fakes import FakeChain, Sent
from tests.unit.chain.samples import OURS, TOPIC

LOG = (OURS, (TOPIC,), b"data")


def test_blocks_are_linked_and_time_goes_on() -> None:
    chain = FakeChain()
    chain.mine_empty(5)
    assert len(chain) == 6
    for number in range(1, 6):
        assert chain[number].parent_hash == chain[number - 1].hash
        assert chain[number].timestamp == chain[number - 1].timestamp + 12


def test_the_same_seed_and_calls_give_the_same_hashes_and_other_seeds_others() -> None:
    def head(seed: int) -> bytes:
        chain = FakeChain(seed=seed)
        chain.mine([LOG])
        chain.fork(1)
        return chain.mine([LOG]).hash

    assert head(1) == head(1) != head(2)


def test_a_fork_has_other_blocks_and_forgets_the_old_ones() -> None:
    chain = FakeChain()
    old = [chain.mine([LOG]) for _ in range(3)]
    assert chain.fork(2).number == 1
    new = [chain.mine([LOG]) for _ in range(2)]
    assert {block.hash for block in old[1:]}.isdisjoint(block.hash for block in new)
    assert chain.by_hash(old[2].hash) is None
    assert chain.transaction(old[2].transactions[0].hash) is None
    assert new[0].parent_hash == old[0].hash


def test_a_named_transaction_keeps_its_hash_on_another_branch() -> None:
    chain = FakeChain()
    sent = Sent(to=OURS, logs=(LOG, LOG), hash=b"\x07" * 32)
    first = chain.mine(transactions=[sent])
    chain.fork(1)
    second = chain.mine([LOG], [sent])
    assert first.transactions[0].hash == second.transactions[0].hash
    assert [(log.transaction.index, log.log_index) for log in second.logs] == [
        (0, 0),
        (0, 1),
        (1, 2),
    ]


def test_the_bloom_holds_what_was_logged_as_the_yellow_paper_says() -> None:
    block = FakeChain().mine()
    assert block.logs_bloom == bytes(256)
    chain = FakeChain()
    bits = int.from_bytes(chain.mine([LOG]).logs_bloom, "big")
    assert holds(bits, OURS) and holds(bits, TOPIC) and not holds(bits, b"\x99" * 20)
    # keccak("") begins c5d2460186f7…: bits 0x5d2, 0x601, 0x6f7 of 2048.
    assert int.from_bytes(bloom([b""]), "big") == 1 << 0x5D2 | 1 << 0x601 | 1 << 0x6F7
