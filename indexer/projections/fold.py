"""Folding a batch: what it touches, and what it makes of it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from indexer.events.definitions import group_chat as chat
from indexer.events.observations import GroupObserved
from indexer.projections.refunds import cancellations
from indexer.projections.registry import RULES
from indexer.projections.world import Fact, World

Keys = dict[str, set[Any]]
"""Projection → keys of the rows that a batch touches."""


MOVING: Final = (chat.RoleChanged, chat.GroupOwnershipTransferred)


def touched(facts: Sequence[Fact], world: World) -> Keys:
    """The keys that the facts name; also notes in the world whom each cancellation credited."""
    keys: Keys = defaultdict(set)
    for fact in facts:
        if rule := RULES.get(type(fact.event)):
            for name, key in rule.touches:
                keys[name].add(key(fact.event))
    for fact, users in cancellations(facts):
        world.credited[fact.block, fact.log] = users
        payment = RULES[type(fact.event)].touches[0][1](fact.event)
        keys["contributions"].update((payment, user) for user in users)
    return keys


def owners(facts: Sequence[Fact], world: World) -> set[Any]:
    """The keys of the members who may lose a group's ownership, once the groups are loaded."""
    moved = {fact.event.group_key for fact in facts if type(fact.event) in MOVING}  # type: ignore[union-attr]
    if not moved:
        return set()
    standing = ((key, world.groups.get(key)) for key in moved)
    seen = {
        (fact.event.group_key, fact.event.seen.owner)
        for fact in facts
        if isinstance(fact.event, GroupObserved) and fact.event.group_key in moved
    }
    return seen | {(key, group.owner) for key, group in standing if group is not None}


def fold(facts: Sequence[Fact], world: World) -> None:
    """Applies the facts, in the order of the chain, to the loaded world."""
    for fact in facts:
        if rule := RULES.get(type(fact.event)):
            rule.fold(world, fact.event, fact)
