"""One random call after the other: every function, all roles, right and wrong arguments."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final

from tests.e2e.chain import Chain, Do, functions
from tests.e2e.revisions import CHAT, PACKET, PAYMENT
from tests.e2e.sight import Sight

MILLI: Final = 10**15
LARGEST: Final = 2**256 - 1
NOWHERE: Final = (
    "group_0",
    "group_999999",
    "",
    "no such group",
    "\udcff\udcc3(",
    "nul\0",
    "群" * 200,
)
"""Ids that GroupChatV2 never gave away."""
TEXTS: Final = (
    "",
    "Friends",
    "恭喜发财",
    "\udcff\udcfe not UTF-8",
    "nul\0inside",
    "🧧" * 31,
    "x" * 128,
)
LONG: Final = (*TEXTS, "y" * 1024, "ж" * 1100)


UNKNOWN: Final = "0x" + "11" * 32
GIFTS: Final = (MILLI // 2, MILLI, 3 * MILLI + 1, 60 * MILLI, 60 * MILLI)


class Moves:
    """What some of these people might try next. `sight` is what they know."""

    def __init__(self, chain: Chain, rng: Random, people: Sequence[str]) -> None:
        self.rng, self.people = rng, list(people)
        self.sight = Sight(chain)
        self._functions = functions(chain)

    def call(self, actor: str | None = None) -> Do:
        """Anybody's call, or this actor's."""
        kinds: Sequence[Callable[[str | None], Do]] = (self._social, self._money, self._packet)
        return self.rng.choices(kinds, (5, 4, 3))[0](actor)

    def _choice(self, contract: str, weights: Mapping[str, int]) -> str:
        """A function that this revision has."""
        there = {name: w for name, w in weights.items() if f"{contract}.{name}" in self._functions}
        return self.rng.choices(list(there), list(there.values()))[0]

    def _one(self, things: Sequence[Any], otherwise: Any = None) -> Any:
        return self.rng.choice(things) if things else otherwise

    def _rather(self, likely: Sequence[Any], otherwise: Sequence[Any]) -> Any:
        """Mostly what will be accepted."""
        return self.rng.choice(likely if likely and self.rng.random() < 0.75 else otherwise)

    def _some(self, most: int) -> list[str]:
        """People, now and then one of them twice, or nobody at all."""
        return self.rng.choices(self.people, k=self.rng.randint(0, most))

    def _text(self, texts: Sequence[str] = TEXTS) -> str:
        return str(self.rng.choice(texts))

    def _flags(self, count: int) -> tuple[bool, ...]:
        return tuple(self.rng.random() < 0.6 for _ in range(count))

    def _social(self, actor: str | None) -> Do:
        rng, group = self.rng, self._group(actor)
        inside = [who for who in self.sight.members(group) if who in self.people]
        outside = [who for who in self.people if who not in inside]
        asking = self._one(self.sight.waiting, (group, self._one(self.people)))
        member = self._rather(inside, self.people)
        most = rng.choice((0, 2, 5, 50, 1000, LARGEST))
        calls: dict[str, tuple[int, tuple[Any, ...]]] = {
            "createGroup": (3, (*self._texts(TEXTS, TEXTS, LONG), *self._flags(1), most)),
            "joinGroup": (14, (group,)),
            "inviteMember": (6, (group, self._rather(outside, self.people))),
            "approveJoinRequest": (6, asking),
            "rejectJoinRequest": (3, asking),
            "leaveGroup": (3, (group,)),
            "removeMember": (3, (group, member)),
            "setAdmin": (4, (group, member, *self._flags(1))),
            "transferOwnership(string,address)": (2, (group, member)),
            "muteMember": (5, (group, member, *self._flags(1))),
            "updateGroupSettings": (3, (group, *self._flags(3), most, *self._flags(1))),
            "updateGroupInfo": (3, (group, *self._texts(LONG, LONG, LONG))),
            "dissolveGroup": (1, (group,)),
        }
        name = self._choice(CHAT, {name: weight for name, (weight, _) in calls.items()})
        args = calls[name][1]
        likely = {"joinGroup": outside, "leaveGroup": inside}.get(name) or self._staff(str(args[0]))
        return Do(
            sender=actor or self._rather(likely, self.people),
            contract=CHAT,
            function=name,
            args=args,
        )

    def _texts(self, *choices: Sequence[str]) -> tuple[str, ...]:
        return tuple(self._text(texts) for texts in choices)

    def _group(self, actor: str | None) -> str:
        """One of the newest; rather one in which the actor has a say; now and then none at all."""
        if self.rng.random() < 0.05:
            return str(self._one(NOWHERE))
        mine = [] if actor is None else self.sight.led_by(actor)
        if mine and self.rng.random() < 0.7:
            return str(self._one(mine))
        return str(self._one([*self.sight.groups], "group_1"))

    def _staff(self, group: str) -> list[str]:
        """The owner, and whoever is or once was an admin."""
        seen = self.sight.groups.get(group)
        return [] if seen is None else [seen["owner"], seen["owner"], *seen["admins"]]

    def _place(self) -> str:
        """A group's id, mostly of one that exists."""
        groups = [*self.sight.groups]
        return str(self._one(NOWHERE if self.rng.random() < 0.3 else groups, "group_1"))

    def _deadline(self) -> int:
        now = self.sight.time
        return int(self.rng.choice((now - 1, now + 900, now + 50_000, 10**7 + now, LARGEST)))

    def _money(self, actor: str | None) -> Do:
        rng, sight = self.rng, self.sight
        bill = self._rather(sight.open(sight.bills), [*sight.bills, UNKNOWN])
        funding = self._rather(sight.open(sight.fundings), [*sight.fundings, UNKNOWN])
        full = self._rather(sight.completed(sight.bills), [bill])
        funded = self._rather(sight.completed(sight.fundings), [funding])
        target = rng.choice((0, 2, MILLI, MILLI, 4 * MILLI, LARGEST))
        place, until = self._place(), self._deadline()
        bills = (place, target, self._some(4), self._text(LONG), until)
        titles = self._texts(LONG, LONG)
        calls: dict[str, tuple[int, tuple[Any, ...]]] = {
            "createGroupCollection": (4, bills),
            "createAAPayment": (5, bills),
            "createCrowdfunding": (4, (place, target, rng.choice((0, MILLI, 5)), *titles, until)),
            "contribute": (14, (bill,)),
            "backCrowdfunding": (9, (funding,)),
            "withdrawFunds": (4, (full,)),
            "withdrawCrowdfundingFunds": (3, (funded,)),
            "cancelPayment": (3, (bill,)),
            "cancelCrowdfunding": (3, (funding,)),
            "claimRefund": (3, ()),
        }
        name = self._choice(PAYMENT, {name: weight for name, (weight, _) in calls.items()})
        args = calls[name][1]
        who = actor or self._rather(self._payers(name, *args[:1]), self.people)
        wei = self._wei(name, *args[:1]) if name in ("contribute", "backCrowdfunding") else 0
        return Do(sender=who, contract=PAYMENT, function=name, args=args, value=wei)

    def _wei(self, name: str, pot: str) -> int:
        share = self.sight.share(pot) if name == "contribute" else 0
        return int(self._rather([share] if share else [], (0, 1, MILLI, 2 * MILLI, 3 * MILLI)))

    def _payers(self, name: str, pot: str = "") -> list[str]:
        """Who may do this."""
        if name == "claimRefund":
            return self.sight.owed
        if name == "contribute":
            return self.sight.waited_for(pot, self.people)
        return self.sight.initiator(pot) if name.startswith(("withdraw", "cancel")) else []

    def _packet(self, actor: str | None) -> Do:
        rng, sight = self.rng, self.sight
        packet = self._rather(sight.open(sight.packets), [*sight.packets, UNKNOWN])
        overdue = self._rather(sight.overdue(), [packet])
        place, text = self._place(), self._text(LONG)
        count = rng.choice((0, 1, 2, 3, 4, 5, 101))
        calls: dict[str, tuple[int, tuple[Any, ...]]] = {
            "createRandomRedPacket": (4, (place, count, text)),
            "createFixedRedPacket": (4, (place, count, text)),
            "createExclusiveRedPacket": (4, (place, self._some(5), text)),
            "claimRedPacket": (20, (packet,)),
            "refundExpiredRedPacket": (5, (overdue,)),
        }
        name = self._choice(PACKET, {name: weight for name, (weight, _) in calls.items()})
        likely = {
            "claimRedPacket": sight.waited_for(packet, self.people),
            "refundExpiredRedPacket": sight.initiator(overdue),
        }
        return Do(
            sender=actor or self._rather(likely.get(name, []), self.people),
            contract=PACKET,
            function=name,
            args=calls[name][1],
            value=rng.choice(GIFTS) if name.startswith("create") else 0,
        )
