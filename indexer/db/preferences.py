"""How people want to be told: their language, their clock, their quiet hours."""

from typing import Any, Final, NamedTuple

from psycopg import Cursor
from psycopg.rows import class_row

READ: Final = """
SELECT locale, zone, quiet_from, quiet_until FROM notification_settings WHERE address = %s
"""
"""Served by the primary key."""
NAME: Final = """
SELECT name FROM groups WHERE key = coalesce(%(group_key)s::bytea,
    (SELECT group_key FROM payments WHERE payment_id = %(payment_id)s::bytea),
    (SELECT group_key FROM red_packets WHERE packet_id = %(red_packet_id)s::bytea))
"""
"""Served by the primary keys."""
KEYS: Final = {
    "group_key": "group_key",
    "payment_id": "payment_id",
    "funding_id": "payment_id",
    "red_packet_id": "red_packet_id",
}
"""Argument of an effect → what it is the key of."""


class Preferences(NamedTuple):
    """Quiet hours are minutes of the day in `zone`: from `quiet_from` up to `quiet_until`."""

    locale: str = "en"
    zone: str = "UTC"
    quiet_from: int | None = None
    quiet_until: int | None = None


def read(db: Cursor[Any], address: bytes) -> Preferences:
    """What this person wants; the defaults for who never said anything."""
    with db.connection.cursor(row_factory=class_row(Preferences)) as rows:
        return rows.execute(READ, [address]).fetchone() or Preferences()


def group_name(db: Cursor[Any], arguments: dict[str, Any]) -> str | None:
    """The name of the group that an effect with these arguments is about."""
    asked: dict[str, bytes | None] = dict.fromkeys(KEYS.values())
    for argument, key in KEYS.items():
        if isinstance(hexed := arguments.get(argument), str):
            asked[key] = bytes.fromhex(hexed[2:])
    row = db.execute(NAME, asked).fetchone()
    return None if row is None else row[0]
