"""Pages of history with plain fields, without executing a document each time.

graphql-core takes some ten microseconds a field, and a page has hundreds. A document of another
shape is executed, and so is one that is refused: there errors are worded.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values, get_variable_values

from api.context import Context
from api.messages.conversing import one_conversation
from api.messages.history import history
from api.messages.plain import LONGEST, MESSAGE, card_values, message_values
from api.messages.timeline import Entry, Timeline
from api.paging import Args
from api.reads.groups import GROUP
from api.reads.view import View

ROOTS: Final = ("group", "conversation")
INFO: Final[Mapping[str, Callable[[Timeline], Awaitable[Any]]]] = {
    "hasNextPage": Timeline.has_next,
    "hasPreviousPage": Timeline.has_previous,
    "startCursor": lambda asked: _cursor(asked, 0),
    "endCursor": lambda asked: _cursor(asked, -1),
}
Selection = Sequence[tuple[str, FieldNode]]
"""Response names, and the fields behind them."""


class Unsuitable(Exception):
    """The document has to be executed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One root, `messages` alone below it, and what is asked of them."""

    operation: OperationDefinitionNode
    root: FieldNode
    messages: FieldNode
    asked: Selection


def planned(schema: GraphQLSchema, text: str) -> Plan | None:
    """The plan of a valid document of this shape; None for any other."""
    if len(text) > LONGEST or "messages" not in text:
        return None
    try:
        document = parse(text)
        found = _plan(document)
    except (GraphQLError, Unsuitable):
        return None
    return None if validate(schema, document) else found


def _plan(document: DocumentNode) -> Plan:
    match document.definitions:
        case (OperationDefinitionNode(operation=OperationType.QUERY) as operation,):
            [(_, root)] = _one(operation)
        case _:
            raise Unsuitable
    if operation.directives:
        raise Unsuitable
    [(_, messages)] = _one(root)
    arguments = {one.name.value for one in root.arguments or ()}
    if root.name.value not in ROOTS or messages.name.value != "messages" or "block" in arguments:
        raise Unsuitable
    asked = _fields(messages)
    for _, node in asked:
        match node.name.value:
            case "nodes":
                _require(node, MESSAGE)
            case "edges":
                _require(node, ("cursor", "node"))
                for _, inner in _fields(node):
                    _require(inner, MESSAGE if inner.name.value == "node" else ())
            case "pageInfo":
                _require(node, INFO)
            case _:
                raise Unsuitable
    return Plan(operation=operation, root=root, messages=messages, asked=asked)


def _one(node: OperationDefinitionNode | FieldNode) -> Selection:
    found = _fields(node)
    if len(found) != 1:
        raise Unsuitable
    return found


def _require(node: FieldNode, known: Any) -> None:
    if any(one.name.value not in known for _, one in _fields(node)):
        raise Unsuitable


def _fields(node: OperationDefinitionNode | FieldNode) -> Selection:
    """What is selected, if it is fields without directives, each once."""
    inner = node.selection_set.selections if node.selection_set else ()
    nodes = [one for one in inner if isinstance(one, FieldNode) and not one.directives]
    found = [(one.alias.value if one.alias else one.name.value, one) for one in nodes]
    if len({name for name, _ in found}) != len(inner):
        raise Unsuitable
    return found


async def answer(
    context: Context, schema: GraphQLSchema, plan: Plan, variables: Mapping[str, Any]
) -> dict[str, Any]:
    """The data that executing the document would give. Raises Unsuitable, or what makes executing
    it fail.
    """
    given = get_variable_values(schema, plan.operation.variable_definitions or (), {**variables})
    who = context.viewer.address
    if isinstance(given, list) or schema.query_type is None or who is None:
        raise Unsuitable
    field = schema.query_type.fields[plan.root.name.value]
    named = get_argument_values(field, plan.root, given)
    type_ = get_named_type(field.type)
    assert isinstance(type_, GraphQLObjectType)
    args = get_argument_values(type_.fields["messages"], plan.messages, given)
    key = one_conversation(who, *map(named.get, ("groupId", "key", "recipient")))
    view = await context.view()
    root = _name(plan.root)
    if plan.root.name.value == "group" and await GROUP.row(view, key) is None:
        return {root: None}
    asked = await history(view, context.viewer, key, Args(**args))
    entries = (await asked.slice()).rows
    told = {name: await _told(view, asked, entries, node) for name, node in plan.asked}
    return {root: {_name(plan.messages): told}}


def _name(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


async def _told(view: View, asked: Timeline, entries: Sequence[Entry], node: FieldNode) -> Any:
    fields = _fields(node)
    match node.name.value:
        case "pageInfo":
            return {name: await INFO[one.name.value](asked) for name, one in fields}
        case "nodes":
            return await _shown(view, entries, fields)
    return await _edges(view, asked, entries, fields)


async def _edges(
    view: View, asked: Timeline, entries: Sequence[Entry], fields: Selection
) -> list[dict[str, Any]]:
    """Made column by column."""
    cursors = [asked.page.sort.cursor(one) for one in entries]
    columns = [
        cursors if node.name.value == "cursor" else await _shown(view, entries, _fields(node))
        for _, node in fields
    ]
    names = [name for name, _ in fields]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


async def _shown(
    view: View, entries: Sequence[Entry], fields: Selection
) -> Sequence[dict[str, Any]]:
    shows = [(name, MESSAGE[node.name.value]) for name, node in fields]
    rows = [one.message for one in entries if one.message is not None and not one.message.has_more]
    if len(rows) == len(entries):
        return [{name: show(row) for name, show in shows} for row in rows]
    return await gather(*(_whole(view, one, fields) for one in entries))


async def _whole(view: View, entry: Entry, fields: Selection) -> dict[str, Any]:
    values = (
        await card_values(view, entry.event)
        if entry.message is None
        else await message_values(view, entry.message)
    )
    return {name: values[node.name.value]() for name, node in fields}


async def _cursor(asked: Timeline, place: int) -> str | None:
    rows = (await asked.slice()).rows
    return asked.page.sort.cursor(rows[place]) if rows else None
