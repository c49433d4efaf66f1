"""Column types of the domain, named once."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

Bytes = LargeBinary
"""bytea: addresses (20), hashes (32), raw log data."""
Uint256 = Numeric(78, 0)
"""Any uint256, exactly."""
Time = TIMESTAMP(timezone=True)
"""timestamptz, always UTC."""
Height = BigInteger
"""A block number."""
Index = Integer
"""A log's or a transaction's place in its block."""
Enum = SmallInteger
"""A Solidity enum's number."""
Flag = Boolean
Json = JSONB
Sources = Json
"""Field name as the API has it → where its value comes from."""
String = Text


def col(name: str, type_: Any, *, null: bool = False, pk: bool = False) -> Column[Any]:
    """A column that holds a value in every row unless `null` is said."""
    return Column(name, type_, nullable=null, primary_key=pk, autoincrement=False)
