"""Every list is read through an index that has its order, also behind a cursor.

Plans are those of a large community (`scale`): `DCHAT_TEST_GROUPS` says how many groups it has, ten
times as many members, payments and packets. Whether an index is worth it is known at the smallest
of these sizes: the larger, the more.
"""

import os
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final

import psycopg
import pytest
from graphql import OperationDefinitionNode, parse
from sqlalchemy import create_engine, event

from api.app import make_index
from api.compiled.plan import plan
from api.context import Context
from api.schema import make_schema
from indexer.settings import Settings
from tests.integration.api.conftest import SHORT
from tests.integration.api.operations import LISTS
from tests.integration.api.rows import time_of
from tests.integration.api.scale import enlarge
from tests.integration.conftest import cloned, named

GROUPS: Final = int(os.environ.get("DCHAT_TEST_GROUPS", "2000"))
PARENTS: Final = {
    "Query": "{ %s }",
    "Group": "{ groups { nodes { %s } } }",
    "Payment": "{ payments { nodes { %s } } }",
    "RedPacket": "{ redPackets { nodes { %s } } }",
    "User": "{ groups { nodes { members { nodes { user { %s } } } } } }",
}
COLLECTED: Final = {("User", "payments"), ("Group", "events")}
"""Lists put together of two, each in its order: of these pages, a sort remains."""
SCHEMA: Final = make_schema(SHORT)
SCANNED: Final = re.compile(r"Seq Scan on (?!cursor|contracts)(\w+)")
LAST_RESORT: Final = ("SET enable_seqscan = off", "SET enable_sort = off")


def cases() -> Iterator[tuple[str, str, str, str]]:
    for type_name, field in LISTS:
        listing, _ = LISTS[type_name, field]
        ordered = type_name in ("Query", "Group") and len(listing.sorts) > 1
        for order in listing.sorts if ordered else [next(iter(listing.sorts))]:
            for direction in ("ASC", "DESC") if ordered else ("",):
                yield type_name, field, order, direction


each_list = pytest.mark.parametrize(("type_name", "field", "order", "direction"), list(cases()))


def query(type_name: str, field: str, order: str, direction: str) -> str:
    """A page behind a cursor in the middle."""
    listing, _ = LISTS[type_name, field]
    row: dict[str, Any] = {key.column: GROUPS for key in listing.sorts[order].keys}
    row |= {"name_key": "N", "expires_at": time_of(GROUPS)}
    arguments = f'first: 20, after: "{listing.sorts[order].cursor(SimpleNamespace(**row))}"'
    if direction:
        arguments += f", orderBy: {{field: {order}, direction: {direction}}}"
    return PARENTS[type_name] % f"{field}({arguments}) {{ nodes {{ id }} }}"


@pytest.fixture(scope="module")
def large(postgres_url: str, template: str) -> Iterator[str]:
    """The URL of a large community."""
    with cloned(postgres_url, template) as url:
        enlarge(url, GROUPS)
        yield url


@each_list
def test_a_page_needs_no_other_rows_and_no_sort(
    large: str, type_name: str, field: str, order: str, direction: str
) -> None:
    told = explained(large, query(type_name, field, order, direction), *LAST_RESORT)
    assert not SCANNED.findall(told), told
    if (type_name, field) not in COLLECTED:
        assert "Sort" not in told.replace("Incremental Sort", "Sort"), told


@each_list
async def test_the_planner_chooses_an_index_for_each_page(
    large: str, type_name: str, field: str, order: str, direction: str
) -> None:
    asked = query(type_name, field, order, direction)
    told = [explained(large, asked), *await resolved(large, asked)]
    assert len(told) > 1
    for one in told:
        assert not SCANNED.findall(one), one
        if type_name == "Query":
            assert "Sort" not in one, one


def explained(database_url: str, asked: str, *settings: str) -> str:
    """The plan of the one statement that the query is compiled to."""
    document = parse(asked)
    [node] = document.definitions
    assert isinstance(node, OperationDefinitionNode)
    made = plan(SCHEMA._schema, document, node, {})
    options: dict[str, Any] = {"autocommit": True, "cursor_factory": psycopg.RawCursor}
    with psycopg.connect(database_url, **options) as connection:
        for setting in settings:
            connection.execute(setting.encode())
        statement: Any = "EXPLAIN " + made.statement
        return "\n".join(line for (line,) in connection.execute(statement, made.parameters))


async def resolved(database_url: str, asked: str) -> list[str]:
    """The plans of the statements that the resolvers send for the query."""
    index, sent = make_index(Settings(database_url=database_url), SHORT), list[Any]()

    def note(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(index.engine.sync_engine, "before_cursor_execute", note)
    result = await SCHEMA.execute(asked, context_value=Context(index))
    await index.close()
    assert result.errors is None, result.errors
    engine = create_engine(
        named(database_url, index.engine.url.database or "", driver="postgresql+psycopg")
    )
    with engine.connect() as connection:
        found = [
            "\n".join(line for (line,) in connection.exec_driver_sql(f"EXPLAIN {one}", values))
            for one, values in sent
        ]
    engine.dispose()
    return found
