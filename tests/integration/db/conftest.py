"""Empty databases."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from indexer.db import schema
from indexer.db.connection import Connection, connect
from tests.integration.conftest import named


@pytest.fixture
def empty_url(postgres_url: str) -> Iterator[str]:
    """A database without a table."""
    name = f"empty_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield named(postgres_url, name)
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def db(empty_url: str) -> Iterator[Connection]:
    """A connection to a migrated database."""
    schema.migrate(empty_url)
    with connect(empty_url) as connection:
        yield connection
