"""People who are told things, as a worker tells them."""

from typing import Any

from sqlalchemy import Engine, text

from indexer.db.channels import TOLD
from indexer.effects.effect import Kind
from indexer.units import to_hex
from tests.integration.api.rows import account, group, key_of, put

ANN, BOB = account(1), account(2)


def teller(database: Engine) -> Any:
    """Tells somebody that he was removed, in so many events."""
    put(database, groups=[group(1)])

    def tell(who: bytes, many: int = 1, *, block: int = 5, kind: Kind = Kind.REMOVED) -> None:
        row = (
            "INSERT INTO notifications (recipient, key, kind, arguments, block_number, block_hash,"
            " log_index) VALUES (:who, :key, :kind, jsonb_build_object('group_key',"
            f" '{to_hex(key_of(1))}'), :block, :hash, :log)"
        )
        with database.begin() as db:
            for log in range(many):
                key = bytes([block, log, kind]).rjust(32, b"\x01")
                given = {"who": who, "key": key, "kind": int(kind), "block": block, "log": log}
                db.execute(text(row), given | {"hash": bytes([block]) * 32})
                db.execute(text("SELECT pg_notify(:to, :key)"), {"to": TOLD, "key": key.hex()})

    return tell


def asked(database: Engine, query: str, **values: Any) -> list[Any]:
    with database.begin() as db:
        done = db.execute(text(query), values)
        return [tuple(row) for row in done] if done.returns_rows else []
