"""`dchat outbox`: what is to be done outside the index, and what could not be."""

import json as jsons
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import click
from psycopg import Cursor

from indexer.db import outbox as box
from indexer.db.connection import Connection, connect, translated
from indexer.db.outbox import State
from indexer.effects.effect import Kind
from indexer.errors import ConfigError
from indexer.flags import DATABASE, database, settings_of
from indexer.settings import Settings

STATES: Final = [state.name.lower() for state in State]
COUNTS: Final = """
SELECT state, count(*), min(created_at) FROM outbox GROUP BY state ORDER BY state
"""
LIST: Final = """
SELECT id, encode(key, 'hex'), kind, webhook, state, block_number, attempts, next_try, last_error,
    retracts
FROM outbox WHERE state = ANY(%s) ORDER BY id DESC LIMIT %s
"""
"""Served by the index on (state, id)."""
RETRY: Final = f"""
UPDATE outbox SET state = {State.QUEUED}, attempts = 0, next_try = now()
WHERE state IN ({State.QUEUED}, {State.DEAD}) AND (id = ANY(%(ids)s)
    OR %(all)s AND state = {State.DEAD})
"""
DROP: Final = f"""
DELETE FROM outbox
WHERE state IN ({State.QUEUED}, {State.SENT}, {State.DEAD}) AND (id = ANY(%(ids)s)
    OR %(all)s AND state = {State.DEAD})
"""
NAMES: Final = (
    "id", "key", "kind", "webhook", "state", "block", "attempts", "next_try", "error", "retracts"
)  # fmt: skip
Counts = dict[str, tuple[int, datetime]]
Row = dict[str, Any]


@click.group()
def outbox() -> None:
    """See, retry and drop what the index leads to: notifications and webhooks.

    A row is QUEUED until it is due (its block as final as it has to be), SENT while a task of it is
    under way, then DONE; DEAD once it was given up. A RETRACTED one left the chain after it was
    begun: a row of its own retracts it.
    """


@outbox.command("list")
@settings_of(*DATABASE)
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="only these [default: all]"
)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=0))
@click.option("--json", is_flag=True, help="print one JSON document")
def list_(settings: Settings, states: Sequence[str], limit: int, json: bool) -> None:
    """Say how many rows are in which state, and show the newest."""
    wanted = [State[name.upper()] for name in states or STATES]
    with database(settings) as url, translated(), connect(url) as db, db.cursor() as cursor:
        counts, rows = _read(cursor, wanted, limit)
    if json:
        found = {name: count for name, (count, _) in counts.items()}
        click.echo(jsons.dumps({"counts": found, "rows": rows}, default=str, indent=2))
        return
    for name, (count, oldest) in counts.items():
        click.echo(f"{name:10} {count:8}  since {oldest:%Y-%m-%d %H:%M:%S}")
    for row in rows:
        click.echo(_line(row))


def _read(db: Cursor[Any], wanted: Sequence[State], limit: int) -> tuple[Counts, list[Row]]:
    """Of each state how many there are and since when; and the newest rows."""
    counts = {State(state).name: (count, at) for state, count, at in db.execute(COUNTS)}
    return counts, [_named(row) for row in db.execute(LIST, [[*wanted], limit]).fetchall()]


@outbox.command()
@settings_of(*DATABASE)
@click.argument("ids", nargs=-1, type=int)
@click.option("--dead", is_flag=True, help="everything that was given up")
def retry(settings: Settings, ids: Sequence[int], dead: bool) -> None:
    """Try rows again at once, under the same key: those given by their ids, or all --dead ones."""
    with database(settings) as url, translated(), connect(url) as db:
        count = _change(db, RETRY, ids, dead)
        with db.cursor() as cursor:
            box.wake(cursor)
    click.echo(f"{count} to be tried again")


@outbox.command()
@settings_of(*DATABASE)
@click.argument("ids", nargs=-1, type=int)
@click.option("--dead", is_flag=True, help="everything that was given up")
def drop(settings: Settings, ids: Sequence[int], dead: bool) -> None:
    """Give rows up for good: they never happen, and nothing is left of them."""
    with database(settings) as url, translated(), connect(url) as db:
        count = _change(db, DROP, ids, dead)
    click.echo(f"{count} dropped")


def _change(db: Connection, statement: str, ids: Sequence[int], dead: bool) -> int:
    if not ids and not dead:
        raise ConfigError("which rows? give their ids (see `dchat outbox list`), or --dead")
    return db.execute(statement.encode(), {"ids": [*ids], "all": dead}).rowcount


def _named(row: Sequence[Any]) -> Row:
    found = dict(zip(NAMES, row, strict=True))
    return found | {"kind": Kind(found["kind"]).name, "state": State(found["state"]).name}


def _line(row: Row) -> str:
    to = f"webhook {row['webhook']}" if row["webhook"] else "people"
    what = f"retraction of {row['retracts']}" if row["retracts"] else row["kind"]
    error = f": {row['error']}" if row["error"] else ""
    place = f"block {row['block']}, {row['attempts']} attempts"
    return f"{row['id']:>8} {row['state']:9} {what} to {to} ({place}){error}"
