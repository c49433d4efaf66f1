"""Wire forms and structs that the tests start from."""

from typing import Any

import msgspec

from indexer.chain.blocks import Header, Log
from indexer.chain.bloom import bloom
from indexer.chain.wire import Answer
from indexer.units import Address, BlockNumber, Hash32

OURS = Address(b"\x11" * 20)
TOPIC = Hash32(b"\x22" * 32)


def h32(number: int) -> Hash32:
    return Hash32(number.to_bytes(32, "big"))


def answer(result: Any, method: str = "eth_x") -> Answer:
    return Answer(method=method, result=msgspec.Raw(msgspec.json.encode(result)))


def header(number: int, *, fork: int = 0, items: tuple[bytes, ...] = ()) -> Header:
    return Header(
        number=BlockNumber(number),
        hash=h32(1000 * fork + number),
        parent_hash=h32(1000 * fork + number - 1),
        timestamp=1_700_000_000 + 12 * number,
        logs_bloom=bloom(list(items)),
    )


def log(
    number: int = 5,
    index: int = 0,
    *,
    turn: int = 0,
    address: Address = OURS,
    block_hash: Hash32 | None = None,
    transaction: Hash32 | None = None,
    time: int | None = None,
) -> Log:
    return Log(
        address,
        (TOPIC,),
        b"",
        BlockNumber(number),
        block_hash or h32(number),
        transaction or h32(10_000 + 100 * number + turn),
        turn,
        index,
        time,
    )


def wire_log(**changes: Any) -> dict[str, Any]:
    return {
        "address": "0x" + "11" * 20,
        "topics": ["0x" + "22" * 32, "0x" + "AB" * 32],
        "data": "0x0102",
        "blockNumber": "0x5",
        "blockHash": "0x" + "05" * 32,
        "transactionHash": "0x" + "06" * 32,
        "transactionIndex": "0x0",
        "logIndex": "0x00",
        "removed": False,
    } | changes


def wire_header(**changes: Any) -> dict[str, Any]:
    return {
        "number": "0x5",
        "hash": "0x" + "05" * 32,
        "parentHash": "0x" + "04" * 32,
        "timestamp": "0x64",
        "logsBloom": "0x" + "00" * 256,
        "transactions": [],
    } | changes


def wire_transaction(**changes: Any) -> dict[str, Any]:
    return {
        "hash": "0x" + "06" * 32,
        "blockHash": "0x" + "05" * 32,
        "blockNumber": "0x5",
        "transactionIndex": "0x1",
        "from": "0x" + "aa" * 20,
        "to": "0x" + "11" * 20,
        "input": "0xdeadbeef",
        "value": hex(2**256 - 1),
    } | changes
