"""`python -m benchmarks.history`: how long a page of history takes out of many messages.

Messages are made by set, in one large group and many small ones, over a year of months. Pages are
asked of the GraphQL API itself, in process: who may read it is checked, the snapshot is opened, the
answer is made. Beside it stands what Postgres took for the rows, and how it found them.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path
from typing import Any, Final

import msgspec
import psycopg
from rich.console import Console
from rich.table import Table

from api.accounts.viewer import EVERYTHING, Viewer
from api.app import make_index
from api.context import Context, Index
from api.limits import Limits
from api.schema import make_schema
from benchmarks.machine import busy, machine
from benchmarks.program import count, ending
from benchmarks.results import RESULTS
from indexer.db import months, schema
from indexer.dev.postgres import embedded_postgres
from indexer.settings import Settings
from indexer.units import Address

WHO: Final = Address(b"\x01" * 20)
FORMER: Final = Address(b"\x02" * 20)
"""Was in the large group for the first half of its messages."""
BLOCKS: Final = 1000
"""In which the index stood meanwhile."""
YEAR: Final = timedelta(days=360)
TRIES: Final = 30
"""Of each plan the quickest run is shown."""
SMALL: Final = 10_000
"""Groups beside the large one, which has half of the messages."""
PAGE: Final = """query ($key: Bytes32!, $before: String) { group(key: $key) {
  messages(last: 50, before: $before) {
    nodes { id seq sender kind content sentAt editedAt deletedAt } pageInfo { startCursor }
  } } }"""
SEARCH: Final = "{ searchMessages(text: %s, first: 20) { nodes { id content } } }"
GROUPS: Final = """
INSERT INTO groups (key, group_id, name, avatar, description, owner, is_public,
    allow_member_invite, require_approval, max_members, mute_all, is_active, member_count, sources,
    created_at, created_block, created_log, updated_block)
SELECT decode(md5('g' || n) || md5('h' || n), 'hex'), 'group_' || n, 'Group ' || n, '', '', %(who)s,
    true, true, false, 100, false, true, 1, '{}', now(), 1, n, 1
FROM generate_series(0, %(groups)s) AS n
"""
MEMBERS: Final = """
INSERT INTO members (group_key, address, role, is_muted, joined_at, joined_block, joined_log,
    updated_block)
SELECT key, %(who)s, 2, false, now(), 1, created_log, 1 FROM groups
"""
LEFT: Final = """
INSERT INTO members_history (group_key, address, role, is_muted, joined_at, joined_block,
    joined_log, updated_block, until_block)
SELECT key, %(former)s, 0, false, now(), 1, 1, 1, %(blocks)s / 2 FROM groups WHERE created_log = 0
"""
CONVERSATIONS: Final = """
INSERT INTO conversations (key) SELECT key FROM groups ORDER BY created_log
"""
MESSAGES: Final = """
INSERT INTO messages (conversation, sent_at, seq, sender, kind, content, block_number, has_more,
    revision, client_id)
SELECT CASE WHEN n %% 2 = 0 THEN 1 ELSE 2 + (n / 2) %% %(groups)s END,
    %(from)s + n * %(step)s::interval, n / 2, decode(md5((n %% 1000)::text) || '00000000', 'hex'),
    0, 'message ' || md5(n::text) || ' of a group 群聊消息 ' || (n %% 5000),
    1 + n * (%(blocks)s - 1) / %(messages)s, false, 0, n::text
FROM generate_series(%(first)s::bigint, %(last)s::bigint - 1) AS n
"""
CHAIN: Final = """
INSERT INTO blocks SELECT n, n::text::bytea, now() FROM generate_series(1, %(blocks)s) AS n
"""
CURSOR: Final = """
INSERT INTO cursor
VALUES (true, 1, %(blocks)s, %(blocks)s::text::bytea, now(), 1, 1, 1, true, 0, 0, 0)
"""
ENDS: Final = """
UPDATE conversations AS c SET last_seq = m.seq, last_at = m.at, last_block = 1000
FROM (SELECT conversation, max(seq) AS seq, max(sent_at) AS at FROM messages GROUP BY 1) AS m
WHERE m.conversation = c.id
"""
ROWS: Final = """
EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)
SELECT conversation, sent_at, seq, sender, kind, content, encryption, reply_to, block_number,
    edited_at, deleted_at, has_more, revision
FROM messages WHERE conversation = %s AND sent_at < %s ORDER BY sent_at DESC LIMIT 51
"""
INDEXES: Final = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'messages'"


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of some pages; `cpu`: of the API's process for each, which other programs on the
    machine do not change much.
    """

    what: str
    best: float
    cpu: float
    median: float
    p95: float
    p99: float


def make(url: str, messages: int, console: Console) -> None:
    """Fills an empty database."""
    schema.migrate(url)
    now = datetime.now(UTC)
    start = now - YEAR
    with psycopg.connect(url, autocommit=True) as db:
        with db.transaction(), db.cursor() as cursor:
            months.ensure(cursor, start, now)
        given = {"who": WHO, "former": FORMER, "groups": SMALL, "blocks": BLOCKS}
        given["messages"] = messages
        for statement in (GROUPS, MEMBERS, LEFT, CONVERSATIONS, CHAIN, CURSOR):
            db.execute(statement.encode(), given)
        indexes = db.execute(INDEXES).fetchall()
        for name, _ in indexes:
            db.execute(f'DROP INDEX "{name}"'.encode())
        chunk = 1_000_000
        for first in range(0, messages, chunk):
            last = min(first + chunk, messages)
            more = {"from": start, "step": YEAR / messages, "first": first, "last": last}
            db.execute(MESSAGES.encode(), given | more)
            console.print(f"[dim]{last:,} messages written[/]")
        for name, definition in indexes:
            db.execute(definition.replace(" ON ONLY ", " ON ").encode())
            console.print(f"[dim]{name} built[/]")
        db.execute(ENDS)
        db.execute("VACUUM ANALYZE")


