"""Connections for single statements: each is its own snapshot, and needs no BEGIN and no COMMIT."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg

from api.errors import ApiError, Code, unavailable
from api.limits import Limits
from api.reads.engine import options_of

BUSY: Final = "all database connections are busy; try again"


class Connections:
    """At most `limits.connections`, made when they are needed; the last one used is used next."""

    def __init__(self, database_url: str, limits: Limits) -> None:
        self._url = database_url
        self._limits = limits
        self._idle: list[psycopg.AsyncConnection[Any]] = []
        self._free = asyncio.Semaphore(limits.connections)
        self._closed = False

    async def text(self, statement: str, values: Sequence[Any]) -> bytes:
        """What a statement of one row and one column says, as Postgres sent it.

        Raises SERVICE_UNAVAILABLE, STATEMENT_TIMEOUT, and what else psycopg raises.
        """
        async with self._one() as connection:
            cursor = await connection.execute(statement, values, prepare=True)
            assert cursor.pgresult is not None
            return cursor.pgresult.get_value(0, 0) or b""

    async def close(self) -> None:
        """Closes those that are idle now, and the others when they are given back."""
        self._closed = True
        while self._idle:
            await self._idle.pop().close()

    @asynccontextmanager
    async def _one(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        await self._turn()
        try:
            connection = self._idle.pop() if self._idle else await self._connect()
            try:
                yield connection
            except psycopg.errors.QueryCanceled as error:
                told = "the query took too long; ask for less, or narrow the filter"
                raise ApiError(Code.STATEMENT_TIMEOUT, told) from error
            finally:
                if self._closed or not _is_idle(connection):
                    await connection.close()
                else:
                    self._idle.append(connection)
        finally:
            self._free.release()

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(self._limits.connection_wait):
                await self._free.acquire()
        except TimeoutError:
            raise unavailable(BUSY) from None

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            self._url,
            autocommit=True,
            cursor_factory=psycopg.AsyncRawCursor,
            **options_of(self._limits, "-c default_transaction_read_only=on"),
        )


def _is_idle(connection: psycopg.AsyncConnection[Any]) -> bool:
    return connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE
