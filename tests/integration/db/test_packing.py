"""What is packed is what Postgres reads, whatever the values."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.db import packing
from indexer.db.connection import Connection, Packed

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
TIMES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
AMOUNTS = st.integers(-(2**256), 2**256) | st.builds(lambda n, z: n * 10**z, st.integers(0, 99999),
                                                     st.integers(0, 72))  # fmt: skip
TYPES: dict[str, st.SearchStrategy[Any]] = {
    "smallint": st.integers(-(2**15), 2**15 - 1),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "timestamp with time zone": TIMES,
    "bytea": st.binary(max_size=100),
    "text": TEXT,
    "jsonb": st.dictionaries(TEXT, TEXT, max_size=5),
    "numeric": AMOUNTS,
}
COLUMNS = tuple((name, null) for null in (False, True) for name in TYPES)
ROWS = st.lists(
    st.tuples(*(st.none() | TYPES[name] if null else TYPES[name] for name, null in COLUMNS)),
    max_size=20,
)


@pytest.fixture
def table(db: Connection) -> Connection:
    with db.transaction(), db.cursor() as cursor:
        columns = ", ".join(f"c{place} {name}" for place, (name, _) in enumerate(COLUMNS))
        cursor.execute(f"CREATE TEMPORARY TABLE packed (place serial, {columns})".encode())
    return db


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS)
def test_rows_come_back_as_they_were(table: Connection, rows: list[tuple[Any, ...]]) -> None:
    names = ", ".join(f"c{place}" for place in range(len(COLUMNS)))
    with table.transaction(), table.cursor() as cursor:
        cursor.execute("TRUNCATE packed")
        with cursor.copy(f"COPY packed ({names}) FROM STDIN (FORMAT BINARY)".encode()) as stream:
            stream.write(packing.BEGINNING + b"".join(packing.rows(COLUMNS)(rows)) + packing.END)
        for binary in (False, True):
            query = f"SELECT {names} FROM packed ORDER BY place".encode()
            assert cursor.execute(query, binary=binary).fetchall() == rows


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(columns=st.fixed_dictionaries({
    name: st.lists(st.none() | some, max_size=8) for name, some in TYPES.items()
}))  # fmt: skip
def test_arrays_come_back_as_they_were(table: Connection, columns: dict[str, list[Any]]) -> None:
    with table.transaction(), table.cursor() as cursor:
        for name, values in columns.items():
            given = [Packed(packing.array(name, values))]
            found = cursor.execute(f"SELECT %b::{name}[]".encode(), given).fetchone()
            assert found == (values,)


def test_a_type_that_nobody_has_packed_yet_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="packing a uuid"):
        packing.rows((("uuid", False),))
