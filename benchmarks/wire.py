"""Blocks, transactions and logs as the JSON that a node answers, written once."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from indexer.units import Address, Hash32

TRANSACTIONS: Final = b',"transactions":['
"""What stands in a block before the hashes of its transactions, which come last."""
_ZERO32: Final = "0x" + "00" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What logs and transactions repeat of their block."""

    number: int
    hash: Hash32
    parent: Hash32
    timestamp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mined:
    """A transaction at its place; `to` is None where it created the contract `made`."""

    hash: Hash32
    index: int
    sender: Address
    to: Address | None
    input: bytes
    value: int


def placed_hash(content: bytes, place: int) -> Hash32:
    """A hash that says where its thing lies: its last 8 bytes are the place xor its first 8.

    So a node can look it up without an index of hashes; to everybody else it is random.
    """
    digest = blake2b(content, digest_size=24).digest()
    return Hash32(digest + (place ^ int.from_bytes(digest[:8], "big")).to_bytes(8, "big"))


def place_of(hash_: bytes) -> int:
    """The place that a hash names; nonsense for a hash of something else."""
    return int.from_bytes(hash_[24:], "big") ^ int.from_bytes(hash_[:8], "big")


def header(block: Block, bloom: int, transactions: Sequence[Hash32], gas: int) -> bytes:
    """A block with the hashes of its transactions."""
    hashes = ",".join(f'"0x{one.hex()}"' for one in transactions)
    return (
        f'{{"number":"{block.number:#x}","hash":"0x{block.hash.hex()}",'
        f'"parentHash":"0x{block.parent.hex()}","timestamp":"{block.timestamp:#x}",'
        f'"logsBloom":"0x{bloom:0512x}","miner":"0x{"00" * 20}","difficulty":"0x0",'
        f'"gasLimit":"0x2255100","gasUsed":"{gas:#x}","baseFeePerGas":"0x7","extraData":"0x",'
        f'"mixHash":"{_ZERO32}","nonce":"0x0000000000000000","size":"0x400",'
        f'"sha3Uncles":"{_ZERO32}","stateRoot":"{_ZERO32}","transactionsRoot":"{_ZERO32}",'
        f'"receiptsRoot":"{_ZERO32}","uncles":[]'
    ).encode() + b"%b%b]}" % (TRANSACTIONS, hashes.encode())


def transaction(block: Block, one: Mined) -> bytes:
    """A mined transaction."""
    to = "null" if one.to is None else f'"0x{one.to.hex()}"'
    return (
        f'{{"hash":"0x{one.hash.hex()}","blockHash":"0x{block.hash.hex()}",'
        f'"blockNumber":"{block.number:#x}","transactionIndex":"{one.index:#x}",'
        f'"from":"0x{one.sender.hex()}","to":{to},"input":"0x{one.input.hex()}",'
        f'"value":"{one.value:#x}","nonce":"0x0","gas":"0x100000","gasPrice":"0x8","type":"0x0",'
        '"chainId":"0x7a69","v":"0x1b","r":"0x1","s":"0x1"}'
    ).encode()


def log_frame(block: Block, one: Mined, *, timestamp: bool) -> tuple[str, str]:
    """What all logs of a transaction share: between data and log index, and after it."""
    time = f'"blockTimestamp":"{block.timestamp:#x}",' if timestamp else ""
    between = (
        f'","blockNumber":"{block.number:#x}","transactionHash":"0x{one.hash.hex()}",'
        f'"transactionIndex":"{one.index:#x}","blockHash":"0x{block.hash.hex()}",{time}"logIndex":"'
    )
    return between, '","removed":false}'


def log(
    address: Address, topics: Sequence[bytes], data: bytes, place: int, frame: tuple[str, str]
) -> bytes:
    """A log, the `place`th of its block."""
    listed = '","0x'.join(topic.hex() for topic in topics)
    return (
        f'{{"address":"0x{address.hex()}","topics":["0x{listed}"],"data":"0x{data.hex()}'
        f"{frame[0]}{place:#x}{frame[1]}"
    ).encode()
