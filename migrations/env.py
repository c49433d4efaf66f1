"""Alembic's environment: one connection, given by `indexer.db.schema` or made from the settings.

A migration that waits for a lock makes everybody behind it wait, so it waits for 5 seconds at most
and is tried again by whoever runs it; its statements may take as long as they need.
"""

from alembic import context
from sqlalchemy import Connection, create_engine, pool, text

from indexer.db.models import metadata
from indexer.settings import Settings


def run(connection: Connection) -> None:
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text("SET statement_timeout = 0"))
    connection.commit()
    context.configure(
        connection=connection, target_metadata=metadata, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if isinstance(given, Connection):
    run(given)
else:
    url = Settings.load().database_url
    if url is None:
        raise SystemExit("DCHAT_DATABASE_URL is not set: use `dchat migrate` for the embedded one")
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        run(connection)
