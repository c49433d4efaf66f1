"""Events, as raw as they are stored, and the filters that find them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.sql.expression import FromClause

from api.errors import bad_input
from api.paging import Key, Sort
from api.reads.common import between, matches
from api.reads.keyed import EVENT
from api.reads.late import derived
from api.reads.listing import Alternatives, Listing, both
from api.reads.lists import Lookup
from api.reads.moment import Moment
from indexer.db.models import events
from indexer.events.definitions import EVENTS, Contract

if TYPE_CHECKING:
    from api.types.inputs import EventFilter

UNKNOWN: Final = "Unknown"
"""The name of events that no definition of ours decodes."""
TOPICS: Final[dict[str, frozenset[bytes]]] = {
    name: frozenset(spec.topic0 for spec in EVENTS if spec.name == name)
    for name in (spec.name for spec in EVENTS)
}
CREATIONS: Final = ("PaymentCreated", "CrowdfundingCreated", "RedPacketCreated")
"""Events that name their group in topic 2."""


def _events(moment: Moment) -> FromClause:
    if moment.block is None:
        return events
    return events.select().where(events.c.block_number <= moment.block).subquery("e")


def _where(rows: FromClause, where: "EventFilter", moment: Moment) -> Alternatives:
    found: Alternatives = (tuple(_conditions(rows, where)),)
    if where.group_key is not None:
        found = both(found, of_group(rows, where.group_key, moment))
    if where.address is not None:
        found = both(found, _naming(rows, where.address))
    return found


def _conditions(rows: FromClause, where: "EventFilter") -> Iterator[ColumnElement[bool]]:
    yield from matches(rows.c.contract, where.contract)
    if where.name is not None:
        yield _named(rows, "where.name", [where.name])
    if where.name_in is not None:
        yield _named(rows, "where.nameIn", where.name_in)
    yield from matches(rows.c.transaction_hash, where.transaction_hash)
    yield from between(rows.c.block_number, where.block_gte, where.block_lte)


def _named(rows: FromClause, argument: str, names: list[str]) -> ColumnElement[bool]:
    kinds = [~rows.c.decoded] if UNKNOWN in names else []
    topics = sorted({topic for name in names for topic in topics_of(argument, name)})
    if topics:
        kinds.append(rows.c.decoded & rows.c.topic0.in_(topics))
    return or_(false(), *kinds)


def topics_of(argument: str, name: str) -> frozenset[bytes]:
    """The topic-0 values of events of this name; raises BAD_USER_INPUT where there is none."""
    if name == UNKNOWN:
        return frozenset()
    if name not in TOPICS:
        raise bad_input(argument, f"no event is called {name[:80]!r}", names=sorted(TOPICS))
    return TOPICS[name]


def of_group(rows: FromClause, key: Any, _moment: Moment) -> Alternatives:
    """Events of GroupChatV2 about the group, and creations of payments and packets that name it."""
    creations = [topic for name in CREATIONS for topic in sorted(TOPICS[name])]
    return (
        (rows.c.contract == Contract.GROUP_CHAT.value, rows.c.topic1 == key),
        (
            rows.c.contract != Contract.GROUP_CHAT.value,
            rows.c.topic0.in_(creations),
            rows.c.topic2 == key,
        ),
    )


def _naming(rows: FromClause, address: Any) -> Alternatives:
    topic = derived(address, lambda one: bytes(12) + one)
    one, two, three = rows.c.topic1, rows.c.topic2, rows.c.topic3
    return (
        (one == topic,),
        (one.is_distinct_from(topic), two == topic),
        (one.is_distinct_from(topic), two.is_distinct_from(topic), three == topic),
    )


def _about(contract: Contract) -> Any:
    def under(rows: FromClause, key: Any, _moment: Moment) -> Alternatives:
        return ((rows.c.contract == contract.value, rows.c.topic1 == key),)

    return under


EVENT_LIST: Final[Listing["EventFilter"]] = Listing(
    name="events",
    rows=_events,
    sorts={"CHAIN": Sort("events", (Key("block_number"), Key("log_index")))},
    descending=False,
    where=_where,
)
GROUP_EVENT_LIST: Final = EVENT_LIST.of("group.events", of_group)
PAYMENT_EVENT_LIST: Final = EVENT_LIST.of("payment.events", _about(Contract.GROUP_PAYMENT))
RED_PACKET_EVENT_LIST: Final = EVENT_LIST.of("redPacket.events", _about(Contract.RED_PACKET))

EVENT_ROW: Final = Lookup(
    name="event", rows=_events, columns=("block_number", "log_index"), types=EVENT
)
