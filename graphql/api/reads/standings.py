"""How somebody stands in a group, and since when: by the index's newest block."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final, Self

from sqlalchemy import text

from api.reads.snapshot import Reader
from indexer.events.definitions import EVENTS
from indexer.units import Address


class Who(Enum):
    """What one is in a group, least first. Who is muted, or any mere member of a group that is
    muted, is a MUTED_MEMBER; owner and admins speak in a muted group, unless they are muted
    themselves.
    """

    STRANGER = 0
    FORMER_MEMBER = 1
    MUTED_MEMBER = 2
    MEMBER = 3
    ADMIN = 4
    OWNER = 5


class Reason(StrEnum):
    """What on the chain a refusal rests on."""

    NO_SUCH_GROUP = "NO_SUCH_GROUP"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    LEFT = "LEFT"
    REMOVED = "REMOVED"
    MUTED = "MUTED"
    GROUP_MUTED = "GROUP_MUTED"
    GROUP_DISSOLVED = "GROUP_DISSOLVED"
    NOT_AN_ADMIN = "NOT_AN_ADMIN"


STANDING: Final = text("""
SELECT c.block_number AS indexed_block, g.key IS NOT NULL AS is_group, g.is_active, g.mute_all,
       m.role, m.is_muted,
       m.role IS NULL AND EXISTS (
           SELECT FROM members_history h WHERE h.group_key = :group AND h.address = :who
       ) AS was_member
FROM (SELECT 1) one
LEFT JOIN cursor c ON c.block_hash IS NOT NULL
LEFT JOIN groups g ON g.key = :group
LEFT JOIN members m ON m.group_key = :group AND m.address = :who
""")
"""By primary keys; the history's begins with group and address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`shortfall` is why the standing is not a better one."""

    group: bytes
    address: Address
    who: Who
    shortfall: Reason
    is_group: bool
    is_dissolved: bool
    indexed_block: int | None

    @classmethod
    async def of(cls, db: Reader, group: bytes, who: Address) -> Self:
        """As `db` sees the index."""
        [row] = await db.rows(STANDING.bindparams(group=group, who=who))
        return cls.told(group, who, row)

    @classmethod
    def told(cls, group: bytes, who: Address, row: Any) -> Self:
        """What a row says that has the columns of `STANDING`."""
        found, shortfall = _read(row)
        return cls(
            group=group,
            address=who,
            who=found,
            shortfall=shortfall,
            is_group=row.is_group,
            is_dissolved=row.is_group and not row.is_active,
            indexed_block=row.indexed_block,
        )


def _read(row: Any) -> tuple[Who, Reason]:
    if row.role is None:
        known = (Who.FORMER_MEMBER, Reason.LEFT), (Who.STRANGER, Reason.NOT_A_MEMBER)
        return known[0] if row.was_member else known[1]
    if row.is_muted:
        return Who.MUTED_MEMBER, Reason.MUTED
    if row.mute_all and row.role == 0:
        return Who.MUTED_MEMBER, Reason.GROUP_MUTED
    return (Who.MEMBER, Who.ADMIN, Who.OWNER)[row.role], Reason.NOT_AN_ADMIN


LEFT: Final = text("""
SELECT h.until_block AS number, e.log_index, e.topic0
FROM members_history h
LEFT JOIN events e ON e.block_number = h.until_block AND e.contract = 0
    AND e.topic0 IN (:left, :removed) AND e.topic1 = :group AND e.topic2 = :padded
WHERE h.group_key = :group AND h.address = :who
ORDER BY h.until_block DESC, e.log_index DESC NULLS LAST LIMIT 1
""")
MUTED: Final = text("""
SELECT greatest(m.joined_block, (
    SELECT max(h.until_block) FROM members_history h
    WHERE h.group_key = m.group_key AND h.address = m.address AND NOT h.is_muted
)) AS number FROM members m WHERE m.group_key = :group AND m.address = :who
""")
GROUP_MUTED: Final = text("""
SELECT greatest(g.created_block, (
    SELECT max(h.until_block) FROM groups_history h WHERE h.key = g.key AND NOT h.mute_all
)) AS number FROM groups g WHERE g.key = :group
""")
DISSOLVED: Final = text("""
SELECT greatest(g.created_block, (
    SELECT max(h.until_block) FROM groups_history h WHERE h.key = g.key AND h.is_active
)) AS number FROM groups g WHERE g.key = :group
""")
"""All by the leading columns of the histories' primary keys; asked only for a refusal."""
SINCE: Final = {
    Reason.LEFT: LEFT,
    Reason.MUTED: MUTED,
    Reason.GROUP_MUTED: GROUP_MUTED,
    Reason.GROUP_DISSOLVED: DISSOLVED,
}
HASH: Final = text("SELECT hash FROM blocks WHERE number = :number")
TOPICS: Final = {one.name: one.topic0 for one in EVENTS}
GONE: Final = {"left": TOPICS["MemberLeft"], "removed": TOPICS["MemberRemoved"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Since which block a reason holds, and the id of the event that says so. None where nothing
    on the chain does; `hash` is None where the block was not kept.
    """

    reason: Reason
    block: int | None = None
    hash: bytes | None = None
    event: str | None = None


async def because(db: Reader, standing: Standing, reason: Reason) -> Cause:
    """Where on the chain the reason comes from; tells who LEFT from who was REMOVED."""
    if reason not in SINCE:
        return Cause(reason=reason)
    values = {"group": standing.group, "who": standing.address}
    if reason is Reason.LEFT:
        values |= {"padded": bytes(12) + standing.address, **GONE}
    statement = SINCE[reason]
    wanted = {name: value for name, value in values.items() if f":{name}" in statement.text}
    [row, *_] = await db.rows(statement.bindparams(**wanted))
    hashes = await db.rows(HASH.bindparams(number=row.number))
    event = None
    if reason is Reason.LEFT and row.topic0 is not None:
        reason = Reason.REMOVED if row.topic0 == GONE["removed"] else reason
        event = f"{row.number}-{row.log_index}"
    hash_ = bytes(hashes[0].hash) if hashes else None
    return Cause(reason=reason, block=row.number, hash=hash_, event=event)
