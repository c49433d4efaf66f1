"""Red packets, whom they are for, and who took which share."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, case, select
from sqlalchemy.sql.expression import FromClause

from api.paging import Key, Kind, Sort
from api.reads.common import (
    between,
    key_of_group,
    matches,
    on,
    related,
    standing,
    unfiltered,
)
from api.reads.keyed import PAIR
from api.reads.listing import Alternatives, Listing
from api.reads.lists import Lookup
from api.reads.moment import Moment
from api.reads.payments import NOBODY, addresses_of, in_order
from api.reads.view import View
from indexer.db.models import CLAIMS, RECIPIENTS, RED_PACKETS
from indexer.units import Address

if TYPE_CHECKING:
    from api.types.inputs import RedPacketFilter

ACTIVE, EXPIRED = 0, 2
BORN: Final = (Key("created_block"), Key("created_log"))


def red_packets(moment: Moment) -> FromClause:
    """Packets with the status that the clock makes of the stored one (`chain_status`)."""
    rows = moment.rows(RED_PACKETS)
    overdue = and_(rows.c.status == ACTIVE, rows.c.expires_at < moment.clock)
    status = case((overdue, EXPIRED), else_=rows.c.status).label("status")
    others = (c for c in rows.c if c.name != "status")
    return select(*others, status, rows.c.status.label("chain_status")).subquery("r")


def _where(rows: FromClause, where: "RedPacketFilter", moment: Moment) -> Alternatives:
    return (tuple(_conditions(rows, where, moment)),)


def _conditions(
    rows: FromClause, where: "RedPacketFilter", moment: Moment
) -> Iterator[ColumnElement[bool]]:
    yield from matches(rows.c.group_key, key_of_group(where.group_id))
    yield from matches(rows.c.group_key, where.group_key)
    yield from matches(rows.c.kind, where.kind)
    yield from matches(rows.c.status, where.status)
    yield from matches(rows.c.sender, where.sender)
    if where.claimer is not None:
        mine = {"packet_id": rows.c.packet_id, "claimer": where.claimer}
        yield related(CLAIMS, moment, rows, **mine)
    yield from between(rows.c.created_block, where.created_block_gte, where.created_block_lte)


RED_PACKET_LIST: Final[Listing["RedPacketFilter"]] = Listing(
    name="redPackets",
    rows=red_packets,
    sorts={
        "CREATED": Sort("redPackets.created", BORN),
        "UPDATED": Sort("redPackets.updated", (Key("updated_block"), *BORN)),
        "EXPIRES": Sort("redPackets.expires", (Key("expires_at", Kind.TIME), *BORN)),
        "TOTAL_AMOUNT": Sort("redPackets.total", (Key("total_amount", Kind.UINT256), *BORN)),
    },
    descending=True,
    where=_where,
)
GROUP_RED_PACKET_LIST: Final = RED_PACKET_LIST.of("group.redPackets", on("group_key"))
SENT_RED_PACKET_LIST: Final = RED_PACKET_LIST.of("user.redPacketsSent", on("sender"))
CLAIM_LIST: Final[Listing[Any]] = Listing(
    name="redPacket.claims",
    rows=standing(CLAIMS),
    sorts={"CREATED": Sort("claims", BORN)},
    descending=False,
    where=unfiltered,
    under=on("packet_id"),
)
USER_CLAIM_LIST: Final = CLAIM_LIST.of("user.claims", on("claimer"))

RED_PACKET: Final = Lookup(name="redPacket", rows=red_packets, columns=("packet_id",))
CLAIM: Final = Lookup(
    name="claim", rows=standing(CLAIMS), columns=("packet_id", "claimer"), types=PAIR
)


def luckiest(moment: Moment, packet_id: Any) -> Select[Any]:
    """The largest claim of a packet, the earliest of equals."""
    rows = moment.rows(CLAIMS)
    luck = (rows.c.amount.desc(), rows.c.claim_order)
    return select(rows).where(rows.c.packet_id == packet_id).order_by(*luck).limit(1)


async def best_claim(view: View, packet_id: bytes) -> Row[Any] | None:
    """The largest claim, the earliest of equals."""

    def inner(keys: Any) -> Select[Any]:
        return luckiest(view.moment, keys.c.key0)

    def first(rows: Sequence[Row[Any]]) -> Row[Any] | None:
        return rows[0]

    return await view.batched("bestClaim", inner, first, None)(packet_id)


def named(moment: Moment, packet_id: Any) -> Select[Any]:
    """The recipients of an exclusive packet."""
    rows = moment.rows(RECIPIENTS)
    return select(rows).where(rows.c.packet_id == packet_id)


async def recipients(view: View, packet_id: bytes) -> Sequence[Address]:
    """Whom an exclusive packet is for, in the order of the creating call."""

    def inner(keys: Any) -> Select[Any]:
        return in_order(named(view.moment, keys.c.key0).correlate(keys))

    return await view.batched("recipients", inner, addresses_of, NOBODY)(packet_id)
