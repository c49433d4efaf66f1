"""The API's connections to Postgres: few, read-only, and none of them waits for ever."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import psycopg
from sqlalchemy import URL, make_url
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from api.errors import ApiError, Code, unavailable
from api.limits import Limits
from indexer.db.connection import SERVER_ALIVE

T = TypeVar("T")
QUERY_CANCELED = "57014"
UNDEFINED = ("42P01", "42703")
UNDER_WAY: Final[set[asyncio.Future[Any]]] = set()
"""Connections that are opened or given back: a loop remembers its tasks weakly."""


def driver_url(database_url: str) -> URL:
    """The URL for psycopg 3, whichever of Postgres's own spellings it has."""
    url = database_url.replace("postgres://", "postgresql://", 1)
    return make_url(url).set(drivername="postgresql+psycopg")


def connection_url(url: URL) -> str:
    """The engine's URL for psycopg itself."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def make_engine(database_url: str, limits: Limits) -> AsyncEngine:
    """An engine whose transactions are read-only snapshots; it connects when first used."""
    engine = _engine(database_url, limits, isolation_level="REPEATABLE READ")
    return engine.execution_options(postgresql_readonly=True)


def make_writing_engine(database_url: str, limits: Limits) -> AsyncEngine:
    """An engine for what clients change."""
    return _engine(database_url, limits, isolation_level="READ COMMITTED")


def _engine(database_url: str, limits: Limits, *, isolation_level: IsolationLevel) -> AsyncEngine:
    return create_async_engine(
        driver_url(database_url),
        isolation_level=isolation_level,
        pool_size=limits.connections,
        max_overflow=0,
        pool_timeout=limits.connection_wait,
        connect_args=options_of(limits),
    )


def options_of(limits: Limits, more: str = "") -> dict[str, Any]:
    """What every connection is opened with."""
    timeout = f"-c statement_timeout={int(limits.statement_time * 1000)}"
    return {
        "options": f"{timeout} -c timezone=UTC {more}",
        "application_name": "dchat-api",
        "connect_timeout": int(limits.connection_wait),
        **SERVER_ALIVE,
    }


async def borrowed(engine: AsyncEngine) -> AsyncConnection:
    """A connection of the pool, to be closed `to_its_end`.

    It is opened to its end whoever is cancelled meanwhile, as the siblings of a field that fails
    are: half-way SQLAlchemy would lose it.
    """
    opening = _begun(_opened(engine))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_unwanted)
        raise


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """What it returns; it goes on where who waits for it is cancelled."""
    return await asyncio.shield(_begun(work))


async def dispose(engine: AsyncEngine) -> None:
    """Closes all its connections, those too that are just opened or given back in this loop."""
    loop = asyncio.get_running_loop()
    while begun := [one for one in UNDER_WAY if one.get_loop() is loop]:
        await asyncio.wait(begun)
    await engine.dispose()


async def _opened(engine: AsyncEngine) -> AsyncConnection:
    return await engine.connect()


def _unwanted(opening: asyncio.Future[AsyncConnection]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        _begun(opening.result().close())


def _begun(work: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
    task = asyncio.ensure_future(work)
    UNDER_WAY.add(task)
    task.add_done_callback(UNDER_WAY.discard)
    return task


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection of the pool, given back at the end."""
    connection = await borrowed(engine)
    try:
        yield connection
    finally:
        await to_its_end(connection.close())


@asynccontextmanager
async def listening(
    engine: AsyncEngine, channel: str, limits: Limits
) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection that hears what is said in the channel, or that its server is gone."""
    async with await psycopg.AsyncConnection.connect(
        connection_url(engine.url), autocommit=True, **options_of(limits)
    ) as connection:
        await connection.execute(f"LISTEN {channel}")
        yield connection


@asynccontextmanager
async def database_errors() -> AsyncIterator[None]:
    """Turns what Postgres and the pool raise into errors that a client can act on."""
    try:
        yield
    except PoolTimeout as error:
        raise unavailable("all database connections are busy; try again") from error
    except (OperationalError, InterfaceError) as error:
        raise _translated(error) from error
    except DBAPIError as error:
        if error.connection_invalidated or _state(error) in UNDEFINED:
            raise _translated(error) from error
        raise


def _translated(error: DBAPIError) -> ApiError:
    if _state(error) == QUERY_CANCELED:
        return ApiError(
            Code.STATEMENT_TIMEOUT, "the query took too long; ask for less, or narrow the filter"
        )
    if _state(error) in UNDEFINED:
        return unavailable("the database has no schema of this version; run `dchat migrate`")
    return unavailable("the database does not answer; try again")


def _state(error: SQLAlchemyError) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)
