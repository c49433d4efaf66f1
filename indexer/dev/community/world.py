"""What the community knows of itself: enough to choose what can be done next."""

from dataclasses import dataclass, field
from enum import IntEnum


@dataclass(slots=True, kw_only=True)
class Group:
    """Addresses are lower-case hex."""

    id: str
    owner: str
    approval: bool
    invites: bool = True
    limit: int
    members: list[str]
    admins: set[str] = field(default_factory=set)
    muted: set[str] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)
    active: bool = True

    def has_room(self) -> bool:
        """Whether one more may join."""
        return self.active and len(self.members) < self.limit


class Kind(IntEnum):
    """What a pot of money is."""

    COLLECTION = 0
    AA = 1
    CROWDFUNDING = 2


@dataclass(slots=True, kw_only=True)
class Pot:
    """A payment or a crowdfunding; amounts are wei, times Unix seconds."""

    id: bytes
    kind: Kind
    initiator: str
    invited: tuple[str, ...]
    target: int
    least: int
    deadline: int
    collected: int = 0
    payers: set[str] = field(default_factory=set)
    cancelled: bool = False
    withdrawn: bool = False

    def completed(self) -> bool:
        """Whether its money may be withdrawn."""
        return self.collected >= self.target

    def open(self, now: int) -> bool:
        """Whether it takes money; the deadline is kept clear of by a minute."""
        return not (self.cancelled or self.completed()) and now + 60 < self.deadline


@dataclass(slots=True, kw_only=True)
class Packet:
    """A red packet; `recipients` is empty where everybody may claim."""

    id: bytes
    sender: str
    recipients: tuple[str, ...]
    left: int
    expires: int
    claimers: set[str] = field(default_factory=set)
    refunded: bool = False

    def claimable(self, now: int) -> bool:
        """Whether a share is left; the end of its life is kept clear of by a minute."""
        return self.left > 0 and not self.refunded and now + 60 < self.expires

    def refundable(self, now: int) -> bool:
        """Whether its sender may fetch the rest."""
        return self.left > 0 and not self.refunded and now > self.expires + 60


@dataclass(slots=True, kw_only=True)
class World:
    """A fold of the transactions that the contracts accepted; `turn` counts them."""

    groups: dict[str, Group] = field(default_factory=dict)
    pots: dict[bytes, Pot] = field(default_factory=dict)
    packets: dict[bytes, Packet] = field(default_factory=dict)
    refunds: dict[str, int] = field(default_factory=dict)
    turn: int = 0
