"""Events and their blocks, but for what only Python can decode: the events' arguments."""

from typing import Final

from sqlalchemy import case, func, literal_column, select

from api.compiled import text as t
from api.compiled.field import Field, Make
from api.compiled.makes import enum, of, plain
from api.compiled.text import Json
from api.reads.chain import BLOCK
from api.reads.events import TOPICS, UNKNOWN
from api.types import inputs
from indexer.db.models import cursor


def _event_id(field: Field) -> Json:
    return '"', field.column("block_number"), "-", field.column("log_index"), '"'


def _event_name(field: Field) -> Json:
    topic = field.column("topic0")
    names = [
        (topic == literal_column(f"'\\x{one.hex()}'::bytea"), t.fixed(name))
        for name, topics in TOPICS.items()
        for one in sorted(topics)
    ]
    decoded = case(*names, else_=t.fixed(t.UNSAID))
    return t.quoted(case((field.column("decoded"), decoded), else_=t.fixed(UNKNOWN)))


def _block(field: Field) -> Json:
    return field.looked_up(BLOCK, field.column("block_number"), promised=True)


def _finality(field: Field) -> Json:
    at, number = cursor.alias(), field.column("block_number")
    level = case(
        (number <= at.c.finalized_block, t.fixed("FINALIZED")),
        (number <= at.c.safe_block, t.fixed("SAFE")),
        else_=t.fixed("LATEST"),
    )
    told = select(level).select_from(at).correlate(field.row).scalar_subquery()
    return t.quoted(func.coalesce(told, t.fixed("LATEST")))


BLOCK_FIELDS: Final[dict[str, Make]] = {
    "number": of(t.int32, "number"),
    "hash": of(t.hexed, "hash"),
    "timestamp": of(t.time, "timestamp"),
}
EVENT: Final[dict[str, Make]] = {
    "id": _event_id,
    "contract": enum(inputs.Contract, "contract"),
    "name": _event_name,
    "block": _block,
    "transactionHash": of(t.hexed, "transaction_hash"),
    "transactionIndex": of(plain, "transaction_index"),
    "logIndex": of(plain, "log_index"),
    "finality": _finality,
}
