"""Hashes of headers and roots of receipts, recomputed from what nodes tell."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.chain.blocks import Header, Log, read_header
from indexer.chain.receipts import read_receipts
from indexer.chain.sealing import receipts_root
from indexer.chain.trie import EMPTY
from indexer.errors import BadAnswer
from indexer.units import Address, Hash32, keccak, to_hex
from tests.unit.chain import patricia
from tests.unit.chain.samples import OURS, answer, header

ZERO32, BLOOM = "0x" + "00" * 32, "0x" + "00" * 256
GENESIS: dict[str, Any] = {
    "number": "0x0",
    "hash": "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
    "parentHash": ZERO32,
    "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    "miner": "0x" + "00" * 20,
    "stateRoot": "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
    "transactionsRoot": to_hex(EMPTY),
    "receiptsRoot": to_hex(EMPTY),
    "logsBloom": BLOOM,
    "difficulty": "0x400000000",
    "gasLimit": "0x1388",
    "gasUsed": "0x0",
    "timestamp": "0x0",
    "extraData": "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
    "mixHash": ZERO32,
    "nonce": "0x0000000000000042",
}
"""Ethereum's first block."""
LATER = {
    "baseFeePerGas": "0x7",
    "withdrawalsRoot": "0x" + "01" * 32,
    "blobGasUsed": "0x0",
    "excessBlobGas": "0x20000",
    "parentBeaconBlockRoot": "0x" + "02" * 32,
    "requestsHash": "0x" + "03" * 32,
    "blockAccessListHash": "0x" + "04" * 32,
    "slotNumber": "0x5",
}
ORDER = (
    "parentHash sha3Uncles miner stateRoot transactionsRoot receiptsRoot logsBloom difficulty"
    " number gasLimit gasUsed timestamp extraData mixHash nonce"
).split()

READ = {"parentHash", "logsBloom", "number", "timestamp"}
"""Without these there is no header at all."""


def told(wire: dict[str, Any]) -> Hash32 | None:
    found = read_header(answer(wire))
    assert found is not None
    return receipts_root(answer(wire), found)


def hashed(wire: dict[str, Any]) -> dict[str, Any]:
    """The header with the hash that it must have."""
    numbers = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp"}
    numbers |= {"baseFeePerGas", "blobGasUsed", "excessBlobGas", "slotNumber"}
    fields = [
        int(wire[name], 16) if name in numbers else bytes.fromhex(wire[name][2:])
        for name in [*ORDER, *LATER]
        if name in wire
    ]
    return wire | {"hash": to_hex(keccak(patricia.encode(fields)))}


def test_the_hash_of_ethereums_first_block_is_recomputed() -> None:
    assert told(GENESIS) == EMPTY


@pytest.mark.parametrize("count", range(len(LATER) + 1))
def test_headers_of_every_fork_are_recomputed(count: int) -> None:
    wire = hashed(GENESIS | dict([*LATER.items()][:count]))
    assert told(wire) == EMPTY
    assert told(wire | {"totalDifficulty": "0x1", "withdrawals": [], "l1BlockNumber": "0x9"})


@pytest.mark.parametrize("field", [*ORDER, *LATER])
def test_a_header_of_which_anything_is_forged_is_not_proven(field: str) -> None:
    wire = hashed(GENESIS | LATER)
    digit = "1" if wire[field][-1] != "1" else "2"
    assert told(wire | {field: wire[field][:-1] + digit}) is None


@pytest.mark.parametrize("field", sorted({*ORDER} - READ))
@pytest.mark.parametrize("value", [None, 7, "", "0x", "0xzz", [], "7"])
def test_a_header_that_lacks_fields_or_makes_no_sense_is_not_proven(field: str, value: Any) -> None:
    assert told(GENESIS | {field: value}) is None
    assert told({name: text for name, text in GENESIS.items() if name != field}) is None


def receipt(kind: int = 0, *logs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "transactionHash": "0x" + "06" * 32,
        "type": hex(kind),
        "status": "0x1",
        "cumulativeGasUsed": "0x5208",
        "logsBloom": BLOOM,
        "logs": [*logs],
    } | changes


def log(address: bytes = OURS, topics: int = 1, data: str = "0x0102") -> dict[str, Any]:
    return {"address": to_hex(address), "topics": ["0x" + "22" * 32] * topics, "data": data}


