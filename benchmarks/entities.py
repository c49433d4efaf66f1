"""What lives on the synthetic chain: groups, pots of money, red packets; and a bag to draw from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from indexer.units import Address, Hash32


class Bag:
    """Addresses that are drawn at random, the same ones from the same seed, each in O(1)."""

    __slots__ = ("_items", "_places")

    def __init__(self, items: Iterable[Address] = ()) -> None:
        self._items: list[Address] = list(dict.fromkeys(items))
        self._places = {item: place for place, item in enumerate(self._items)}

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item: Address) -> bool:
        return item in self._places

    def __iter__(self) -> Iterator[Address]:
        return iter(self._items)

    def add(self, item: Address) -> None:
        """Puts it in, unless it is."""
        if item not in self._places:
            self._places[item] = len(self._items)
            self._items.append(item)

    def discard(self, item: Address) -> None:
        """Takes it out, if it is in."""
        place = self._places.pop(item, None)
        if place is not None:
            last = self._items.pop()
            if last != item:
                self._items[place] = last
                self._places[last] = place

    def draw(self, rng: Random) -> Address:
        """Any of them; it stays in."""
        return self._items[int(rng.random() * len(self._items))]


@dataclass(slots=True, kw_only=True)
class Group:
    """A group; `admins` and `muted` are members, the owner is a member and no admin."""

    id: bytes
    key: Hash32
    name: bytes
    avatar: bytes
    description: bytes
    owner: Address
    is_public: bool
    approval: bool
    limit: int
    invites: bool = True
    mute_all: bool = False
    active: bool = True
    members: Bag
    admins: Bag = field(default_factory=Bag)
    muted: set[Address] = field(default_factory=set)
    requests: Bag = field(default_factory=Bag)

    def strike(self, member: Address) -> None:
        """Deletes the member's record."""
        self.members.discard(member)
        self.admins.discard(member)
        self.muted.discard(member)


@dataclass(slots=True, kw_only=True)
class Pot:
    """A collection (kind 0), a shared bill (1) or a crowdfunding (2).

    `waiting` are the participants who have not paid. `share` is what each of a bill owes; `least`
    is what a crowdfunding takes.
    """

    id: Hash32
    kind: int
    group_id: bytes
    initiator: Address
    target: int
    participants: tuple[Address, ...] = ()
    waiting: list[Address]
    share: int = 0
    least: int = 0
    title: bytes = b""
    description: bytes
    deadline: int
    collected: int = 0
    given: dict[Address, int] = field(default_factory=dict)
    status: int = 0
    withdrawn: bool = False

    def give(self, giver: Address, amount: int) -> bool:
        """Takes the money; returns whether the target is now reached."""
        self.given[giver] = self.given.get(giver, 0) + amount
        self.collected += amount
        if self.collected >= self.target:
            self.status = 1
        return self.status == 1


@dataclass(slots=True, kw_only=True)
class Packet:
    """A red packet: random (kind 0), fixed (1) or exclusive (2)."""

    id: Hash32
    kind: int
    group_id: bytes
    sender: Address
    message: bytes
    total: int
    count: int
    recipients: tuple[Address, ...]
    expires: int
    remaining: int
    status: int = 0
    claims: dict[Address, int] = field(default_factory=dict)
