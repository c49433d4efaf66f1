"""The state that the next action is chosen by; small whatever the length of the chain."""

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from random import Random
from typing import Final, TypeVar

from benchmarks.entities import Group, Packet, Pot
from benchmarks.totals import Totals
from indexer.events.calls import Call
from indexer.events.definitions import Contract, Event
from indexer.units import Address, Hash32, keccak

T = TypeVar("T")

PEOPLE: Final = 50_000
MOST: Final = 4_000
"""Groups, pots and packets, each, that something can still happen to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A transaction: a direct call of a contract and the events it emits, in their order.

    `call` is None where it creates the contract.
    """

    contract: Contract
    sender: Address
    call: Call | None
    events: tuple[Event, ...]
    value: int = 0


@lru_cache(maxsize=PEOPLE)
def person(number: int) -> Address:
    """The address of one of the people."""
    return Address(blake2b(b"person %d" % number, digest_size=20).digest())


DEPLOYER: Final = person(-1)


@dataclass(slots=True)
class World:
    """All that lives. What falls out of a pool is counted: nothing happens to it any more."""

    rng: Random
    now: int = 0
    groups: list[Group] = field(default_factory=list)
    pots: list[Pot] = field(default_factory=list)
    packets: list[Packet] = field(default_factory=list)
    refunds: dict[Address, int] = field(default_factory=dict)
    owed: list[Address] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, what: str) -> int:
        """The next number of a contract's counter, from 1."""
        self._numbers[what] = self._numbers.get(what, 0) + 1
        return self._numbers[what]

    def identify(self, prefix: str, counter: str) -> Hash32:
        """keccak256(abi.encodePacked(prefix, counter, block.timestamp))."""
        count = self.number(counter).to_bytes(32, "big")
        return keccak(prefix.encode() + count + self.now.to_bytes(32, "big"))

    def somebody(self) -> Address:
        """One of the people; some are livelier than others."""
        return person(int(PEOPLE * self.rng.random() ** 2))

    def any(self, pool: list[T]) -> T | None:
        """One of the pool, None where it is empty."""
        return pool[int(self.rng.random() * len(pool))] if pool else None

    def begin_group(self, group: Group) -> None:
        """Adds a group, which may push another one out."""
        if gone := self._admit(self.groups, group):
            self.totals.group(gone)

    def begin_pot(self, pot: Pot) -> None:
        """Adds a pot, which may push another one out."""
        if gone := self._admit(self.pots, pot):
            self.totals.pot(gone)

    def begin_packet(self, packet: Packet) -> None:
        """Adds a packet, which may push another one out."""
        if gone := self._admit(self.packets, packet):
            self.totals.packet(gone)

    def _admit(self, pool: list[T], one: T) -> T | None:
        if len(pool) < MOST:
            pool.append(one)
            return None
        place = int(self.rng.random() * len(pool))
        gone, pool[place] = pool[place], one
        return gone

    def end_group(self, group: Group) -> None:
        """Nothing happens to the group from now on."""
        _drop(self.groups, group)
        self.totals.group(group)

    def end_pot(self, pot: Pot) -> None:
        """Nothing happens to the pot from now on."""
        _drop(self.pots, pot)
        self.totals.pot(pot)

    def end_packet(self, packet: Packet) -> None:
        """Nothing happens to the packet from now on."""
        _drop(self.packets, packet)
        self.totals.packet(packet)

    def credit(self, user: Address, amount: int) -> None:
        """The user can claim the amount back."""
        if not self.refunds.get(user):
            self.owed.append(user)
        self.refunds[user] = self.refunds.get(user, 0) + amount

    def close(self) -> dict[str, int]:
        """Ends everything that still lives; returns the numbers of the whole."""
        for group in self.groups:
            self.totals.group(group)
        for pot in self.pots:
            self.totals.pot(pot)
        for packet in self.packets:
            self.totals.packet(packet)
        self.totals["refund_balances.rows"] = len(self.refunds)
        self.totals["refund_balances.amount"] = sum(self.refunds.values())
        return dict(self.totals)


def _drop(pool: list[T], one: T) -> None:
    place = next(place for place, other in enumerate(pool) if other is one)
    last = pool.pop()
    if last is not one:
        pool[place] = last
