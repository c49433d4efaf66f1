"""Hearing of events with plain fields, without executing a document for each of them.

A block brings a hundred events at once: executing the document for each takes longer than all else
that happens between the block and its subscribers. What else is asked for is executed as ever.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from graphql import FieldNode, OperationType

from api.context import Context
from api.event_stream import updates
from api.messages.plain import Plan, Sought, response_name
from api.scalars import show_time
from api.types.chain import Block, Event, arguments_of, name_of
from indexer.units import to_hex

Show = Callable[[Any], Any]
Shown = tuple[tuple[str, Show], ...]
"""Response names, and what stands under them."""


def _block(one: Event) -> Block:
    assert one.known_block is not None, "a live event comes with its block"
    return one.known_block


BLOCK: Final[Mapping[str, Show]] = {
    "__typename": lambda _: "Block",
    "number": lambda one: one.number,
    "hash": lambda one: to_hex(one.hash),
    "timestamp": lambda one: show_time(one.timestamp),
}
EVENT: Final[Mapping[str, Show]] = {
    "__typename": lambda _: "Event",
    "id": lambda one: one.id,
    "contract": lambda one: one.contract.name,
    "transactionHash": lambda one: to_hex(one.transaction_hash),
    "transactionIndex": lambda one: one.transaction_index,
    "logIndex": lambda one: one.log_index,
    "name": lambda one: name_of(one.decoded),
    "args": lambda one: arguments_of(one.decoded, one.row),
}
UPDATE: Final[Mapping[str, Show]] = {
    "__typename": lambda _: "EventUpdate",
    "reverted": lambda one: one.reverted,
    "cursor": lambda one: one.cursor,
}
Inner = Mapping[str, Callable[[FieldNode], Show | None]]
"""Fields that have fields, and what shows them; None where they ask for more than is plain."""


def _shown(node: FieldNode, plain: Mapping[str, Show], inner: Inner) -> Shown | None:
    """What the fields under the node show; None where one is not plain, or two are one."""
    found = []
    for one in node.selection_set.selections if node.selection_set else ():
        if not isinstance(one, FieldNode) or one.directives or one.arguments:
            return None
        within = inner.get(one.name.value)
        show = within(one) if within else plain.get(one.name.value)
        if show is None:
            return None
        found.append((response_name(one), show))
    return tuple(found) if len(dict(found)) == len(found) else None


def _of(
    thing: Callable[[Any], Any], plain: Mapping[str, Show], inner: Inner
) -> Callable[[FieldNode], Show | None]:
    def made(node: FieldNode) -> Show | None:
        shown = _shown(node, plain, inner)
        return None if shown is None else lambda one: _told(shown, thing(one))

    return made


def _told(shown: Shown, thing: Any) -> dict[str, Any]:
    return {name: show(thing) for name, show in shown}


WITHIN: Final[Inner] = {
    "event": _of(lambda update: update.event, EVENT, {"block": _of(_block, BLOCK, {})})
}


def _selection(root: FieldNode) -> Shown | None:
    return _shown(root, UPDATE, WITHIN)


async def _heard(
    context: Context, plan: Plan, arguments: Mapping[str, Any]
) -> AsyncIterator[Mapping[str, Any]]:
    async for update in updates(context.index, None, arguments.get("after")):
        yield _told(plan.selection, update)


EVENTS: Final = Sought(
    kind=OperationType.SUBSCRIPTION,
    field="events",
    arguments=frozenset({"after"}),
    selection=_selection,
    answers=_heard,
)
