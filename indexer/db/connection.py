"""Connections to Postgres, and its errors as ours.

The indexer speaks to Postgres through psycopg 3, whose binary COPY is what a backfill lives on;
Alembic and the workers go through psycopg2, SQLAlchemy's default.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.json import JsonbBinaryDumper, JsonbDumper, JsonDumpsFunction

from indexer.errors import ConfigError, DatabaseUnavailable, DchatError, Fatal, StorageFull
from indexer.log import get_logger

Connection = psycopg.Connection[tuple[object, ...]]

log = get_logger(__name__)


def connect(url: str, *, patience: float = 0, name: str = "dchat") -> Connection:
    """An open connection in UTC; waits up to `patience` seconds for a server that is not there yet.

    Raises DatabaseUnavailable, or ConfigError where the server is there and refuses us.
    """
    deadline, pause = time.monotonic() + patience, 0.25
    while True:
        try:
            with translated():
                return _opened(url, name)
        except DatabaseUnavailable as error:
            if time.monotonic() + pause > deadline:
                raise
            log.warning("waiting for Postgres", cause=str(error), pause=pause)
            time.sleep(pause)
            pause = min(pause * 2, 10)


def _opened(url: str, name: str) -> Connection:
    connection = psycopg.connect(
        url,
        application_name=name,
        connect_timeout=10,
        options="-c timezone=UTC -c statement_timeout=0",
    )
    connection.adapters.register_loader("numeric", Whole)
    for dumper in (Json, JsonBinary):
        connection.adapters.register_dumper(dict, dumper)
    return connection


class Whole(Loader):
    """Reads numeric as int: every numeric column of ours is a whole number."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


class Json(JsonbDumper):
    """Writes a dict as jsonb, ten times as fast as the standard library."""

    _dumps: JsonDumpsFunction = msgspec.json.Encoder().encode


class JsonBinary(JsonbBinaryDumper):
    """The same for COPY."""

    _dumps: JsonDumpsFunction = msgspec.json.Encoder().encode


@contextmanager
def translated() -> Iterator[None]:
    """Turns psycopg's errors of the surroundings into ours; those of our own SQL stay."""
    try:
        yield
    except psycopg.Error as error:
        ours = _ours(error)
        if ours is None:
            raise
        raise ours from None


def _ours(error: psycopg.Error) -> DchatError | None:
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    match error:
        case psycopg.errors.DiskFull() | psycopg.errors.OutOfMemory():
            return StorageFull(f"Postgres has no room left ({said}): free some and start again")
        case psycopg.errors.InvalidPassword() | psycopg.errors.InvalidAuthorizationSpecification():
            return ConfigError(f"Postgres refuses us ({said}): check DCHAT_DATABASE_URL")
        case psycopg.errors.InvalidCatalogName():
            return ConfigError(f"Postgres has no such database ({said}): create it")
        case psycopg.errors.InsufficientPrivilege():
            return ConfigError(f"Postgres does not let us ({said}): grant it to our user")
        case psycopg.errors.SerializationFailure() | psycopg.errors.DeadlockDetected():
            return DatabaseUnavailable(f"Postgres asks us to try again ({said})")
        case psycopg.OperationalError() if _refused(said):
            return ConfigError(f"Postgres refuses us ({said}): check DCHAT_DATABASE_URL")
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return DatabaseUnavailable(f"Postgres does not answer ({said}): is it running?")
        case psycopg.ProgrammingError() if "missing" in said or "invalid" in said:
            return Fatal(f"Postgres does not understand us ({said}): check DCHAT_DATABASE_URL")
    return None


def _refused(said: str) -> bool:
    """Whether the server is there and answered no (libpq gives failed log-ins no SQLSTATE)."""
    return any(
        reason in said
        for reason in (
            "authentication failed",
            "no password supplied",
            "does not exist",
            "Servname not supported",  # a port that is no number
        )
    )
