"""Sums of what the index holds: kept ones of older blocks, and what the others add to them."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, column, func, literal_column, select, text, true
from sqlalchemy.sql.expression import ColumnElement

from api.paging import BIGINT_MAX
from api.reads.common import seconds
from api.reads.moment import Moment
from api.reads.view import View
from indexer.db.models import PAYMENTS, RED_PACKETS, Projection, Subject
from indexer.db.tallies import BY_DAY, GAPS, VERSIONS, in_range

Rows = Sequence[Row[Any]]
NOTHING: Final[Rows] = ()
KEPT: Final = """
SELECT day, kind, status, due, n, amount, other, best FROM tallies
WHERE subject = {subject} AND last_block <= {last} AND {days}
UNION ALL
SELECT s.* FROM ({gaps}) AS r CROSS JOIN LATERAL ({range}) AS s WHERE {days}
"""
"""Served by tallies_subject_last_block_idx; what is not kept is read as `tallies.RANGE` says."""
SUMS: Final = """
SELECT {by}, sum(n)::bigint AS n, sum(amount) AS amount, sum(other) AS other, max(best) AS best
FROM ({figures}) AS f GROUP BY {by}
"""
OWNERS: Final = {Subject.GROUP: ("t.key", "h.key"), Subject.MEMBER: ("t.group_key", "h.group_key")}
"""Where a version, and a past one, says which group it is of."""
TOTAL: Final = "kind, status, due"
DAILY: Final = "day, kind, status"
MEASURES: Final = "n, amount, other, best"


async def totals(view: View, subject: Subject, group: bytes | None) -> Rows:
    """What stands, by kind, status and day on which it is due: of a group, or of everything."""
    block, key = view.moment.block, (subject, "totals")
    if group is None:
        statement = _selected(_everything(subject, block, "true"), TOTAL)
        return await view.single(key, lambda: statement)
    figures = VERSIONS[subject].format(**_standing(subject, block))
    return await _of_group(view, key, _selected(figures, TOTAL), group)


async def daily(view: View, subject: Subject, group: bytes | None, first: date, last: date) -> Rows:
    """What changed on each of these days, by kind and status."""
    block, key = view.moment.block, (subject, first, last)
    days = f"day BETWEEN '{first.isoformat()}' AND '{last.isoformat()}'"
    if group is None:
        statement = _selected(_everything(subject, block, days), DAILY)
        return await view.single(key, lambda: statement)
    versions = VERSIONS[subject].format(**_changing(subject, block))
    figures = f"SELECT * FROM ({BY_DAY.format(versions=versions)}) AS d WHERE {days}"
    return await _of_group(view, key, _selected(figures, DAILY), group)


async def _of_group(view: View, key: object, statement: Select[Any], group: bytes) -> Rows:
    return await view.batched(("group", key), lambda _keys: statement, _same, NOTHING)(group)


def _same(rows: Rows) -> Rows:
    return rows


def _selected(figures: str, by: str) -> Select[Any]:
    names = f"{by}, {MEASURES}".split(", ")
    summed = text(SUMS.format(by=by, figures=figures)).columns(*map(column, names))
    return select(summed.subquery("sums"))


def _everything(subject: Subject, block: int | None, days: str) -> str:
    last = str(BIGINT_MAX if block is None else block)
    return KEPT.format(
        subject=subject.value,
        last=last,
        days=days,
        gaps=GAPS.format(last=last),
        range=in_range(subject, "r.first_block", "r.last_block"),
    )


def _standing(subject: Subject, block: int | None) -> dict[str, str]:
    """Which versions of a group's things stand; served by the indexes on the group's key."""
    now, past = _owned(subject)
    if block is None:
        return {"current": now, "began": "false", "ended": "false"}
    stood = f"{past} AND h.updated_block <= {block} AND h.until_block > {block}"
    return {"current": f"{now} AND {_began(subject)} <= {block}", "began": stood, "ended": "false"}


def _changing(subject: Subject, block: int | None) -> dict[str, str]:
    """All versions of a group's things, as they began and as they ended."""
    last = BIGINT_MAX if block is None else block
    now, past = _owned(subject)
    return {
        "current": f"{now} AND {_began(subject)} <= {last}",
        "began": f"{past} AND h.updated_block <= {last}",
        "ended": f"{past} AND h.until_block <= {last}",
    }


def _owned(subject: Subject) -> tuple[str, str]:
    now, past = OWNERS.get(subject, ("t.group_key", "t.group_key"))
    return f"{now} = key0", f"{past} = key0"


def _began(subject: Subject) -> str:
    return "c.created_block" if subject is Subject.CLAIM else "t.updated_block"


async def clock(view: View) -> datetime | None:
    """The time of the newest block at the view's moment."""
    rows = await view.single("clock", lambda: select(view.moment.clock.label("clock")))
    time: datetime | None = rows[0].clock if rows else None
    return time


async def overdue(view: View, subject: Subject, group: bytes | None) -> Rows:
    """What became due on the clock's own day, by kind: tallies know but the day."""
    statement = _overdue(view.moment, *DUE[subject])
    if group is None:
        return await view.single((subject, "overdue"), lambda: statement(true()))
    owned = statement(column("group_key") == literal_column("key0"))
    return await _of_group(view, (subject, "overdue"), owned, group)


DUE: Final = {
    Subject.PAYMENT: (PAYMENTS, "deadline_seconds", "target_amount", "collected_amount"),
    Subject.RED_PACKET: (RED_PACKETS, "expires_at", "total_amount", "remaining_amount"),
}


def _overdue(
    moment: Moment, projection: Projection, due: str, amount: str, other: str
) -> Callable[[ColumnElement[bool]], Select[Any]]:
    """Served by the index on what is due, or on the group's key."""
    rows = moment.rows(projection)
    since: Any = func.date_trunc("day", moment.clock, "UTC")
    until: Any = moment.clock
    if projection is PAYMENTS:
        since, until = seconds(since), seconds(until)
    sums = (func.sum(rows.c[amount]).label("amount"), func.sum(rows.c[other]).label("other"))
    counted = select(rows.c.kind, func.count().label("n"), *sums).group_by(rows.c.kind)
    overdue = counted.where(rows.c.status == 0, rows.c[due] >= since, rows.c[due] < until)
    return overdue.where
