"""Whom an effect is about, where its event does not say: as the projections are when it is told."""

from typing import Any, Final

from psycopg.sql import SQL, Composed

from indexer.effects.effect import Whom

SELECTS: Final[dict[Whom, str]] = {
    Whom.ADMINS: "SELECT address FROM members WHERE group_key = %s AND role > 0",
    Whom.MEMBERS: "SELECT address FROM members WHERE group_key = %s",
    Whom.PARTICIPANTS: "SELECT address FROM participants WHERE payment_id = %s",
    Whom.CONTRIBUTORS: "SELECT contributor FROM contributions WHERE payment_id = %s",
    Whom.UNPAID: """
        SELECT address FROM participants AS p WHERE payment_id = %s AND NOT EXISTS (
            SELECT FROM contributions AS c
            WHERE c.payment_id = p.payment_id AND c.contributor = p.address AND c.amount > 0)""",
    Whom.INITIATOR: "SELECT initiator FROM payments WHERE payment_id = %s",
    Whom.RECIPIENTS: "SELECT address FROM recipients WHERE packet_id = %s",
    Whom.SENDER: "SELECT sender FROM red_packets WHERE packet_id = %s",
}
"""Each takes the key of a group, payment or packet; an index that begins with it serves it."""


def heard(payload: dict[str, Any]) -> tuple[Composed, list[Any]]:
    """The query for the addresses that the effect is told to, each once, and its parameters."""
    queries = [SQL("SELECT unnest(%s::bytea[])")]
    values: list[Any] = [_all(payload["people"])]
    for whom, key in payload["audiences"]:
        queries.append(SQL(SELECTS[Whom(whom)]))
        values.append(_bytes(key))
    union = SQL(" UNION ").join(queries)
    query = SQL("SELECT who FROM ({}) AS heard (who) WHERE who <> ALL(%s)").format(union)
    return query, [*values, _all(payload["but"])]


def _bytes(hexed: str) -> bytes:
    return bytes.fromhex(hexed[2:])


def _all(hexed: list[str]) -> list[bytes]:
    return [_bytes(one) for one in hexed]
