"""What the API writes: each change in one transaction of its own, apart from the snapshots."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api.reads.engine import connected, database_errors


class Transaction:
    """Reads (as a view's reader does) and writes; it sees what others have committed by then."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def rows(self, statement: Executable, values: Any = None) -> Sequence[Row[Any]]:
        """All rows that the statement returns."""
        async with database_errors():
            return (await self.connection.execute(statement, values)).all()

    async def row(self, statement: Executable, values: Any = None) -> Row[Any] | None:
        """The first row, if there is one."""
        rows = await self.rows(statement, values)
        return rows[0] if rows else None

    async def do(self, statement: Executable, values: Any = None) -> int:
        """Executes; how many rows it changed."""
        async with database_errors():
            return (await self.connection.execute(statement, values)).rowcount


class Writer:
    """The API's writing connections: a pool apart, so that no operation that holds a snapshot waits
    for another that does.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Committed at the end, rolled back on an error."""
        async with database_errors(), connected(self.engine) as connection, connection.begin():
            yield Transaction(connection)
