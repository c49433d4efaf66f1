"""Sending and hearing messages with plain fields, without executing a document each time.

What most listeners ask for are a message's own fields: the same for all of them. So it is put
together once for each message and selection, and shared. Whatever else a document asks for makes it
one that is executed like any other.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    located_error,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values, get_variable_values
from strawberry.types import ExecutionResult

from api import metrics
from api.authorization import Act, require
from api.context import Context
from api.messages.asking import draft
from api.messages.cards import card_of
from api.messages.conversing import named_conversation
from api.messages.drafts import Kind
from api.messages.feeds import News
from api.messages.names import MessageId
from api.messages.notices import Change
from api.policy import dressed
from api.reads import chain, messages
from api.reads.moment import NOW
from api.reads.snapshot import Momentary
from api.reads.view import View
from api.scalars import show_address, show_time

LONGEST: Final = 1000
"""Characters of a document that is looked at."""
ARGUMENTS: Final = {
    "groupId": "group_id",
    "key": "key",
    "recipient": "recipient",
    "content": "content",
    "clientId": "client_id",
    "encryption": "encryption",
}
FRESH: Final = partial(SimpleNamespace, edited_at=None, deleted_at=None)
"""The row of a message that was sent just now."""
Fields = Mapping[str, Callable[[Any], Any]]
MESSAGE: Final[Fields] = {
    "__typename": lambda _: "Message",
    "id": lambda row: str(MessageId(row.conversation, row.sent_at)),
    "seq": lambda row: str(row.seq),
    "sender": lambda row: show_address(row.sender),
    "kind": lambda row: Kind(row.kind).name,
    "content": lambda row: row.content,
    "encryption": lambda row: row.encryption,
    "sentAt": lambda row: show_time(row.sent_at),
    "editedAt": lambda row: row.edited_at and show_time(row.edited_at),
    "deletedAt": lambda row: row.deleted_at and show_time(row.deleted_at),
    "block": lambda row: row.block_number,
    "card": lambda _: None,
}
NOT_OF_CARDS: Final = frozenset({"seq", "encryption", "editedAt", "deletedAt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A root field that is looked at, and with which arguments.

    `selection` is what the plan shows of each answer, None where that is not plain; `answers` are
    the answers.
    """

    kind: OperationType
    field: str
    arguments: frozenset[str]
    selection: Callable[[FieldNode], tuple[tuple[str, Any], ...] | None]
    answers: "Callable[[Context, Plan, Mapping[str, Any]], AsyncIterator[Mapping[str, Any]]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked for: response names and what stands there, under the response name of the
    root.
    """

    sought: Sought
    operation: OperationDefinitionNode
    root: FieldNode
    selection: tuple[tuple[str, Any], ...]

    @property
    def name(self) -> str:
        return response_name(self.root)

    def arguments(self, schema: GraphQLSchema, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments by their GraphQL names. Raises GraphQLError for wrong variables."""
        defined = self.operation.variable_definitions or ()
        given = get_variable_values(schema, defined, dict(variables))
        if isinstance(given, list):
            raise given[0]
        root = schema.get_root_type(self.operation.operation)
        assert root is not None
        return get_argument_values(root.fields[self.root.name.value], self.root, given)

    def failed(self, error: Exception) -> ExecutionResult:
        """The result that says why there is none."""
        located = located_error(error, [self.root], [self.name])
        return ExecutionResult(data=None, errors=dressed([located]))


def planned(schema: GraphQLSchema, text: str, fields: Sequence[Sought]) -> Plan | None:
    """The plan of a valid document of one such operation; None for any other."""
    if len(text) > LONGEST or not any(one.field in text for one in fields):
        return None
    try:
        document = parse(text)
    except GraphQLError:
        return None
    plans = (_plan(document, one) for one in fields)
    found = next((plan for plan in plans if plan is not None), None)
    return None if found is None or validate(schema, document) else found


def _plan(document: DocumentNode, sought: Sought) -> Plan | None:
    match document.definitions:
        case (OperationDefinitionNode(operation=sought.kind) as operation,):
            roots = operation.selection_set.selections
        case _:
            return None
    if operation.directives or len(roots) != 1 or not isinstance(root := roots[0], FieldNode):
        return None
    arguments = {one.name.value for one in root.arguments or ()}
    if root.name.value != sought.field or root.directives or not arguments <= sought.arguments:
        return None
    selection = sought.selection(root)
    if selection is None:
        return None
    return Plan(sought=sought, operation=operation, root=root, selection=selection)


