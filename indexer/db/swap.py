"""Putting the projected tables of the side schema in the place of the served ones.

Postgres looks names up as they are now, and rows as they were when the reader's snapshot was taken.
So a reader whose snapshot is older than the side schema's last rows must be gone before its tables
get the served names; those with newer snapshots see the same block in both.
"""

from collections.abc import Sequence
from typing import Any, Final

import psycopg
from psycopg import Cursor
from psycopg.sql import SQL, Identifier, Literal

from indexer.db import tallies
from indexer.db.side import NAMES, SIDE, drop

UNDER_WAY: Final = """
SELECT virtualtransaction, pid FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'virtualxid' AND pg_locks.granted AND pid <> ALL(%s)
    AND datname = current_database() AND coalesce(backend_type, 'client backend') = 'client backend'
    AND NOT pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""
"""Transactions that may have taken a snapshot by now. Whoever waits for us takes a new one then."""
ATTACHED: Final = """
SELECT format('view %s', v.oid::regclass) FROM pg_depend AS d
    JOIN pg_rewrite AS r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_class AS v ON v.oid = r.ev_class
    JOIN served AS t ON t.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
UNION SELECT format('trigger %I on %s', tgname, t.oid::regclass)
    FROM pg_trigger JOIN served AS t ON t.oid = tgrelid WHERE NOT tgisinternal
UNION SELECT format('policy %I on %s', polname, t.oid::regclass)
    FROM pg_policy JOIN served AS t ON t.oid = polrelid
UNION SELECT format('publication %I of %s', pubname, t.oid::regclass)
    FROM pg_publication_rel JOIN served AS t ON t.oid = prrelid
    JOIN pg_publication AS p ON p.oid = prpubid
UNION SELECT format('constraint %I on %s', conname, conrelid::regclass)
    FROM pg_constraint JOIN served AS t ON t.oid = confrelid
ORDER BY 1
"""
TRAITS: Final = """
SELECT format('ALTER TABLE %I.%I SET (%s)', {side}, relname, array_to_string(reloptions, ', '))
    FROM served WHERE reloptions IS NOT NULL
UNION ALL SELECT format('ALTER TABLE %I.%I ALTER COLUMN %I SET STATISTICS %s', {side}, relname,
        attname, attstattarget)
    FROM served JOIN pg_attribute ON attrelid = oid WHERE attstattarget >= 0 AND attnum > 0
        AND NOT attisdropped
UNION ALL SELECT format('COMMENT ON TABLE %I.%I IS %L', {side}, relname, about)
    FROM served, obj_description(oid, 'pg_class') AS about WHERE about IS NOT NULL
UNION ALL SELECT format('GRANT %s%s ON %I.%I TO %s', privilege_type, columns, {side}, relname,
        CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
        || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM (
        SELECT relname, '' AS columns, acl.* FROM served, aclexplode(relacl) AS acl
        UNION ALL SELECT relname, format('(%I)', attname), acl.*
        FROM served JOIN pg_attribute ON attrelid = oid, aclexplode(attacl) AS acl
        WHERE NOT attisdropped
    ) AS granted
UNION ALL SELECT format('ALTER TABLE %I.%I OWNER TO %s', {side}, relname, relowner::regrole)
    FROM served WHERE pg_get_userbyid(relowner) <> current_user
"""
SERVED: Final = """
WITH served AS (
    SELECT * FROM pg_class WHERE relnamespace = to_regnamespace({live}) AND relname = ANY({names})
)
"""


def attached(db: Cursor[Any], live: str) -> list[str]:
    """What stands on the served tables and would not stand on new ones."""
    return _told(db, ATTACHED, live)


def _told(db: Cursor[Any], query: str, live: str) -> list[str]:
    names = {"live": Literal(live), "side": Literal(SIDE), "names": Literal([*NAMES])}
    return [text for (text,) in db.execute(SQL(SERVED + query).format(**names)).fetchall()]


def under_way(db: Cursor[Any], ours: Sequence[int]) -> dict[str, int]:
    """The transactions of other processes by their name: who runs each of them."""
    return dict(db.execute(UNDER_WAY, [[*ours]]).fetchall())


def reserve(db: Cursor[Any], live: str, wait: str) -> bool:
    """Keeps vacuum and other DDL, but nobody who reads or writes, from the served tables."""
    return _lock(db, live, "SHARE UPDATE EXCLUSIVE", wait)


def seize(db: Cursor[Any], live: str, wait: str) -> bool:
    """Keeps everybody from the served tables; others wait behind us for no longer than `wait`."""
    return _lock(db, live, "ACCESS EXCLUSIVE", wait)


def _lock(db: Cursor[Any], live: str, mode: str, wait: str) -> bool:
    tables = SQL(", ").join(Identifier(live, name) for name in NAMES)
    try:
        with db.connection.transaction():
            db.execute("SELECT set_config('lock_timeout', %s, true)", [wait])
            db.execute(SQL("LOCK TABLE {} IN {} MODE").format(tables, SQL(mode)))
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def swap(db: Cursor[Any], live: str) -> None:
    """Replaces the served tables, which are ours alone, and drops the side schema.

    Tallies are forgotten: they were made from the rows that go.
    """
    for statement in _told(db, TRAITS, live):
        db.execute(statement.encode())
    for name in NAMES:
        db.execute(SQL("DROP TABLE {}").format(Identifier(live, name)))
        move = SQL("ALTER TABLE {} SET SCHEMA {}")
        db.execute(move.format(Identifier(SIDE, name), Identifier(live)))
    tallies.forget_all(db)
    drop(db)
