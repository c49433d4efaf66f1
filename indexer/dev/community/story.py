"""What happens next: pure, and the same for the same seed and the same past."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from indexer.dev.community import money, packets, social
from indexer.dev.community.calls import Call
from indexer.dev.community.view import View
from indexer.dev.community.world import World

FEW_GROUPS: Final = 20
WEIGHTS: Final[dict[Callable[[View], Call | None], int]] = {
    social.join: 20,
    social.invite: 6,
    social.decide: 3,
    social.leave: 3,
    social.remove: 1,
    social.promote: 3,
    social.hand_over: 1,
    social.mute: 2,
    social.set_up: 2,
    social.describe: 2,
    money.collect: 3,
    money.split: 4,
    money.fund: 2,
    money.contribute: 24,
    money.back: 16,
    money.withdraw: 6,
    money.cancel: 1,
    money.claim_refund: 3,
    packets.give_random: 4,
    packets.give_fixed: 2,
    packets.give_exclusive: 2,
    packets.claim: 30,
    packets.fetch_back: 2,
}


def next_call(world: World, *, users: Sequence[str], now: int, seed: int, attempt: int = 0) -> Call:
    """What somebody does next; another `attempt` gives another idea."""
    rng = Random(f"{seed}/{world.turn}/{attempt}")
    view = View(world=world, users=users, now=now, rng=rng)
    if rng.random() < _chance_of_a_group(len(world.groups)):
        return social.create(view)
    if rng.random() < 0.002 and (end := social.dissolve(view)):
        return end
    return _first_possible(view) or social.create(view)


def _chance_of_a_group(count: int) -> float:
    """High until there are some groups, then ever lower: about one more each few hundred calls."""
    return 0.12 if count < FEW_GROUPS else 0.1 / count


def _first_possible(view: View) -> Call | None:
    """An idea by weight; where it is not possible, another one."""
    ideas = dict(WEIGHTS)
    while ideas:
        idea = view.rng.choices(list(ideas), weights=list(ideas.values()))[0]
        if call := idea(view):
            return call
        del ideas[idea]
    return None


def next_calls(world: World, *, users: Sequence[str], now: int, seed: int, most: int) -> list[Call]:
    """Several calls for one block, of different people about different things."""
    chosen: list[Call] = []
    taken: set[object] = {None}
    for attempt in range(3 * most):
        call = next_call(world, users=users, now=now, seed=seed, attempt=attempt)
        if call.sender not in taken and (call.subject is None or call.subject not in taken):
            chosen.append(call)
            taken |= {call.sender, call.subject}
        if len(chosen) == most:
            break
    return chosen
