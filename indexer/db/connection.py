"""Connections to Postgres, and its errors as ours.

The indexer speaks to Postgres through psycopg 3, whose binary COPY is what a backfill lives on;
Alembic and the workers go through psycopg2, SQLAlchemy's default.
"""

import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from psycopg import pq
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import JsonbBinaryDumper, JsonbDumper, JsonDumpsFunction, set_json_loads

from indexer.errors import ConfigError, DatabaseUnavailable, DchatError, Fatal, StorageFull
from indexer.log import get_logger

Connection = psycopg.Connection[tuple[object, ...]]

log = get_logger(__name__)

ALIVE: Final = (
    "tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2"
    " -c tcp_user_timeout=3000"
)
"""Postgres gives up a client whose machine vanished, and its locks, after some three seconds: so
that who stands by takes over within five."""
SERVER_ALIVE: Final = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""And we a server whose machine vanished, which else nobody would notice for hours."""
LOCK_WAIT: Final = "30s"
"""How long somebody else's lock is waited for before that is said and tried again."""
OPTIONS: Final = f"-c timezone=UTC -c statement_timeout=0 -c lock_timeout={LOCK_WAIT} -c {ALIVE}"
BASE: Final = 10_000
_NUMERIC: Final = struct.Struct(">hhHh")


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
    given: dict[str, Any] = {**SERVER_ALIVE, "connect_timeout": 10, **conninfo_to_dict(url)}
    connection = psycopg.connect(**given | {"application_name": name, "options": OPTIONS})
    for loader in (Whole, WholeBinary):
        connection.adapters.register_loader("numeric", loader)
    set_json_loads(msgspec.json.decode, connection)
    for dumper in (Json, JsonBinary):
        connection.adapters.register_dumper(dict, dumper)
    connection.adapters.register_dumper(Packed, AsItIs)
    return connection


class Whole(Loader):
    """Reads numeric as int: every numeric column of ours is a whole number."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


class WholeBinary(Loader):
    """The same from the binary format: digits to the base of 10,000, the highest first."""

    format = pq.Format.BINARY

    def load(self, data: Buffer) -> int:
        count, weight, sign, _ = _NUMERIC.unpack_from(data)
        value = 0
        for digit in struct.unpack_from(f">{count}H", data, _NUMERIC.size):
            value = value * BASE + digit
        value *= int(BASE ** (weight + 1 - count))
        return -value if sign else value


class Packed(NamedTuple):
    """A parameter in the binary format of the type to which the statement casts it."""

    data: bytes


class AsItIs(Dumper):
    """Sends it so."""

    format = pq.Format.BINARY

    def dump(self, obj: Packed) -> bytes:
        return obj.data


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
        case psycopg.OperationalError() if "No space left" in said:
            return StorageFull(f"Postgres has no room left ({said}): free some and start again")
        case psycopg.errors.ReadOnlySqlTransaction():
            return DatabaseUnavailable(
                f"Postgres takes no writes ({said}): a standby, or one that has no room left?"
            )
        case psycopg.errors.LockNotAvailable():
            return DatabaseUnavailable(f"others keep a lock in Postgres for long ({said})")
        case psycopg.errors.DataCorrupted() | psycopg.errors.IndexCorrupted():
            return Fatal(
                f"Postgres's own data is damaged ({said}): restore a copy, or index into another"
                " database, as everything can be had again from the chain"
            )
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
        case (
            psycopg.errors.IdleInTransactionSessionTimeout()
            | psycopg.errors.TransactionTimeout()
            | psycopg.OperationalError()
            | psycopg.InterfaceError()
        ):
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
