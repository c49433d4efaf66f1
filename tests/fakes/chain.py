"""An in-memory chain: blocks with logs and transactions, linked by hash, forked at will."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.fakes import sealing

LogSpec = tuple[bytes, Sequence[bytes], bytes]
"""Address, topics, data."""

GENESIS_TIME = 1_700_000_000
BLOCK_TIME = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A transaction to be mined and the logs that it emits.

    `hash` makes it the same transaction on two branches; without it each mining makes another.
    `calls` are the calls that its execution made.
    """

    to: bytes | None
    input: bytes = b""
    sender: bytes = b"\xaa" * 20
    value: int = 0
    logs: Sequence[LogSpec] = ()
    hash: bytes | None = None
    calls: Sequence["Called"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A call made by a contract, and the calls that it made in turn."""

    to: bytes
    input: bytes = b""
    type: str = "CALL"
    failed: bool = False
    calls: Sequence["Called"] = ()


@dataclass(frozen=True, slots=True)
class FakeLog:
    """A log at its place in a block."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    transaction: "FakeTransaction"
    log_index: int


@dataclass(frozen=True, slots=True)
class FakeTransaction:
    """A transaction at its place in a block."""

    hash: bytes
    index: int
    sent: Sent


@dataclass(slots=True)
class FakeBlock:
    """A mined block; `encoded` caches the JSON of its logs once they were asked for.

    Its hash is that of its header as real chains have it; `extra` makes branches differ.
    """

    number: int
    hash: bytes
    parent_hash: bytes
    timestamp: int
    logs_bloom: bytes
    transactions: tuple[FakeTransaction, ...]
    logs: tuple[FakeLog, ...]
    receipts_root: bytes
    extra: bytes
    encoded: list[bytes] | None = field(default=None, repr=False)


class FakeChain:
    """A chain that begins with an empty block 0. The same seed and calls give the same hashes.

    `block_timestamps` adds `blockTimestamp` to the logs that a node serves.
    """

    def __init__(
        self, chain_id: int = 31337, *, seed: int = 0, block_timestamps: bool = False
    ) -> None:
        self.chain_id = chain_id
        self.block_timestamps = block_timestamps
        self._salt = f"{chain_id}/{seed}".encode()
        self._branch = 0
        self._blocks: list[FakeBlock] = []
        self._by_hash: dict[bytes, FakeBlock] = {}
        self._by_transaction: dict[bytes, tuple[FakeBlock, FakeTransaction]] = {}
        self.mine()

    @property
    def head(self) -> FakeBlock:
        """The newest block."""
        return self._blocks[-1]

    def __len__(self) -> int:
        return len(self._blocks)

    def __getitem__(self, number: int) -> FakeBlock:
        return self._blocks[number]

    def block(self, number: int) -> FakeBlock | None:
        """The block of that number, None above the head."""
        return self._blocks[number] if 0 <= number < len(self._blocks) else None

    def by_hash(self, block_hash: bytes) -> FakeBlock | None:
        """The block of that hash on the present branch."""
        return self._by_hash.get(block_hash)

    def transaction(self, tx_hash: bytes) -> tuple[FakeBlock, FakeTransaction] | None:
        """The transaction of that hash on the present branch, with its block."""
        return self._by_transaction.get(tx_hash)

    def mine(
        self,
        logs: Iterable[LogSpec] = (),
        transactions: Iterable[Sent] = (),
        *,
        timestamp: int | None = None,
    ) -> FakeBlock:
        """Appends a block; each of `logs` is in a transaction of its own, after `transactions`."""
        sent = [*transactions, *(Sent(to=log[0], logs=(log,)) for log in logs)]
        number = len(self._blocks)
        parent = self._blocks[-1] if self._blocks else None
        mined = tuple(
            FakeTransaction(one.hash or self._digest(b"tx", number, index), index, one)
            for index, one in enumerate(sent)
        )
        block = FakeBlock(
            number=number,
            hash=b"",
            parent_hash=parent.hash if parent else bytes(32),
            timestamp=timestamp or (parent.timestamp + BLOCK_TIME if parent else GENESIS_TIME),
            logs_bloom=_bloom(sent),
            transactions=mined,
            logs=_placed(mined),
            receipts_root=sealing.receipts_root(mined),
            extra=self._digest(b"block", number, repr(sent), timestamp),
        )
        block.hash = sealing.block_hash(block)
        self._append(block)
        return block

    def mine_empty(self, count: int) -> FakeBlock:
        """Appends `count` blocks without anything in them; returns the last."""
        for _ in range(count):
            self.mine()
        return self.head

    def fork(self, depth: int) -> FakeBlock:
        """Drops the newest `depth` blocks; what is mined from now on has other hashes."""
        if not 0 < depth < len(self._blocks):
            raise ValueError(f"cannot drop {depth} of {len(self._blocks)} blocks")
        for block in self._blocks[-depth:]:
            del self._by_hash[block.hash]
            for one in block.transactions:
                del self._by_transaction[one.hash]
        del self._blocks[-depth:]
        self._branch += 1
        return self.head

    def _append(self, block: FakeBlock) -> None:
        self._blocks.append(block)
        self._by_hash[block.hash] = block
        for one in block.transactions:
            self._by_transaction[one.hash] = (block, one)

    def _digest(self, *parts: object) -> bytes:
        parent = self._blocks[-1].hash if self._blocks else b""
        text = repr((self._salt, self._branch, parent, parts)).encode()
        return hashlib.sha256(text).digest()


def _placed(transactions: Sequence[FakeTransaction]) -> tuple[FakeLog, ...]:
    pairs = ((one, log) for one in transactions for log in one.sent.logs)
    return tuple(
        FakeLog(log[0], tuple(log[1]), log[2], one, place) for place, (one, log) in enumerate(pairs)
    )


def _bloom(sent: Sequence[Sent]) -> bytes:
    return sealing.bloom(log for one in sent for log in one.logs)
