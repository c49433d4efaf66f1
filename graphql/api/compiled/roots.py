"""The root fields that can be compiled, each at the block that it asks for."""

from typing import Any, Final

import orjson
from graphql import OperationDefinitionNode
from sqlalchemy import BigInteger, and_, bindparam, case, func, literal_column, select

from api.compiled import text as t
from api.compiled.field import Field, Make, compiled_object, found_by, guarded
from api.compiled.kinds import KINDS
from api.compiled.lists import connection
from api.compiled.makes import enum, maybe, of
from api.compiled.selection import Selection, Unsupported
from api.compiled.text import Json, joined
from api.reads.events import EVENT_LIST
from api.reads.groups import GROUP, GROUP_LIST
from api.reads.listing import Listing
from api.reads.lists import Lookup
from api.reads.moment import NOW, Moment
from api.reads.payments import PAYMENT, PAYMENT_LIST
from api.reads.red_packets import RED_PACKET, RED_PACKET_LIST
from api.types import inputs
from api.types.query import one_key
from indexer import __version__
from indexer.db import types
from indexer.db.models import blocks, contracts, cursor

NOTHING: Final = select(literal_column("1")).subquery()
"""The row of the root."""


def operation(selection: Selection, node: OperationDefinitionNode) -> Json:
    """The operation's data. Raises Unsupported."""
    root = selection.schema.query_type
    assert root is not None
    selected = selection.fields([node.selection_set], root)
    return compiled_object(selection, KINDS, ROOTS, root, selected, NOTHING, NOW)


def _at(field: Field) -> tuple[Moment, Any]:
    """The moment that `block` asks for, and what has to hold for the index to have it."""
    block = {
        name: value for name, value in field.arguments.get("block", {}).items() if value is not None
    }
    if len(block) > 1:
        raise Unsupported("several blocks")
    here = cursor.alias()
    newest = select(here.c.block_number).where(here.c.block_hash.is_not(None)).scalar_subquery()
    match block:
        case {"number": number}:
            at: Any = bindparam(None, number, type_=BigInteger)
            return Moment(at), and_(newest >= at, at >= literal_column("0"))
        case {"hash": hash_}:
            one = blocks.alias()
            at = select(one.c.number).where(one.c.hash == hash_).scalar_subquery()
            return Moment(at), newest >= at
        case {"numberGte": number}:
            return NOW, newest >= bindparam(None, number, type_=BigInteger)
    return NOW, None


def _answered(field: Field, moment: Moment, condition: Any, make: Make) -> Json:
    text = make(field.at(moment))
    return text if condition is None else guarded(condition, text)


def _one(lookup: Lookup, argument: str) -> Make:
    def make(field: Field) -> Json:
        key = field.arguments[argument]
        return _answered(field, *_at(field), lambda at: at.one(found_by(lookup, at.moment, [key])))

    return make


def _many(listing: Listing[Any]) -> Make:
    return lambda field: _answered(field, *_at(field), lambda at: connection(at, listing))


def _group(field: Field) -> Json:
    given = field.arguments
    key = one_key(given.get("groupId"), given.get("key"))
    return _answered(field, *_at(field), lambda at: at.one(found_by(GROUP, at.moment, [key])))


def _user(field: Field) -> Json:
    address = bindparam(None, field.arguments["address"], type_=types.Bytes)
    row = select(address.label("address")).subquery()

    def make(at: Field) -> Json:
        return (select(joined(at.object(row))).select_from(row).scalar_subquery(),)

    return _answered(field, *_at(field), make)


def _meta(field: Field) -> Json:
    at = cursor.c
    newest = (
        at.block_number.label("number"),
        at.block_hash.label("hash"),
        at.block_timestamp.label("timestamp"),
    )
    row = select(cursor, *newest).subquery()
    text = select(joined(field.object_by(META, row))).select_from(row).scalar_subquery()
    return (func.coalesce(text, t.fixed(t.UNSAID)),)


def _block(field: Field) -> Json:
    return t.nullable(field.column("hash"), field.object(field.row))


def _lag(field: Field) -> Json:
    head = field.column("head_block")
    lag = func.greatest(head - field.column("block_number"), literal_column("0"))
    return (case((head.is_(None), t.fixed("null")), else_=joined(t.int32(lag))),)


def _contracts(field: Field) -> Json:
    rows = select(contracts).subquery()
    whole = t.array_of(joined(field.object_by(CONTRACT, rows)), rows.c.contract)
    return (select(joined(whole)).scalar_subquery(),)


def _version(_field: Field) -> Json:
    return (orjson.dumps(__version__).decode(),)


META: Final[dict[str, Make]] = {
    "chainId": of(t.int32, "chain_id"),
    "block": _block,
    "headBlock": maybe(t.int32, "head_block"),
    "safeBlock": maybe(t.int32, "safe_block"),
    "finalizedBlock": maybe(t.int32, "finalized_block"),
    "lag": _lag,
    "synced": of(t.boolean, "synced"),
    "eventCount": of(t.quoted, "event_count"),
    "reorgCount": of(t.int32, "reorg_count"),
    "contracts": _contracts,
    "version": _version,
}
CONTRACT: Final[dict[str, Make]] = {
    "contract": enum(inputs.Contract, "contract"),
    "address": of(t.address, "address"),
    "startBlock": of(t.int32, "start_block"),
}
ROOTS: Final[dict[str, Make]] = {
    "meta": _meta,
    "group": _group,
    "groups": _many(GROUP_LIST),
    "payment": _one(PAYMENT, "paymentId"),
    "payments": _many(PAYMENT_LIST),
    "redPacket": _one(RED_PACKET, "redPacketId"),
    "redPackets": _many(RED_PACKET_LIST),
    "user": _user,
    "events": _many(EVENT_LIST),
}
