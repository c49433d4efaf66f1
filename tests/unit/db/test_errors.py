"""Postgres' errors of the surroundings are ours; those of our own SQL stay what they are."""

import psycopg
import pytest
from psycopg import errors as pg

from indexer.db.connection import Whole, connect, translated
from indexer.errors import ConfigError, DatabaseUnavailable, DchatError, Fatal, StorageFull


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (pg.DiskFull("no space left on device"), StorageFull),
        (pg.OutOfMemory("out of memory"), StorageFull),
        (pg.IoError("could not write to file: No space left on device"), StorageFull),
        (pg.ReadOnlySqlTransaction("cannot execute INSERT"), DatabaseUnavailable),
        (pg.LockNotAvailable("canceling statement due to lock timeout"), DatabaseUnavailable),
        (pg.DataCorrupted("invalid page in block 3 of relation base/1/2"), Fatal),
        (pg.IndexCorrupted("item order invariant violated"), Fatal),
        (pg.InvalidPassword("no"), ConfigError),
        (pg.InvalidCatalogName('database "x" does not exist'), ConfigError),
        (pg.InsufficientPrivilege("permission denied"), ConfigError),
        (psycopg.OperationalError("FATAL: password authentication failed"), ConfigError),
        (psycopg.OperationalError('FATAL: database "x" does not exist'), ConfigError),
        (
            psycopg.OperationalError("[Errno -8] Servname not supported for ai_socktype"),
            ConfigError,
        ),
        (pg.SerializationFailure("could not serialize"), DatabaseUnavailable),
        (pg.DeadlockDetected("deadlock detected"), DatabaseUnavailable),
        (pg.AdminShutdown("terminating connection"), DatabaseUnavailable),
        (pg.IdleInTransactionSessionTimeout("terminating connection"), DatabaseUnavailable),
        (pg.TransactionTimeout("terminating connection"), DatabaseUnavailable),
        (pg.CannotConnectNow("the database system is starting up"), DatabaseUnavailable),
        (psycopg.OperationalError("connection refused"), DatabaseUnavailable),
        (psycopg.InterfaceError("the connection is closed"), DatabaseUnavailable),
        (psycopg.OperationalError(""), DatabaseUnavailable),
    ],
    ids=lambda item: item.__name__ if isinstance(item, type) else type(item).__name__,
)
def test_errors_of_the_surroundings_say_what_to_do(
    error: psycopg.Error, ours: type[DchatError]
) -> None:
    with pytest.raises(ours) as caught, translated():
        raise error
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("error", [pg.UniqueViolation("twice"), pg.SyntaxError("SELEC")])
def test_errors_of_our_own_sql_stay(error: psycopg.Error) -> None:
    with pytest.raises(type(error)), translated():
        raise error


def test_a_server_that_is_not_there_is_named_at_once_without_patience() -> None:
    with pytest.raises(DatabaseUnavailable, match="is it running"):
        connect("postgresql://postgres@127.0.0.1:1/x")


@pytest.mark.parametrize("url", ["postgresql://h/x?unknown=1", "postgresql://%zz/"])
def test_a_url_that_is_none_is_fatal(url: str) -> None:
    with pytest.raises(Fatal, match="DCHAT_DATABASE_URL"):
        connect(url)


def test_numerics_are_whole_numbers_of_any_size() -> None:
    loader = Whole(1700, None)
    assert loader.load(str(2**256 - 1).encode()) == 2**256 - 1
