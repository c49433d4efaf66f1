"""The schema's version: brought up to date by `dchat migrate`, checked by everybody else."""

import time
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, pool, text
from sqlalchemy.exc import DBAPIError

from indexer.db import late
from indexer.db.connection import connect, translated
from indexer.errors import ConfigError, DatabaseUnavailable, MissingTool, SchemaError

MIGRATIONS: Final = Path(__file__).parents[2] / "migrations"
LOCK: Final = 0x64636861740001
"""Advisory lock that lets one migration run at a time."""


def migrate(url: str, *, patience: float = 0) -> tuple[str | None, str]:
    """Brings the schema up to date; returns its revision before and after."""
    connect(url, patience=patience).close()
    config = _config()
    head = ScriptDirectory.from_config(config).get_current_head()
    engine = create_engine(_psycopg2(url), poolclass=pool.NullPool)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
            before = _revision(connection)
            if before != head:
                _complete(url)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            return before, _revision(connection) or ""
    except DBAPIError as error:
        raise _ours(error) from None


def _complete(url: str) -> None:
    """Builds the indexes that a backfill has put off: a migration may be about them."""
    with translated(), connect(url) as connection, connection.cursor() as db:
        late.build_all(db)


def check(url: str, *, patience: float = 0) -> None:
    """Raises SchemaError, naming the command that helps, unless the schema is this program's.

    A server that is not there, or goes away again meanwhile, is waited for.
    """
    deadline = time.monotonic() + patience
    while True:
        connect(url, patience=max(0.0, deadline - time.monotonic())).close()
        try:
            return _compare(_found(url))
        except DatabaseUnavailable:
            if time.monotonic() >= deadline:
                raise


def _found(url: str) -> str | None:
    engine = create_engine(_psycopg2(url), poolclass=pool.NullPool)
    try:
        with engine.connect() as connection:
            return _revision(connection)
    except DBAPIError as error:
        raise _ours(error) from None


def _compare(found: str | None) -> None:
    scripts = ScriptDirectory.from_config(_config())
    wanted = scripts.get_current_head()
    if found == wanted:
        return
    if found is None:
        raise SchemaError("the database has no tables of dchat yet: run `dchat migrate`")
    if found in {script.revision for script in scripts.walk_revisions()}:
        raise SchemaError(f"the schema is at {found}, this is for {wanted}: run `dchat migrate`")
    raise SchemaError(
        f"the schema is at {found}, which is newer than this program ({wanted}): upgrade dchat"
    )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    if not MIGRATIONS.is_dir():
        raise MissingTool(f"the folder {MIGRATIONS} is not there: run dchat from its repository")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _psycopg2(url: str) -> str:
    return "postgresql+psycopg2://" + url.split("://", 1)[1]


def _ours(error: DBAPIError) -> DatabaseUnavailable | ConfigError:
    said = str(error.orig).strip().splitlines()[0]
    if getattr(error.orig, "pgcode", None) == "42501":
        return ConfigError(f"Postgres does not let us ({said}): grant it to our user")
    return DatabaseUnavailable(f"Postgres broke off ({said}): run the command again")
