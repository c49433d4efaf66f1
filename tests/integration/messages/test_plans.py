"""History and unread counts are read from the index alone, however long a conversation is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event

from tests.integration.api.conftest import Client
from tests.integration.api.engine import Chain
from tests.integration.api.rows import member, put
from tests.integration.messages.conftest import People
from tests.integration.messages.test_live import leave

HISTORY = """{ group(groupId: "group_1") { messages(%s) {
  totalCount nodes { id seq sender content block } pageInfo { startCursor hasPreviousPage } } } }"""
UNREAD = '{ conversation(groupId: "group_1") { unreadCount } }'
MONTHS = """
CREATE TABLE messages_old PARTITION OF messages FOR VALUES FROM (MINVALUE) TO ('2025-02-01');
CREATE TABLE messages_later PARTITION OF messages FOR VALUES FROM ('2025-02-01') TO ('2025-03-01')
"""
MANY = """
INSERT INTO messages (conversation, sent_at, seq, sender, kind, content, block_number, has_more,
    revision, client_id)
SELECT id, '2025-01-01'::timestamptz + n * interval '25 min', n, '\\x01', 0, 'message ' || n,
    n / 40, false, 0, n::text
FROM conversations, generate_series(1, 3000) AS n
"""
END = """
UPDATE conversations SET last_seq = 3000, last_block = 75,
    last_at = (SELECT max(sent_at) FROM messages)
"""
"""Forty messages in a block; the index stands at block 80."""


@pytest.fixture
def long(people: People, chain: Chain, database: Engine) -> People:
    """3 left at block 20; 5 came at block 60."""
    chain.grow(9)
    leave(database, chain, 3)
    chain.grow(60)
    put(database, members=[member(1, 5, at=60)])
    driver = database.raw_connection().driver_connection
    assert isinstance(driver, psycopg.Connection)
    driver.autocommit = True
    driver.execute("SET synchronous_commit = on")  # until it is on disk no page is known by all
    for statement in ("INSERT INTO conversations (key) SELECT key FROM groups", MONTHS, MANY, END):
        driver.execute(statement.encode())
    driver.execute("VACUUM ANALYZE messages")
    return people


@contextmanager
def sent(client: Client) -> Iterator[list[tuple[str, Any]]]:
    """The statements that go to Postgres, and their parameters."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        found.append((statement, values))

    event.listen(client.index.engine.sync_engine, "before_cursor_execute", note)
    yield found
    event.remove(client.index.engine.sync_engine, "before_cursor_execute", note)


def scans(database_url: str, statement: str, values: Any) -> Iterator[dict[str, Any]]:
    """What was read of tables, in the plan of a statement that is executed once more."""
    with psycopg.connect(database_url) as db:
        db.execute("SET enable_seqscan = off")
        explain: Any = "EXPLAIN (ANALYZE, FORMAT JSON) " + statement
        row = db.execute(explain, values).fetchone()
    nodes = [] if row is None else [row[0][0]["Plan"]]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", ())
        if "Scan" in node["Node Type"] and node.get("Actual Loops"):
            yield node


@pytest.mark.parametrize(
    ("who", "asked", "most"),
    [
        (2, HISTORY % "last: 50", 60),
        (2, HISTORY % 'last: 50, before: "%s"', 60),
        (3, HISTORY % "last: 50", 60),
        (3, HISTORY % 'last: 50, before: "%s"', 60),
        (5, UNREAD, 610),
    ],
)
async def test_only_what_is_shown_is_read_and_from_the_index_alone(
    long: People, client: Client, database_url: str, who: int, asked: str, most: int
) -> None:
    if "%s" in asked:
        info = (await long[who].data(HISTORY % "last: 50"))["group"]["messages"]["pageInfo"]
        asked %= info["startCursor"]
    with sent(client) as statements:
        await long[who].data(asked.replace("totalCount", ""))
    read = [
        scan
        for statement, values in statements
        if "FROM messages" in statement
        for scan in scans(database_url, statement, values)
        if scan.get("Relation Name", "").startswith("messages")
    ]
    assert read and {scan["Node Type"] for scan in read} == {"Index Only Scan"}
    assert sum(scan["Heap Fetches"] for scan in read) == 0
    touched = (scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0) for scan in read)
    assert sum(touched) <= most


async def test_who_left_reads_up_to_his_block_and_who_came_counts_from_his(long: People) -> None:
    page = (await long[3].data(HISTORY % "last: 51"))["group"]["messages"]
    assert page["nodes"].pop()["id"] == "Message:20-0", "the card that says so"
    assert [int(one["seq"]) for one in page["nodes"]] == [*range(750, 800)]
    assert page["nodes"][-1]["block"] == 19 and page["totalCount"] == 799 - 39 + 1
    assert page["pageInfo"]["hasPreviousPage"]
    first = (await long[3].data(HISTORY % "first: 2"))["group"]["messages"]
    assert [int(one["seq"]) for one in first["nodes"]] == [40, 41], "he came at block 1"
    assert (await long[5].data(UNREAD))["conversation"]["unreadCount"] == 601
