"""A real Postgres for the session, and databases of its own for each test that asks for one.

A database is cloned from a template (some 30 ms): no test sees the rows of another.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from indexer.db import schema
from indexer.dev.postgres import embedded_postgres
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index

MIGRATED = "dchat_migrated"
TEMPLATE = "dchat_template"
UNSAFE = ("fsync", "synchronous_commit", "full_page_writes")


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the session's server, which nobody pulls the plug on."""
    home = Path(tmp_path_factory.mktemp("home")) / ".dchat"
    with embedded_postgres(home) as url:
        for name in UNSAFE:
            _administer(url, "ALTER SYSTEM SET {} = off", name)
        _administer(url, "SELECT pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> str:
    """A migrated database without rows."""
    _administer(postgres_url, "CREATE DATABASE {}", MIGRATED)
    schema.migrate(named(postgres_url, MIGRATED))
    return MIGRATED


@pytest.fixture(scope="session")
def template(postgres_url: str, migrated: str) -> str:
    """The same, where events have one partition for all blocks."""
    _clone(postgres_url, TEMPLATE, migrated)
    url = named(postgres_url, TEMPLATE)
    _administer(url, "CREATE TABLE {} PARTITION OF events DEFAULT", "events_default")
    return TEMPLATE


@pytest.fixture
def database_url(postgres_url: str, template: str) -> Iterator[str]:
    """The URL of a database that only this test sees."""
    with cloned(postgres_url, template) as url:
        yield url


@pytest.fixture
def new_index(postgres_url: str, migrated: str) -> Iterator[Callable[[], Index]]:
    """Makes empty indexes."""
    with ExitStack() as stack:
        yield lambda: Index(stack.enter_context(cloned(postgres_url, migrated)))


@pytest.fixture
def index(new_index: Callable[[], Index]) -> Index:
    return new_index()


@pytest.fixture
def chain() -> FakeChain:
    return FakeChain()


@pytest.fixture
async def fake(chain: FakeChain) -> AsyncIterator[FakeNode]:
    async with FakeNode(chain) as node:
        yield node


def named(url: str, database: str, *, driver: str = "postgresql") -> str:
    """The URL of another database of the same server."""
    parts = make_url(url).set(drivername=driver, database=database)
    return parts.render_as_string(hide_password=False)


@contextmanager
def cloned(url: str, template: str) -> Iterator[str]:
    """The URL of a copy of the template, which is dropped in the end."""
    name = f"test_{uuid4().hex}"
    _clone(url, name, template)
    yield named(url, name)
    _administer(url, "DROP DATABASE {} WITH (FORCE)", name)


def _clone(url: str, name: str, template: str) -> None:
    _administer(url, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)


def _administer(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
