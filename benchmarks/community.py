"""The mix: who does what how often, and the transactions that come of it."""

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Final

from benchmarks import gifts, money, social
from benchmarks.world import DEPLOYER, Sent, World
from indexer.events.definitions import Contract
from indexer.events.definitions.ownable import OwnershipTransferred
from indexer.units import ZERO_ADDRESS

Action = Callable[[World], tuple[Sent, ...]]

MIX: Final[dict[Action, float]] = {
    social.found: 3,
    social.join: 22,
    social.invite: 7,
    social.answer: 8,
    social.leave: 4,
    social.promote: 2,
    social.mute: 2,
    social.hand_over: 0.3,
    social.settle: 1.5,
    social.describe: 1,
    social.dissolve: 0.1,
    money.ask: 3,
    money.appeal: 0.7,
    money.give: 22,
    money.fetch_refund: 2,
    gifts.send: 3.5,
    gifts.claim: 25,
    gifts.interrupt: 0.02,
}
"""How often each action is tried, as weights."""


def deployment() -> tuple[Sent, ...]:
    """The transactions that create the three contracts."""
    owned = OwnershipTransferred(ZERO_ADDRESS, DEPLOYER)
    return tuple(
        Sent(contract=contract, sender=DEPLOYER, call=None, events=(owned,))
        for contract in Contract
    )


def life(world: World) -> Iterator[Sent]:
    """Transactions without end; `world.now` may be moved on between two of them."""
    actions = list(MIX)
    weights = list(accumulate(MIX.values()))
    while True:
        [action] = world.rng.choices(actions, cum_weights=weights)
        yield from action(world)
