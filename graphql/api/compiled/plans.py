"""The plans of the operations that were asked for lately, and their answers.

An operation is admitted when it passed validation and every limit on its way to the resolvers.
What those depend on — its document, and the variables that decide about lengths, fields and
orders — is what its plan is known by, so the plan needs to be checked no more. It is made when the
operation comes a second time: one that never comes again is not worth it.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final, TypeVar

import psycopg
from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    ObjectFieldNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    get_variable_values,
    type_from_ast,
    visit,
)
from graphql.utilities import get_operation_ast

from api.compiled.connections import Connections
from api.compiled.plan import Plan, finished, plan
from api.compiled.selection import Unsupported
from api.compiled.shape import STRUCTURAL, split
from api.metrics import OPERATIONS, STATEMENTS
from api.reads.late import Variables
from indexer.log import get_logger

log = get_logger(__name__)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Name = tuple[str, str | None]
"""A document's text, and the name of the operation that is meant."""


class Recent(dict[K, V]):
    """A dict that forgets what was put or asked for longest ago."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def recall(self, key: K) -> V | None:
        """What is known by the key."""
        value = self.pop(key, None)
        if value is not None:
            self[key] = value
        return value

    def keep(self, key: K, value: V) -> None:
        """Puts the value in, and forgets another one where there are too many."""
        self[key] = value
        if len(self) > self._most:
            del self[next(iter(self))]


class _Structural(Visitor):
    """Finds the variables whose values the statement's text depends on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        self._note(node)

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        self._note(node)

    def _note(self, node: ArgumentNode | ObjectFieldNode) -> None:
        if node.name.value in STRUCTURAL:
            inner = getattr(node.value, "values", (node.value,))
            self.found |= {one.name.value for one in inner if isinstance(one, VariableNode)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A query that passed validation. `types` are those of its variables."""

    document: DocumentNode
    node: OperationDefinitionNode
    types: Mapping[str, Any]
    structural: frozenset[str]

    @classmethod
    def of(cls, schema: GraphQLSchema, document: DocumentNode, name: str | None) -> "Operation":
        node = get_operation_ast(document, name)
        assert node is not None
        finder = _Structural()
        visit(document, finder)
        types = {
            one.variable.name.value: type_from_ast(schema, one.type)
            for one in node.variable_definitions or ()
        }
        return cls(document=document, node=node, types=types, structural=frozenset(finder.found))

    def split(self, variables: Variables) -> tuple[Hashable, dict[str, Any]]:
        """What the plan is known by, and what the variables are for it."""
        keys, values = [], {}
        for name, value in variables.items():
            structural = name in self.structural
            key, values[name] = split(self.types[name], value, itemgetter(name), structural)
            keys.append((name, key))
        return tuple(keys), values


@dataclass(slots=True)
class Plans:
    """Operations and plans by what they are known by; no plan: the resolvers have to answer."""

    schema: GraphQLSchema
    connections: Connections
    most: int
    _operations: Recent[Name, Operation] = field(init=False)
    _plans: Recent[tuple[Name, Hashable], Plan | str] = field(init=False)

    def __post_init__(self) -> None:
        self._operations, self._plans = Recent(self.most), Recent(self.most)

    def admit(self, name: Name, document: DocumentNode, given: Mapping[str, Any] | None) -> None:
        """Remembers an operation that passed every limit with these variables."""
        known = self._operations.recall(name)
        if known is None:
            known = Operation.of(self.schema, document, name[1])
            if known.node.operation is not OperationType.QUERY:
                return
            self._operations.keep(name, known)
        if (variables := self._coerced(known, given)) is not None:
            key, _ = known.split(variables)
            if (name, key) not in self._plans:
                self._plans.keep((name, key), ADMITTED)

    async def answer(self, name: Name, given: Mapping[str, Any] | None) -> bytes | None:
        """The operation's data as JSON; None where the resolvers have to answer.

        Raises SERVICE_UNAVAILABLE, or STATEMENT_TIMEOUT.
        """
        known = self._operations.recall(name)
        variables = None if known is None else self._coerced(known, given)
        if known is None or variables is None:
            return None
        found = self._plan(name, known, variables)
        if found is None:
            return None
        try:
            values = found.values(variables)
        except (GraphQLError, ValueError):
            return None
        OPERATIONS.inc()
        STATEMENTS.inc()
        try:
            return finished(await self.connections.text(found.statement, values))
        except (psycopg.Error, ValueError) as error:
            log.warning("a compiled operation failed; the resolvers are asked", reason=str(error))
            return None

    def _coerced(self, known: Operation, given: Mapping[str, Any] | None) -> Variables | None:
        definitions = known.node.variable_definitions or ()
        if not definitions:
            return {}
        found = get_variable_values(self.schema, definitions, dict(given or {}))
        return None if isinstance(found, list) else found.coerced

    def _plan(self, name: Name, known: Operation, variables: Variables) -> Plan | None:
        key, values = known.split(variables)
        found = self._plans.recall((name, key))
        if found == ADMITTED:
            found = self._made(known, values)
            self._plans.keep((name, key), found)
        return found if isinstance(found, Plan) else None

    def _made(self, known: Operation, values: Variables) -> Plan | str:
        try:
            return plan(self.schema, known.document, known.node, values)
        except (Unsupported, GraphQLError):
            return IMPOSSIBLE


ADMITTED: Final = "admitted"
IMPOSSIBLE: Final = "impossible"
