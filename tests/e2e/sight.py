"""What people on a chain know when they decide what to do next."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from tests.e2e.chain import Chain, Do
from tests.e2e.revisions import CHAT, PACKET, PAYMENT
from tests.e2e.views import Views

ACTIVE: Final = 0
COMPLETED: Final = 1
AFFORDABLE: Final = 10**18
Seen = Mapping[str, Mapping[str, Any]]
"""Id → what its view answered."""


class Sight:
    """The newest things as of the last look, and all that was learned."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.groups: Seen = {}
        self.bills: Seen = {}
        self.fundings: Seen = {}
        self.packets: Seen = {}
        self.time = 0
        self.waiting: list[tuple[str, str]] = []
        """(group, person) of the newest requests to join."""
        self._named: dict[str, list[str]] = {}
        """Payment or exclusive packet → whom it names."""
        self._took: dict[str, list[str]] = defaultdict(list)
        """Payment, crowdfunding or packet → who gave to it, or claimed it."""
        self._ids: dict[str, list[str]] = defaultdict(list)
        """View → what it tells about."""
        self.owed: list[str] = []
        """Who gave to what was cancelled."""

    def look(self) -> None:
        """Looks at what is newest."""
        views = Views(self._chain)
        self.time = views.time
        [count] = views.ask((CHAT, "groupCounter"))
        names = [f"group_{n}" for n in range(max(1, count - 4), count + 1)]
        self.groups = views.known(CHAT, "getGroup", names)
        self.bills = views.known(PAYMENT, "getPayment", self._ids["getPayment"][-8:])
        self.fundings = views.known(PAYMENT, "getCrowdfunding", self._ids["getCrowdfunding"][-5:])
        self.packets = views.known(PACKET, "getRedPacket", self._ids["getRedPacket"][-12:])

    def learn(self, do: Do, created: str) -> None:
        """A call was accepted; `created` is what the transaction's first log names, if any."""
        match do.function, do.args:
            case "createCrowdfunding", _:
                self._ids["getCrowdfunding"].append(created)
            case "createGroupCollection" | "createAAPayment", (_, _, people, *_):
                self._ids["getPayment"].append(created)
                self._named[created] = people
            case "createExclusiveRedPacket", (_, people, _):
                self._ids["getRedPacket"].append(created)
                self._named[created] = people
            case "createRandomRedPacket" | "createFixedRedPacket", _:
                self._ids["getRedPacket"].append(created)
            case "contribute" | "backCrowdfunding" | "claimRedPacket", (id_,):
                self._took[id_].append(do.sender)
            case "cancelPayment" | "cancelCrowdfunding", (id_,):
                self.owed += self._took[id_]
            case "claimRefund", _:
                self.owed = [who for who in self.owed if who != do.sender]
            case "joinGroup", (group,) if self._asks(group):
                self.waiting = [*self.waiting[-6:], (group, do.sender)]

    def _asks(self, group: str) -> bool:
        return group in self.groups and bool(self.groups[group]["settings"]["requireApproval"])

    def members(self, group: str) -> list[str]:
        return list(self.groups[group]["members"]) if group in self.groups else []

    def led_by(self, person: str) -> list[str]:
        """The newest groups in which this person has a say."""
        return [
            name
            for name, group in self.groups.items()
            if person == group["owner"] or person in group["admins"]
        ]

    def completed(self, pots: Seen) -> list[str]:
        """Those that may hold money to be withdrawn."""
        return [id_ for id_, pot in pots.items() if pot["status"] == COMPLETED]

    def open(self, things: Seen) -> list[str]:
        """Those that take or give money yet."""
        return [id_ for id_, seen in things.items() if self._is_open(seen)]

    def _is_open(self, seen: Mapping[str, Any]) -> bool:
        end = seen["deadline"] if "deadline" in seen else seen["expireAt"]
        return bool(seen["status"] == ACTIVE and self.time <= end)

    def overdue(self) -> list[str]:
        """Packets of which the sender can fetch what is left."""
        return [
            id_
            for id_, seen in self.packets.items()
            if seen["status"] == ACTIVE and not self._is_open(seen)
        ]

    def initiator(self, id_: str) -> list[str]:
        """Of a payment, or the sender of a packet; empty where it is unknown."""
        seen = self.bills.get(id_) or self.fundings.get(id_)
        if seen is None and id_ in self.packets:
            return [self.packets[id_]["sender"]]
        return [seen["initiator"]] if seen else []

    def waited_for(self, id_: str, people: list[str]) -> list[str]:
        """Who can still give to a payment, or claim a packet."""
        named, sender = self._named.get(id_, people), self.initiator(id_)
        gives = id_ in self.bills
        return [who for who in named if who not in self._took[id_] and (gives or who not in sender)]

    def share(self, bill: str) -> int:
        """Exactly what a shared bill asks for; 0 where it asks for nothing that one could pay."""
        share = int(self.bills[bill]["perPersonAmount"]) if bill in self.bills else 0
        return share if share < AFFORDABLE else 0