def _of_message(root: FieldNode) -> tuple[tuple[str, str], ...] | None:
    inner = root.selection_set.selections if root.selection_set else ()
    fields = [one for one in inner if isinstance(one, FieldNode)]
    plain = all(
        one.name.value in MESSAGE and not one.directives and not one.selection_set for one in fields
    )
    if not plain or len(fields) != len(inner):
        return None
    return tuple((response_name(one), one.name.value) for one in fields)


def response_name(node: FieldNode) -> str:
    """What a field is called in the answer."""
    return node.alias.value if node.alias else node.name.value


async def results(
    context: Context, plan: Plan, arguments: Mapping[str, Any]
) -> AsyncIterator[ExecutionResult]:
    """What executing the document would give; the last result of a stream that ends says why."""
    metrics.OPERATIONS.inc()
    try:
        async for data in plan.sought.answers(context, plan, arguments):
            yield ExecutionResult(data={plan.name: data}, errors=None)
    except Exception as error:
        yield plan.failed(error)
    finally:
        await context.close()


async def _heard(
    context: Context, plan: Plan, arguments: Mapping[str, Any]
) -> AsyncIterator[Mapping[str, Any]]:
    names = ("groupId", "key", "recipient")
    where = await named_conversation(context, *(arguments.get(name) for name in names))
    who = require(context.viewer, Act.READ_MESSAGES)
    await context.close()
    async with context.index.hub.feed(who, where) as feed:
        while True:
            news = await feed.next()
            if news.change is Change.ADDED:
                yield await _shown(context, news, plan)


async def _sent(
    context: Context, plan: Plan, arguments: Mapping[str, Any]
) -> AsyncIterator[Mapping[str, Any]]:
    given = {ARGUMENTS[name]: value for name, value in arguments.items() if name in ARGUMENTS}
    sent = await context.index.messenger.send(draft(context.viewer, **given))
    view = View(Momentary(context.index.engine), NOW)
    place = (sent.id.conversation, sent.id.sent_at)
    row: Any = FRESH(**sent.row) if sent.row else await messages.A_MESSAGE.row(view, place)
    values = await message_values(view, row)
    yield {name: values[key]() for name, key in plan.selection}


async def _shown(context: Context, news: News, plan: Plan) -> Mapping[str, Any]:
    """What the plan shows of a message, put together by the first who asks."""
    found = news.shown.get(plan.selection)
    if found is None:
        fields = card_values if news.card else message_values
        row = await fields(View(Momentary(context.index.engine), NOW), news.row)
        found = news.shown[plan.selection] = {name: row[key]() for name, key in plan.selection}
    return found


Values = Mapping[str, Callable[[], Any]]


async def message_values(view: View, row: Any) -> Values:
    """What each field of a message is, when it is asked for."""
    values: dict[str, Callable[[], Any]] = {
        name: lambda show=show: show(row)  # type: ignore[misc]
        for name, show in MESSAGE.items()
    }
    if row.has_more:
        parts: Any = await messages.PARTS.row(view, (row.conversation, row.sent_at))
        rest = "" if parts is None or parts.rest is None else parts.rest
        values["content"] = lambda: row.content + rest
    return values


async def card_values(view: View, row: Any) -> Values:
    """The same of an event's card."""
    card = card_of(row)
    assert card is not None
    block: Any = await chain.BLOCK.row(view, row.block_number)
    known = {
        "__typename": "Message",
        "id": f"Message:{row.block_number}-{row.log_index}",
        "sender": show_address(card.who),
        "kind": card.kind.name,
        "content": card.words,
        "sentAt": None if block is None else show_time(block.timestamp),
        "block": row.block_number,
        "card": card.card.name,
    }
    values: dict[str, Callable[[], Any]] = {name: lambda: None for name in NOT_OF_CARDS}
    return values | {name: lambda value=value: value for name, value in known.items()}


MESSAGES: Final = (
    Sought(
        kind=OperationType.SUBSCRIPTION,
        field="messageAdded",
        arguments=frozenset({"groupId", "key", "recipient"}),
        selection=_of_message,
        answers=_heard,
    ),
    Sought(
        kind=OperationType.MUTATION,
        field="sendMessage",
        arguments=frozenset(ARGUMENTS),
        selection=_of_message,
        answers=_sent,
    ),
)
