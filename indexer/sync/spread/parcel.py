"""Stretches on their way between processes, as MessagePack.

What is read back is checked for its types and places. Facts do not travel: they are read from the
rows, as in a replay, so what is folded is what is stored, whoever sent it.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import msgspec

from indexer.db.completeness import Range
from indexer.errors import BadAnswer, RangeTooLarge
from indexer.events.causes import Source
from indexer.events.definitions import Contract
from indexer.projections.world import Fact
from indexer.sync.batch import Batch, Block
from indexer.sync.stored import fact
from indexer.units import Address, BlockNumber, Hash32

MOST: Final = 64 << 20
"""Bytes of one answer; what is larger is asked for in smaller stretches."""


class Row(NamedTuple):
    """A row of `events`."""

    block_number: int
    log_index: int
    transaction_index: int
    transaction_hash: bytes
    contract: Contract
    topic0: bytes | None
    topic1: bytes | None
    topic2: bytes | None
    topic3: bytes | None
    data: bytes
    decoded: bool
    input: bytes | None
    input_source: Source | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The blocks `first` to `last` of a chain, whose logs, and within how many seconds."""

    chain_id: int
    contracts: tuple[tuple[Address, Contract], ...]
    cross_check: bool
    seconds: float
    first: BlockNumber = BlockNumber(0)
    last: BlockNumber = BlockNumber(0)

    def at(self, first: BlockNumber, last: BlockNumber) -> "Wanted":
        """The same of other blocks."""
        return msgspec.structs.replace(self, first=first, last=last)


class Given(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag=True, gc=False):
    """What a stretch holds; the fields are those of a batch."""

    parent: Hash32
    last: Block
    blocks: list[Block]
    events: list[Row]
    proofs: list[Range]


class TooWide(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """Nodes refuse so many blocks or logs at once, or they are too many to be sent."""

    cause: str
    suggested: int | None = None
    certain: bool = True


class Failed(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag=True):
    """It could not be fetched there."""

    cause: str


Answer = Given | TooWide | Failed
_ENCODER: Final = msgspec.msgpack.Encoder()
_WANTED: Final = msgspec.msgpack.Decoder(Wanted)
_ANSWER: Final = msgspec.msgpack.Decoder(Given | TooWide | Failed)


def asked(wanted: Wanted) -> bytes:
    return _ENCODER.encode(wanted)


def wanted(message: bytes) -> Wanted:
    """What is asked for. Raises BadAnswer."""
    try:
        return _WANTED.decode(message)
    except msgspec.DecodeError as error:
        raise BadAnswer(f"an indexer of another version asks: {error}") from None


def packed(batch: Batch) -> bytes:
    """The batch as an answer, or that it is too large for one."""
    given = Given(
        parent=batch.parent,
        last=batch.last,
        blocks=[*batch.blocks],
        events=[Row(*event) for event in batch.events],
        proofs=[*batch.proofs],
    )
    message = _ENCODER.encode(given)
    if len(message) <= MOST:
        return message
    return refusal(TooWide(cause=f"{len(message)} bytes are too many at once", certain=False))


def refusal(answer: TooWide | Failed) -> bytes:
    return _ENCODER.encode(answer)


def unpacked(message: bytes, wanted: Wanted) -> Batch:
    """The batch that answers it. Raises BadAnswer, and RangeTooLarge where it is too wide."""
    try:
        answer: Answer = _ANSWER.decode(message)
    except msgspec.DecodeError as error:
        raise BadAnswer(f"a worker of another version answers: {error}") from None
    match answer:
        case TooWide():
            raise RangeTooLarge(answer.cause, suggested=answer.suggested, certain=answer.certain)
        case Failed():
            raise BadAnswer(answer.cause)
        case Given():
            if not _fits(answer, wanted):
                raise BadAnswer("a worker gives another stretch than was asked for")
            return _batch(answer, wanted.first)


def _fits(given: Given, wanted: Wanted) -> bool:
    """Whether it is about the blocks that were asked for, each thing in its order."""
    first, last = wanted.first, wanted.last
    numbers = [block.number for block in given.blocks]
    places = [(row.block_number, row.log_index) for row in given.events]
    return (
        given.last.number == last
        and given.blocks[-1:] == [given.last]
        and _ascend(numbers)
        and _ascend(places)
        and first <= numbers[0]
        and {number for number, _ in places} <= {*numbers}
        and [*_covered(given.proofs)] == [(first, last)]
    )


def _ascend(places: Sequence[Any]) -> bool:
    return all(one < two for one, two in pairwise(places))


def _covered(proofs: Sequence[Range]) -> Iterator[tuple[int, int]]:
    """The proofs as one range, if they leave nothing out and overlap nowhere."""
    if proofs and all(two.first == one.last + 1 for one, two in pairwise(proofs)):
        yield proofs[0].first, proofs[-1].last


def _batch(given: Given, first: BlockNumber) -> Batch:
    return Batch(
        first=first,
        parent=given.parent,
        last=given.last,
        blocks=given.blocks,
        events=given.events,
        facts=[one for row in given.events if (one := _fact(row)) is not None],
        proofs=given.proofs,
    )


def _fact(row: Row) -> Fact | None:
    place = row.block_number, row.log_index, row.transaction_index
    topics = row.topic0, row.topic1, row.topic2, row.topic3
    made = fact(*place, row.contract, *topics, row.data, row.input, row.input_source, row.decoded)
    if (made is not None) is not row.decoded:
        raise BadAnswer(f"a worker of another version decodes log {place[1]} of block {place[0]}")
    return made
