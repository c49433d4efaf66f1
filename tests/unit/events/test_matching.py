"""Calls and events of one transaction find each other in order, and only where it is certain."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.events.calls.group_chat import CreateGroup, UpdateGroupInfo, UpdateGroupSettings
from indexer.events.definitions.group_chat import (
    GroupCreated,
    GroupInfoUpdated,
    GroupSettingsUpdated,
)
from indexer.events.inputs import agrees
from indexer.events.matching import matched
from indexer.units import Address, Hash32, keccak

ADA = Address(b"\xad" * 20)
Calls = CreateGroup | UpdateGroupInfo | UpdateGroupSettings
Events = GroupCreated | GroupInfoUpdated | GroupSettingsUpdated

groups = st.sampled_from([b"group_1", b"group_2"])
calls = (
    st.builds(CreateGroup, groups, groups, groups, st.booleans(), st.just(9))
    | st.builds(UpdateGroupInfo, groups, groups, groups, groups)
    | st.builds(UpdateGroupSettings, groups, *[st.booleans()] * 3, st.just(9), st.booleans())
)


def event_of(call: Calls, place: int) -> Events:
    """The event that the call emits, the `place`-th."""
    match call:
        case CreateGroup():
            return GroupCreated(Hash32(bytes([place]) * 32), call.group_name, ADA, place)
        case UpdateGroupInfo():
            return GroupInfoUpdated(keccak(call.group_id), ADA, place)
        case UpdateGroupSettings():
            return GroupSettingsUpdated(keccak(call.group_id), ADA, place)


@given(st.lists(calls, max_size=12))
def test_where_every_call_emitted_each_event_gets_its_own(made: list[Calls]) -> None:
    events = [event_of(call, place) for place, call in enumerate(made)]
    assert matched(events, made) == list(range(len(made)))


@given(st.lists(st.tuples(calls, st.booleans(), st.booleans()), max_size=12))
def test_calls_and_events_that_miss_each_other_never_cross_nor_meet_twice(
    told: list[tuple[Calls, bool, bool]],
) -> None:
    events = [event_of(call, place) for place, (call, emitted, _) in enumerate(told) if emitted]
    seen = [call for call, _, known in told if known]
    places = [place for place in matched(events, seen) if place is not None]
    assert places == sorted(set(places))
    pairs = zip(events, matched(events, seen), strict=True)
    assert all(agrees(event, seen[place]) for event, place in pairs if place is not None)


@given(st.lists(st.tuples(calls, st.booleans()), max_size=12))
def test_a_call_that_did_nothing_is_never_taken_for_another(told: list[tuple[Calls, bool]]) -> None:
    """All calls are known, some without effect: what an event gets is what its call said."""
    acted = [call for call, emitted in told if emitted]
    everything = [call for call, _ in told]
    events = [event_of(call, place) for place, call in enumerate(acted)]
    for mine, place in zip(acted, matched(events, everything), strict=True):
        assert place is None or everything[place] == mine


def test_two_different_calls_for_one_event_are_left_alone() -> None:
    one, other = CreateGroup(b"tea", b"a", b"", True, 9), CreateGroup(b"tea", b"b", b"", True, 9)
    assert matched([event_of(one, 0)], [one, other]) == [None]
    assert matched([event_of(one, 0)], [one, one]) == [0]


def test_ten_thousand_of_each_are_matched_at_once() -> None:
    call = CreateGroup(b"tea", b"", b"", True, 9)
    events = [event_of(call, 0)] * 10_000
    assert matched(events, [call] * 10_000) == list(range(10_000))