async def pages(index: Index, times: int) -> list[Times]:
    """How long pages take: the newest and some deep in the large group, and of small groups."""
    graph = make_schema(index.limits)
    dice = random.Random(7)

    async def ask(query: str, who: Address = WHO, **values: Any) -> Any:
        viewer = Viewer(address=who, session=bytes(16), scopes=EVERYTHING)
        context = Context(index, viewer=viewer)
        found = await graph.execute(query, values, context_value=context)
        assert found.errors is None and found.data is not None, found.errors
        return found.data

    large = key_of(0)
    newest = (await ask(PAGE, key=large))["group"]["messages"]
    assert len(newest["nodes"]) == 50
    cursors = [newest["pageInfo"]["startCursor"]]
    for _ in range(40):
        page = await ask(PAGE, key=large, before=cursors[-1])
        cursors.append(page["group"]["messages"]["pageInfo"]["startCursor"])
    return [
        await timed(
            "newest page of 50, group of half of them", times, lambda: ask(PAGE, key=large)
        ),
        await timed(
            "an earlier page of it",
            times,
            lambda: ask(PAGE, key=large, before=dice.choice(cursors)),
        ),
        await timed(
            "the newest that one may read who left half-way",
            times,
            lambda: ask(PAGE, who=FORMER, key=large),
        ),
        await timed(
            "newest page of one of 10,000 groups",
            times,
            lambda: ask(PAGE, key=key_of(1 + dice.randrange(SMALL - 1))),
        ),
        await timed(
            "search in all of them, for rare words",
            times // 5,
            lambda: ask(SEARCH % f'"消息 {dice.randrange(5000)}"'),
        ),
    ]


async def timed(what: str, times: int, ask: Callable[[], Awaitable[Any]]) -> Times:
    took = []
    before = time.process_time()
    for _ in range(times):
        begin = time.perf_counter()
        await ask()
        took.append(1000 * (time.perf_counter() - begin))
    cpu = 1000 * (time.process_time() - before) / times
    took.sort()
    return Times(
        what=what,
        best=round(took[0], 2),
        cpu=round(cpu, 2),
        median=round(statistics.median(took), 2),
        p95=round(took[int(0.95 * len(took))], 2),
        p99=round(took[int(0.99 * len(took))], 2),
    )


def key_of(n: int) -> str:
    """The key of the n-th group, as `GROUPS` makes it."""
    return "0x" + md5(f"g{n}".encode()).hexdigest() + md5(f"h{n}".encode()).hexdigest()


def plans(url: str) -> list[dict[str, Any]]:
    """What Postgres did for a page: from now, from half a year ago, of a small group."""
    now = datetime.now(UTC)
    with psycopg.connect(url) as db:
        return [
            min(
                (_plan(db.execute(ROWS, [number, at]).fetchone()) for _ in range(TRIES)),
                key=lambda plan: plan["milliseconds"],
            )
            for number, at in ((1, now), (1, now - YEAR / 2), (77, now))
        ]


def _plan(row: Any) -> dict[str, Any]:
    [told] = row[0]
    nodes: list[dict[str, Any]] = []

    def walk(node: dict[str, Any]) -> None:
        if node.get("Actual Loops"):
            nodes.append(node)
        for child in node.get("Plans", ()):
            walk(child)

    walk(told["Plan"])
    scans = [node for node in nodes if "Scan" in node["Node Type"]]
    return {
        "milliseconds": told["Execution Time"],
        "planning": told["Planning Time"],
        "scans": sorted({node["Node Type"] for node in scans}),
        "heapFetches": sum(node.get("Heap Fetches", 0) for node in scans),
        "partitionsRead": len(scans),
        "pages": told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"],
    }


async def measured(url: str, home: Path, times: int) -> list[Times]:
    settings = Settings(database_url=url, home=home)
    index = make_index(settings, Limits())
    try:
        return await pages(index, times)
    finally:
        await index.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.history", description=__doc__)
    parser.add_argument("--messages", type=count, default=10_000_000, help="how many [10000000]")
    parser.add_argument("--times", type=count, default=500, help="pages of each kind [500]")
    given = parser.parse_args()
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / ".dchat"
        with embedded_postgres(home) as url:
            begin = time.monotonic()
            make(url, given.messages, console)
            console.print(f"[dim]made in {time.monotonic() - begin:.0f} s[/]")
            report(url, given.messages, asyncio.run(measured(url, home, given.times)), console)


def report(url: str, messages: int, found: list[Times], console: Console) -> None:
    """Prints the figures, and keeps them."""
    with closing(psycopg.connect(url)) as db:
        on = machine(db)
        [[size]] = db.execute("SELECT pg_database_size(current_database())").fetchall()
    table = Table("page", "best, ms", "median, ms", "p95, ms", "cpu, ms")
    for one in found:
        table.add_row(one.what, *map(str, (one.best, one.median, one.p95, one.cpu)))
    console.print(table)
    told = {
        "messages": messages,
        "database_mb": size // 2**20,
        "pages": found,
        "plans": plans(url),
        "machine": on,
        "busy": busy(),
    }
    out = msgspec.json.format(msgspec.json.encode(told))
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"history-{messages}.json").write_bytes(out)
    print(out.decode())


if __name__ == "__main__":
    with ending():
        main()
