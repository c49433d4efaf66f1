"""How a node writes blocks, logs and transactions as JSON."""

from typing import Any

import msgspec

from tests.fakes import sealing
from tests.fakes.chain import Called, FakeBlock, FakeLog, FakeTransaction

ZERO32 = "0x" + "00" * 32


def hexed(data: bytes) -> str:
    """0x and hex digits."""
    return "0x" + data.hex()


def header(block: FakeBlock) -> dict[str, Any]:
    """A block with the hashes of its transactions."""
    return {
        "number": hex(block.number),
        "hash": hexed(block.hash),
        "parentHash": hexed(block.parent_hash),
        "timestamp": hex(block.timestamp),
        "logsBloom": hexed(block.logs_bloom),
        "gasLimit": hex(sealing.GAS_LIMIT),
        "gasUsed": hex(sealing.GAS * len(block.transactions)),
        "miner": "0x" + "00" * 20,
        "difficulty": "0x0",
        "extraData": hexed(block.extra),
        "sha3Uncles": hexed(sealing.UNCLES),
        "stateRoot": ZERO32,
        "transactionsRoot": ZERO32,
        "receiptsRoot": hexed(block.receipts_root),
        "mixHash": ZERO32,
        "nonce": "0x0000000000000000",
        "baseFeePerGas": "0x7",
        "transactions": [hexed(one.hash) for one in block.transactions],
        "uncles": [],
    }


def block(block: FakeBlock) -> dict[str, Any]:
    """A block with its transactions."""
    return header(block) | {"transactions": [transaction(block, one) for one in block.transactions]}


def log(block: FakeBlock, one: FakeLog, *, timestamp: bool) -> bytes:
    """A log, already encoded, because a test may ask for 200,000 of them."""
    topics = ",".join(f'"{hexed(topic)}"' for topic in one.topics)
    time = f'"blockTimestamp":"{block.timestamp:#x}",' if timestamp else ""
    return (
        f'{{"address":"{hexed(one.address)}","topics":[{topics}],"data":"{hexed(one.data)}",{time}'
        f'"blockNumber":"{block.number:#x}","blockHash":"{hexed(block.hash)}",'
        f'"transactionHash":"{hexed(one.transaction.hash)}",'
        f'"transactionIndex":"{one.transaction.index:#x}","logIndex":"{one.log_index:#x}",'
        '"removed":false}'
    ).encode()


def transaction(block: FakeBlock, one: FakeTransaction) -> dict[str, Any]:
    """A mined transaction."""
    return {
        "hash": hexed(one.hash),
        "blockHash": hexed(block.hash),
        "blockNumber": hex(block.number),
        "transactionIndex": hex(one.index),
        "from": hexed(one.sent.sender),
        "to": None if one.sent.to is None else hexed(one.sent.to),
        "input": hexed(one.sent.input),
        "value": hex(one.sent.value),
        "nonce": "0x0",
        "type": hex(sealing.kind(one)),
    }


def receipt(block: FakeBlock, one: FakeTransaction) -> dict[str, Any]:
    """The receipt of a mined transaction, without its logs."""
    return {
        "transactionHash": hexed(one.hash),
        "blockHash": hexed(block.hash),
        "blockNumber": hex(block.number),
        "transactionIndex": hex(one.index),
        "from": hexed(one.sent.sender),
        "to": None if one.sent.to is None else hexed(one.sent.to),
        "status": "0x1",
    }


def receipts(block: FakeBlock) -> list[dict[str, Any]]:
    """The receipts of a block with all their logs."""
    return [
        receipt(block, one)
        | {
            "type": hex(sealing.kind(one)),
            "cumulativeGasUsed": hex(sealing.GAS * (one.index + 1)),
            "logsBloom": hexed(sealing.bloom(one.sent.logs)),
            "logs": [
                msgspec.json.decode(log(block, it, timestamp=False))
                for it in block.logs
                if it.transaction is one
            ],
        }
        for one in block.transactions
    ]


def trace(one: FakeTransaction) -> dict[str, Any]:
    """What Geth's callTracer tells of a transaction."""
    made = {"type": "CREATE" if one.sent.to is None else "CALL", "from": hexed(one.sent.sender)}
    calls = [_frame(call) for call in one.sent.calls]
    place = {} if one.sent.to is None else {"to": hexed(one.sent.to)}
    return made | place | {"input": hexed(one.sent.input), "gasUsed": "0x1", "calls": calls}


def _frame(call: Called) -> dict[str, Any]:
    told: dict[str, Any] = {"type": call.type, "to": hexed(call.to), "input": hexed(call.input)}
    if call.failed:
        told |= {"error": "execution reverted", "output": "0x"}
    return told | {"calls": [_frame(inner) for inner in call.calls]} if call.calls else told
