"""Where the index stands, its blocks, and the events themselves."""

from datetime import datetime
from functools import cached_property
from typing import Any, Self

import strawberry
from strawberry.scalars import JSON

from api.errors import unavailable
from api.limits import int32
from api.reads import chain
from api.reads.events import UNKNOWN
from api.reads.view import View
from api.scalars import BigInt
from api.types.field import field
from api.types.inputs import Contract, Finality
from api.types.node import Node
from indexer import __version__
from indexer.events import definitions
from indexer.events.decode import SPECS, arguments, decode
from indexer.units import Address, Hash32, to_hex


@strawberry.type
class Block:
    number: int
    hash: Hash32
    timestamp: datetime

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(number=int32(row.number), hash=Hash32(row.hash), timestamp=row.timestamp)


@strawberry.type
class ContractDeployment:
    contract: Contract
    address: Address
    start_block: int


@strawberry.type(
    description="Where the index stands. Answers from this very transaction's snapshot, never from "
    "a cache."
)
class Meta:
    view: strawberry.Private[View]
    row: strawberry.Private[Any]
    chain_id: int
    block: Block | None = strawberry.field(
        description="Last block whose events are fully indexed; null before the first one."
    )
    head_block: int | None = strawberry.field(
        description="Newest block that the node has announced."
    )
    safe_block: int | None
    finalized_block: int | None
    synced: bool = strawberry.field(
        description="False while the index is still catching up with history."
    )
    event_count: BigInt
    reorg_count: int
    version: str

    @field
    def lag(self) -> int | None:
        """headBlock - block.number"""
        if self.head_block is None:
            return None
        return int32(max(0, self.row.head_block - self.row.block_number))

    @field
    async def contracts(self) -> list[ContractDeployment]:
        return [
            ContractDeployment(
                contract=Contract(row.contract),
                address=Address(row.address),
                start_block=int32(row.start_block),
            )
            for row in await chain.deployments(self.view)
        ]

    @classmethod
    async def of(cls, view: View) -> Self:
        """Raises SERVICE_UNAVAILABLE before the indexer's first start."""
        row = await chain.position(view)
        if row is None:
            raise unavailable("nothing is indexed yet; start the indexer with `dchat index`")
        return cls(
            view=view,
            row=row,
            chain_id=int32(row.chain_id),
            block=_newest(row),
            head_block=_height(row.head_block),
            safe_block=_height(row.safe_block),
            finalized_block=_height(row.finalized_block),
            synced=row.synced,
            event_count=BigInt(row.event_count),
            reorg_count=int32(row.reorg_count),
            version=__version__,
        )


def _newest(row: Any) -> Block | None:
    if row.block_hash is None:
        return None
    number = int32(row.block_number)
    return Block(number=number, hash=Hash32(row.block_hash), timestamp=row.block_timestamp)


def _height(value: int | None) -> int | None:
    return None if value is None else int32(value)


@strawberry.type(description="One decoded log. `id` is `<block number>-<log index>`.")
class Event(Node):
    view: strawberry.Private[View]
    row: strawberry.Private[Any]
    known_block: strawberry.Private[Block | None]
    retracted: strawberry.Private[bool]
    contract: Contract
    transaction_hash: Hash32
    transaction_index: int
    log_index: int

    @cached_property
    def decoded(self) -> definitions.Event | None:
        """What the log says; None where nobody could decode it."""
        if not self.row.decoded:
            return None
        contract = definitions.Contract(self.row.contract)
        return decode(contract, topics_of(self.row), self.row.data)

    @field
    def name(self) -> str:
        """Solidity name, e.g. RedPacketClaimed; `Unknown` where nobody could decode it."""
        return name_of(self.decoded)

    @field
    def args(self) -> JSON:
        """Decoded arguments by Solidity name; integers are decimal strings, bytes are hex; an
        indexed string is its keccak-256. An undecoded event has its `topics` and `data`.
        """
        return JSON(arguments_of(self.decoded, self.row))

    @field
    async def block(self) -> Block:
        if self.known_block is not None:
            return self.known_block
        return Block.of(await chain.BLOCK.row(self.view, self.row.block_number))

    @field
    async def finality(self) -> Finality:
        """LATEST for what a reorg took back."""
        if self.retracted:
            return Finality.LATEST
        return finality(self.row.block_number, await chain.position(self.view))

    @classmethod
    def of(
        cls, view: View, row: Any, *, block: Block | None = None, retracted: bool = False
    ) -> Self:
        """`block`: the event's, where it was read together with it."""
        return cls(
            id=strawberry.ID(f"{row.block_number}-{row.log_index}"),
            view=view,
            row=row,
            contract=Contract(row.contract),
            transaction_hash=Hash32(row.transaction_hash),
            transaction_index=row.transaction_index,
            log_index=row.log_index,
            known_block=block,
            retracted=retracted,
        )

    @classmethod
    def gone(cls, view: View, row: Any) -> Self:
        """An event that left the index, with the block that it was in."""
        block = Block(
            number=int32(row.block_number),
            hash=Hash32(row.block_hash),
            timestamp=row.block_timestamp,
        )
        return cls.of(view, row, block=block, retracted=True)


def name_of(event: definitions.Event | None) -> str:
    """The Solidity name of an event that was decoded, or not."""
    return UNKNOWN if event is None else SPECS[type(event)].name


def arguments_of(event: definitions.Event | None, row: Any) -> dict[str, Any]:
    """The arguments of an event; topics and data of a row that nobody could decode."""
    if event is not None:
        return dict(arguments(event))
    return {"topics": [to_hex(topic) for topic in topics_of(row)], "data": to_hex(row.data)}


def finality(number: int, cursor: Any) -> Finality:
    """How settled a block is, by what the node last said."""
    if cursor is None:
        return Finality.LATEST
    if cursor.finalized_block is not None and number <= cursor.finalized_block:
        return Finality.FINALIZED
    if cursor.safe_block is not None and number <= cursor.safe_block:
        return Finality.SAFE
    return Finality.LATEST


def topics_of(row: Any) -> list[bytes]:
    """The topics that the log has, in order."""
    topics = (row.topic0, row.topic1, row.topic2, row.topic3)
    return [topic for topic in topics if topic is not None]