def encoded(one: dict[str, Any], *extra: int) -> bytes:
    """The receipt by another implementation of RLP."""
    data = bytes.fromhex
    logs = [
        [data(it["address"][2:]), [data(topic[2:]) for topic in it["topics"]], data(it["data"][2:])]
        for it in one["logs"]
    ]
    outcome = int(one["status"], 16) if one["status"] else data(one["root"][2:])
    body = [outcome, int(one["cumulativeGasUsed"], 16), data(one["logsBloom"][2:]), logs, *extra]
    kind = int(one["type"], 16)
    return (bytes([kind]) if kind else b"") + patricia.encode(body)


def read(receipts: Any, root: bytes, block: Header | None = None) -> list[Log] | None:
    return read_receipts(answer(receipts), block or header(5), Hash32(root), {OURS})


def test_receipts_from_before_byzantium_are_proven() -> None:
    """Of Ethereum's block 46,147, the first one with a transaction."""
    told = receipt(
        root="0x96a8e009d2b88b1483e6941e6812e32263b05683fac202abc622a3e31aed1957", status=None
    )
    del told["type"]
    wanted = "fe2bf2a941abf41d72637e5b91750332a30283efd40c424dc522b77e6f0ed8c4"
    assert read([told], bytes.fromhex(wanted)) == []
    assert read([told | {"type": "0x0"}], bytes.fromhex(wanted)) == []


@given(
    st.lists(
        st.builds(
            lambda kind, failed, topics, size, logs: receipt(
                kind,
                *[log(OURS if logs % 2 else b"\x99" * 20, topics, "0x" + "ab" * size)] * logs,
                status="0x0" if failed else "0x1",
                cumulativeGasUsed=hex(21_000 + size),
            ),
            st.integers(0, 4),
            st.booleans(),
            st.integers(0, 4),
            st.integers(0, 100),
            st.integers(0, 3),
        ),
        max_size=20,
    )
)
def test_receipts_of_every_type_are_proven_and_their_logs_have_their_places(
    receipts: list[dict[str, Any]],
) -> None:
    logs = read(receipts, patricia.root([encoded(one) for one in receipts]))
    places = [(turn, log) for turn, one in enumerate(receipts) for log in one["logs"]]
    assert logs is not None
    assert [(log.transaction_index, log.log_index) for log in logs] == [
        (turn, place) for place, (turn, log) in enumerate(places) if log["address"] == to_hex(OURS)
    ]
    assert {(log.block_number, log.block_timestamp) for log in logs} <= {(5, header(5).timestamp)}


def test_deposits_of_the_op_stack_are_proven_before_and_since_canyon() -> None:
    plain = receipt(0x7E, log(), depositNonce="0x7")
    assert read([plain], patricia.root([encoded(plain)]))
    canyon = plain | {"depositReceiptVersion": "0x1"}
    assert read([canyon], patricia.root([encoded(canyon, 7, 1)]))


def test_receipts_with_other_logs_than_the_header_names_are_refused() -> None:
    receipts = [receipt(2, log(), log(topics=2)), receipt(0, log())]
    root = patricia.root([encoded(one) for one in receipts])
    assert len(read(receipts, root) or ()) == 3
    forged = [
        receipts[:1],
        receipts[::-1],
        [receipts[0] | {"logs": [log()]}, receipts[1]],
        [receipts[0] | {"logs": [log(topics=2), log()]}, receipts[1]],
        [receipts[0], receipts[1] | {"logs": [log(data="0x0103")]}],
        [receipts[0], receipts[1] | {"status": "0x0"}],
        [],
    ]
    for one in forged:
        with pytest.raises(ValueError, match="not those that the block's header names"):
            read(one, root)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cumulativeGasUsed", None),
        ("cumulativeGasUsed", "1"),
        ("logsBloom", "0x00"),
        ("logs", None),
        ("logs", [{"address": "0x11", "topics": [], "data": "0x"}]),
        ("logs", [{"address": "0x" + "11" * 20, "topics": ["0x22"], "data": "0x"}]),
        ("logs", [{"address": "0x" + "11" * 20, "topics": [], "data": "0x1"}]),
        ("type", "0x80"),
        ("type", "deposit"),
        ("status", None),
        ("transactionHash", None),
    ],
)
def test_receipts_that_make_no_sense_are_refused(field: str, value: Any) -> None:
    with pytest.raises((ValueError, BadAnswer)):
        read([receipt(0, log(), **{field: value})], bytes(32))


def test_a_node_may_have_no_receipts_and_a_block_none() -> None:
    assert read(None, bytes(32)) is None
    assert read([], EMPTY) == []


def test_an_address_of_ours_is_compared_as_bytes() -> None:
    one = receipt(2, log() | {"address": "0x" + "AB" * 20})
    root = Hash32(patricia.root([encoded(one)]))
    found = read_receipts(answer([one]), header(5), root, {Address(b"\xab" * 20)})
    assert found is not None and len(found) == 1
