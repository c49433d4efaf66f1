"""How many rows an operation could touch, before any is read."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_variable_values,
)
from graphql.utilities import get_operation_ast
from strawberry.extensions import SchemaExtension

from api.errors import ApiError, Code

PARTS = ("nodes", "edges", "node")
"""The fields between a list and its rows."""
LONGEST: Final = {"days": 366, "completeness": 1000}
"""Lists without pages, and how long they are at most."""


class Complexity(SchemaExtension):
    """Refuses operations that could touch more than `most` rows, where a list has `page` unless
    its length is given. To stand after validation: it measures valid documents only.
    """

    def __init__(self, most: int, page: int) -> None:
        super().__init__()
        self._most, self._page = most, page

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        document = context.graphql_document
        if document is not None and not context.pre_execution_errors:
            rows = rows_of(
                context.schema._schema,
                document,
                context.operation_name,
                context.variables or {},
                self._page,
            )
            if rows > self._most:
                context.pre_execution_errors = [_exceeded(rows, self._most)]
        yield


def rows_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, Any],
    page: int,
) -> int:
    """Each thing that is asked for counts one, and as often as the lists around it are long: as
    long as their page may be, whatever they hold. Variables count as what is executed takes them
    for: 200.0 is 200.
    """
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return 0
    given = get_variable_values(schema, operation.variable_definitions or (), dict(variables))
    if isinstance(given, list):
        return 0  # wrong variables: nothing is executed
    root = schema.get_root_type(operation.operation)
    return Rows(schema, document, given.coerced, page).of(operation.selection_set, root)


class Rows:
    """Counts the rows of selections; what a fragment asks for is counted once and remembered.
    `variables` are coerced.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        variables: Mapping[str, Any],
        page: int,
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._default = page
        self._fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        self._known: dict[str, int] = {}

    def of(self, selections: SelectionSetNode | None, type_: GraphQLNamedType | None) -> int:
        """The rows that these selections of this type could touch."""
        nodes: Iterable[SelectionNode] = selections.selections if selections else ()
        return sum(self._one(node, type_) for node in nodes)

    def _one(self, node: SelectionNode, type_: GraphQLNamedType | None) -> int:
        match node:
            case FieldNode():
                return self._field(node, type_)
            case InlineFragmentNode():
                condition = node.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else type_
                return self.of(node.selection_set, inner)
            case FragmentSpreadNode():
                return self._fragment(node.name.value)
        raise TypeError(node.kind)

    def _fragment(self, name: str) -> int:
        if name not in self._known:
            fragment = self._fragments[name]
            condition = self._schema.get_type(fragment.type_condition.name.value)
            self._known[name] = self.of(fragment.selection_set, condition)
        return self._known[name]

    def _field(self, node: FieldNode, type_: GraphQLNamedType | None) -> int:
        name = node.name.value
        if node.selection_set is None or name.startswith("__"):
            return 0
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            return 0
        field = type_.fields[name]
        inner = self.of(node.selection_set, get_named_type(field.type))
        if "first" in field.args:
            return self._length(node) * (1 + inner)
        if name in LONGEST:
            return LONGEST[name] * (1 + inner)
        return inner if name in PARTS and _is_list(type_) else 1 + inner

    def _length(self, node: FieldNode) -> int:
        given = {one.name.value: one.value for one in node.arguments or ()}
        sizes = [
            _number(given[name], self._variables) for name in ("first", "last") if name in given
        ]
        asked = [size for size in sizes if size is not None]
        return max(0, *asked) if asked else self._default


def _is_list(type_: GraphQLObjectType | GraphQLInterfaceType) -> bool:
    return type_.name.endswith(("Connection", "Edge"))


def _number(node: ValueNode, variables: Mapping[str, Any]) -> int | None:
    match node:
        case IntValueNode():
            return int(node.value)
        case VariableNode():
            value: int | None = variables.get(node.name.value)
            return value
    return None


def _exceeded(rows: int, most: int) -> ApiError:
    message = (
        f"the operation could touch {rows} rows; at most {most} are allowed: ask for smaller pages"
        " (`first`), or for less within them"
    )
    return ApiError(Code.LIMIT_EXCEEDED, message, measure="rows", limit=most)
