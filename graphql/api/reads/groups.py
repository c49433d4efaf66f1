"""Groups, members and join requests."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import FromClause

from api.paging import Key, Kind, Sort
from api.reads.common import (
    between,
    contains,
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
from indexer.db import types as t
from indexer.db.models import GROUPS, JOIN_REQUESTS, MEMBERS

if TYPE_CHECKING:
    from api.types.inputs import GroupFilter, MemberFilter

BORN: Final = (Key("created_block"), Key("created_log"))


def groups(moment: Moment) -> FromClause:
    """Groups, with the part of the name that the order NAME compares."""
    rows = moment.rows(GROUPS)
    name_key = func.left(rows.c.name, literal_column("64")).collate("C")
    return select(rows, name_key.label("name_key")).subquery("g")


def _where(rows: FromClause, where: "GroupFilter", moment: Moment) -> Alternatives:
    return (tuple(_conditions(rows, where, moment)),)


def _conditions(
    rows: FromClause, where: "GroupFilter", moment: Moment
) -> Iterator[ColumnElement[bool]]:
    yield from matches(rows.c.key, key_of_group(where.group_id))
    if where.key_in is not None:
        yield rows.c.key == any_(bindparam(None, where.key_in, ARRAY(t.Bytes)))
    yield from matches(rows.c.owner, where.owner)
    if where.member is not None:
        yield related(MEMBERS, moment, rows, group_key=rows.c.key, address=where.member)
    yield from matches(rows.c.is_public, where.is_public)
    yield from matches(rows.c.is_active, where.is_active)
    if where.name_contains is not None:
        yield contains(rows.c.name, where.name_contains)
    yield from between(rows.c.created_block, where.created_block_gte, where.created_block_lte)


def _where_member(rows: FromClause, where: "MemberFilter", _moment: Moment) -> Alternatives:
    conditions = (
        *matches(rows.c.role, where.role),
        *matches(rows.c.is_muted, where.is_muted),
        *matches(rows.c.address, where.address),
    )
    return (conditions,)


GROUP_LIST: Final[Listing["GroupFilter"]] = Listing(
    name="groups",
    rows=groups,
    sorts={
        "CREATED": Sort("groups.created", BORN),
        "UPDATED": Sort("groups.updated", (Key("updated_block"), *BORN)),
        "MEMBER_COUNT": Sort("groups.memberCount", (Key("member_count"), *BORN)),
        "NAME": Sort("groups.name", (Key("name_key", Kind.TEXT), *BORN)),
    },
    descending=True,
    where=_where,
)
MEMBER_LIST: Final[Listing["MemberFilter"]] = Listing(
    name="group.members",
    rows=standing(MEMBERS),
    sorts={"JOINED": Sort("members", (Key("joined_block"), Key("joined_log")))},
    descending=False,
    where=_where_member,
    under=on("group_key"),
)
MEMBERSHIP_LIST: Final = MEMBER_LIST.of("user.memberships", on("address"))
JOIN_REQUEST_LIST: Final[Listing[Any]] = Listing(
    name="group.joinRequests",
    rows=standing(JOIN_REQUESTS),
    sorts={"REQUESTED": Sort("joinRequests", (Key("requested_block"), Key("requested_log")))},
    descending=False,
    where=unfiltered,
    under=on("group_key"),
)

GROUP: Final = Lookup(name="group", rows=groups, columns=("key",))
MEMBER: Final = Lookup(
    name="member", rows=standing(MEMBERS), columns=("group_key", "address"), types=PAIR
)
JOIN_REQUEST: Final = Lookup(
    name="joinRequest",
    rows=standing(JOIN_REQUESTS),
    columns=("group_key", "requester"),
    types=PAIR,
)
