"""A compiled operation: the text of its statement, and the values that go with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode
from sqlalchemy import select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from api.compiled.roots import operation
from api.compiled.selection import Selection, Values
from api.compiled.text import ADDRESS, UNSAID, joined
from api.reads.late import Late, Variables
from api.scalars import show_address
from indexer.units import Address

DIALECT: Final = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
PARAMETER: Final = re.compile(r"\$(\d+)")
MARKED: Final = re.compile(ADDRESS.encode() + rb"([0-9a-f]{40})")
REFUSED: Final = UNSAID.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`parameters` are the statement's $1, $2, …: values, or late ones."""

    statement: str
    parameters: Sequence[Any]

    def values(self, variables: Variables) -> list[Any]:
        """The parameters of one request. Raises what wrong values make the resolvers raise."""
        return [one.read(variables) if isinstance(one, Late) else one for one in self.parameters]


def plan(
    schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode, values: Values
) -> Plan:
    """Compiles a valid operation. Raises Unsupported, or what the resolvers raise for its
    arguments.
    """
    text = operation(Selection.of(schema, document, values), node)
    compiled = select(joined(text)).compile(
        dialect=DIALECT, compile_kwargs={"render_postcompile": True}
    )
    assert compiled.positiontup is not None
    return _numbered(compiled.string, [compiled.params[name] for name in compiled.positiontup])


def _numbered(statement: str, values: Sequence[Any]) -> Plan:
    """Sizes of pages become part of the text: they decide how Postgres goes about it."""
    kept: dict[int, int] = {}

    def place(match: re.Match[str]) -> str:
        n = int(match[1]) - 1
        if isinstance(values[n], int):
            return str(values[n])
        return f"${kept.setdefault(n, len(kept) + 1)}"

    return Plan(statement=PARAMETER.sub(place, statement), parameters=[values[n] for n in kept])


def finished(body: bytes) -> bytes | None:
    """What Postgres sent as the client gets it; None where the resolvers have to be asked."""
    if REFUSED in body:
        return None
    return MARKED.sub(_checksummed, body)


def _checksummed(match: re.Match[bytes]) -> bytes:
    return show_address(Address(bytes.fromhex(match[1].decode()))).encode()
