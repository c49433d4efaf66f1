"""Migrations keep what is there, and say of it what is known."""

import psycopg
from alembic import command
from psycopg.types.json import Jsonb
from sqlalchemy import create_engine

from indexer.db import schema

GROUP = (
    "key, name, avatar, description, owner, is_public, allow_member_invite, require_approval,"
    " max_members, mute_all, is_active, member_count, updated_block"
)
VALUES = "'\\x01', 'tea', '', '', '\\x02', true, true, false, 9, false, true, 1, 1"
EVENT = "block_number, log_index, transaction_index, transaction_hash, contract, data, decoded"


def test_inputs_of_before_are_those_of_direct_calls_and_fields_have_no_source(
    empty_url: str,
) -> None:
    config = schema._config()
    engine = create_engine(schema._psycopg2(empty_url))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    engine.dispose()
    with psycopg.connect(empty_url, autocommit=True) as db:
        db.execute("CREATE TABLE events_all PARTITION OF events DEFAULT")
        for index, input in enumerate(("'\\x1234'", "NULL")):
            row = f"1, {index}, 0, '', 0, '', true, {input}"
            db.execute(f"INSERT INTO events ({EVENT}, input) VALUES ({row})".encode())
        born = "created_at, created_block, created_log"
        db.execute(f"INSERT INTO groups ({GROUP}, {born}) VALUES ({VALUES}, now(), 1, 0)".encode())
        schema.migrate(empty_url)
        found = db.execute("SELECT input, input_source FROM events ORDER BY log_index").fetchall()
        assert found == [(b"\x12\x34", 0), (None, None)]
        assert db.execute("SELECT sources FROM groups").fetchall() == [({},)]
        db.execute("UPDATE groups SET sources = %s", [Jsonb({"avatar": "call"})])
