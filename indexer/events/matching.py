"""Which of several calls caused which of several events of one contract in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

from indexer.events.calls import Call
from indexer.events.definitions import Event
from indexer.events.inputs import CAUSES, asked, said


def matched(events: Sequence[Event], calls: Sequence[Call]) -> list[int | None]:
    """For each event the place of its call, both in the order of execution.

    A call is used at most once, no two cross, and each agrees with its event. Calls that say the
    same of their events but differ otherwise count only if there are as many as such events: else
    one of them did nothing, and nobody knows which.
    """
    wanted = [_said(event) for event in events]
    offered = [_asked(call) for call in calls]
    unclear = _unclear(wanted, offered, calls)
    places: dict[Hashable, list[int]] = defaultdict(list)
    for place in range(len(offered) - 1, -1, -1):
        places[offered[place]].append(place)
    return _in_order([None if one in unclear else one for one in wanted], places)


def _in_order(
    wanted: Sequence[Hashable | None], places: dict[Hashable, list[int]]
) -> list[int | None]:
    found: list[int | None] = []
    last = -1
    for one in wanted:
        stack = places.get(one, []) if one is not None else []
        while stack and stack[-1] <= last:
            stack.pop()
        found.append(stack.pop() if stack else None)
        last = last if found[-1] is None else found[-1]
    return found


def _unclear(
    wanted: Sequence[Hashable], offered: Sequence[Hashable], calls: Sequence[Call]
) -> set[Hashable]:
    different: dict[Hashable, set[Call]] = defaultdict(set)
    for one, call in zip(offered, calls, strict=True):
        different[one].add(call)
    many, needed = Counter(offered), Counter(wanted)
    return {
        one for one, contents in different.items() if len(contents) > 1 and many[one] != needed[one]
    }


def _said(event: Event) -> Hashable:
    return type(event), said(event)


def _asked(call: Call) -> Hashable:
    return _EVENT_OF.get(type(call)), asked(call)


_EVENT_OF = {call: event for event, calls in CAUSES.items() for call in calls}
