"""What left the index, newest first: the undos that somebody missed, and what they took back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Row,
    any_,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy import tuple_ as tuple_of
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from api.reads.moment import Moment
from api.reads.snapshot import Reader
from indexer.db import types as t
from indexer.db.models import Projection, events, retractions, reversals, setbacks
from indexer.db.reversals import THINGS

Place = tuple[int, int]
"""Block number and log index."""
EVERYTHING: Final[Place] = (2**63 - 1, 2**31 - 1)
NUMBER: Final = {projection.name: contract for contract, projection in THINGS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """Blocks from `first` on left the index. `events` are those they carried, newest first, and
    `things` the keys of what changed by contract; of one that is not `kept` neither is known.
    """

    number: int
    first: int
    kept: bool
    events: Sequence[Row[Any]]
    things: Mapping[int, Sequence[bytes]]


async def missed(reader: Reader, after: int, place: Place = EVERYTHING) -> list[Reversal]:
    """The reversals after this number that concern events up to `place`, oldest first."""
    wanted = (reversals.c.number > after) & (reversals.c.first_block <= place[0])
    found = await reader.rows(select(reversals).where(wanted).order_by(reversals.c.number))
    numbers = [row.number for row in found if row.kept]
    gone = await _gone(reader, numbers, place) if numbers else {}
    things = await _things(reader, numbers) if numbers else {}
    return [
        Reversal(
            number=row.number,
            first=row.first_block,
            kept=row.kept,
            events=gone.get(row.number, ()),
            things=things.get(row.number, {}),
        )
        for row in found
    ]


async def _gone(
    reader: Reader, numbers: Sequence[int], place: Place
) -> Mapping[int, Sequence[Row[Any]]]:
    """Retracted events up to `place`; served by the primary key."""
    at = tuple_of(retractions.c.block_number, retractions.c.log_index)
    these = retractions.c.reversal == any_(_numbers(numbers))
    newest_first = (retractions.c.block_number.desc(), retractions.c.log_index.desc())
    query = select(retractions).where(these, at <= place).order_by(*newest_first)
    found: dict[int, list[Row[Any]]] = {}
    for row in await reader.rows(query):
        found.setdefault(row.reversal, []).append(row)
    return found


async def _things(
    reader: Reader, numbers: Sequence[int]
) -> Mapping[int, Mapping[int, Sequence[bytes]]]:
    columns = (setbacks.c.reversal, setbacks.c.contract, setbacks.c.key)
    query = select(*columns).where(setbacks.c.reversal == any_(_numbers(numbers)))
    found: dict[int, dict[int, list[bytes]]] = {}
    for row in await reader.rows(query.order_by(*columns)):
        found.setdefault(row.reversal, {}).setdefault(row.contract, []).append(row.key)
    return found


def _numbers(numbers: Sequence[int]) -> Any:
    return cast(list(numbers), ARRAY(t.Height))


async def before(reader: Reader, place: Place) -> int | None:
    """The number before the oldest kept reversal that retracted an event of this place; served by
    the primary key, once for each of them.
    """
    there = (retractions.c.block_number == place[0]) & (retractions.c.log_index == place[1])
    of_kept = retractions.join(reversals, reversals.c.number == retractions.c.reversal)
    oldest = select(func.min(retractions.c.reversal)).select_from(of_kept)
    rows = await reader.rows(oldest.where(reversals.c.kept, there))
    return None if rows[0][0] is None else int(rows[0][0]) - 1


async def forgotten(reader: Reader, place: Place) -> int | None:
    """The first block of a reversal that may have retracted an event of this place, and of which
    nothing is kept; None where there is none, or where an event stands there.
    """
    stands = select(events.c.log_index).where(
        events.c.block_number == place[0], events.c.log_index == place[1]
    )
    within = (reversals.c.first_block <= place[0]) & (reversals.c.last_block >= place[0])
    query = select(func.min(reversals.c.first_block)).where(
        ~reversals.c.kept, within, ~stands.exists()
    )
    first = (await reader.rows(query))[0][0]
    return None if first is None else int(first)


@dataclass(frozen=True, slots=True)
class Gone(Moment):
    """How things last stood that reversals number `first` to `last` took away altogether."""

    first: int = 0
    last: int = 0

    def rows(self, projection: Projection) -> FromClause:
        """The things, out of what the reversals kept; served by the primary key."""
        table, (key,) = projection.current, projection.key
        columns = (Column(c.name, c.type) for c in table.columns)
        nothing: ColumnElement[Any] = literal_column(f"NULL::{projection.name}")
        populated = func.jsonb_populate_record(nothing, setbacks.c.row)
        record = populated.table_valued(*columns, name="record").lateral()
        shown = (c if c.name != key else setbacks.c.key.label(key) for c in record.c)
        between = setbacks.c.reversal.between(self.first, self.last)
        return (
            select(*shown)
            .select_from(setbacks.join(record, true()))
            .where(between, setbacks.c.contract == NUMBER[projection.name])
            .where(setbacks.c.row.is_not(None))
            .ext(distinct_on(setbacks.c.key))
            .order_by(setbacks.c.key, setbacks.c.reversal.desc())
            .subquery(projection.name)
        )
