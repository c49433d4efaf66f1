"""One statement for many keys: `unnest(keys) CROSS JOIN LATERAL (what one key needs)`.

The lateral query's LIMIT or aggregate keeps Postgres from loading a parent's whole list, and lets
it push the key into the branches of a historic (UNION ALL) source.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import FromClause, Select, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import NamedFromClause
from sqlalchemy.types import TypeEngine

from indexer.db import types as t

KeyColumns = Sequence[Any]
Inner = Callable[[NamedFromClause], Select[Any]]
"""Makes the query of one key from the table of keys, whose columns are key0, key1, …"""


def key_table(types: Sequence[TypeEngine[Any]]) -> NamedFromClause:
    """`unnest(…) AS keys(key0, …)` of what `key_values` gives."""
    arrays = [bindparam(f"keys{n}", type_=ARRAY(type_)) for n, type_ in enumerate(types)]
    names = [f"key{n}" for n in range(len(types))]
    return func.unnest(*arrays).table_valued(*names, name="keys").render_derived()


def key_values(keys: Sequence[Any], types: Sequence[TypeEngine[Any]]) -> dict[str, list[Any]]:
    """The parameters for these keys: each a value, or a tuple where there are several types."""
    columns = [keys] if len(types) == 1 else list(zip(*keys, strict=True))
    return {f"keys{n}": list(values) for n, values in enumerate(columns)}


def per_key(keys: FromClause, inner: Select[Any]) -> Select[Any]:
    """The inner query's rows for each key, beside the key's columns."""
    found = inner.correlate(keys).lateral("found")
    return select(*keys.c, *found.c).select_from(keys.join(found, true()))


BYTES: Sequence[TypeEngine[Any]] = (t.Bytes(),)
"""The type of a single id, key or address."""
PAIR: Sequence[TypeEngine[Any]] = (t.Bytes(), t.Bytes())
HEIGHT: Sequence[TypeEngine[Any]] = (t.Height(),)
EVENT: Sequence[TypeEngine[Any]] = (t.Height(), t.Index())
"""A block number, and a place in the block."""


def key_of(row: Any, width: int) -> Any:
    """The key that a row of `per_key` belongs to."""
    return row[0] if width == 1 else tuple(row[:width])
