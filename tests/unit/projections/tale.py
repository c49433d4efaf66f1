"""Facts told one after the other, and the world that they make."""

from typing import Self

from indexer.events.calls import Call
from indexer.events.definitions import Event
from indexer.projections.fold import fold, touched
from indexer.projections.preimages import Preimages
from indexer.projections.world import Fact, World
from indexer.units import Address, Hash32, keccak

NOON = 1_700_000_000
ADA, BOB, EVE = (Address(bytes([n]) * 20) for n in (1, 2, 3))
GROUP = keccak(b"group_1")
POT = Hash32(b"\x50" * 32)
OTHER_POT = Hash32(b"\x51" * 32)


class Tale:
    """A chain of events. `say` is one transaction, in block 1 until `block` opens another one."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self._block = 1
        self._log = self._transaction = -1

    def say(self, *events: Event, call: Call | None = None) -> Self:
        """Adds a transaction with these events, all caused by `call`."""
        self._transaction += 1
        for event in events:
            self._log += 1
            self.facts.append(Fact(event, self._block, self._log, self._transaction, call))
        return self

    def block(self, number: int) -> Self:
        """What follows happens in this block."""
        self._block, self._log, self._transaction = number, -1, -1
        return self

    def world(self) -> World:
        """What the facts make of an empty world."""
        world = World(Preimages())
        touched(self.facts, world)
        fold(self.facts, world)
        return world
