"""A randomised workload: every function, all roles, right and wrong arguments, the same by seed."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

from web3.exceptions import ContractLogicError

from tests.e2e.chain import CHAT, PACKET, PAYMENT, Chain, Do

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
PAUSES: Final = (*(0 for _ in range(12)), 60, 3600, 30_000, 90_000)


class Workload:
    """`accepted` counts the calls that the contracts did not refuse."""

    def __init__(self, chain: Chain, seed: int) -> None:
        self.chain, self.rng = chain, Random(seed)
        self.people = self.rng.sample(chain.users, 9)
        self.accepted = 0
        self.ids: dict[str, list[Any]] = {PAYMENT: [], "fundings": [], PACKET: []}
        self.asked: dict[str, list[str]] = {}
        """Payment → its participants."""
        self.waiting: list[tuple[str, str]] = []
        """(group, person) of the newest calls to join."""
        self._groups: list[str] = []

    def run(self, blocks: int) -> None:
        """Fills so many blocks, each with several calls."""
        for _ in range(blocks):
            self.block()

    def block(self) -> None:
        """One block."""
        self._look()
        calls = [self._call() for _ in range(self.rng.randint(1, 7))]
        receipts = self.chain.do(*calls, seconds=self.rng.choice(PAUSES))
        for call, receipt in zip(calls, receipts, strict=True):
            self._note(call, receipt)

    def _look(self) -> None:
        count = self.chain.contracts[CHAT].functions.groupCounter().call()
        self._groups = [f"group_{n}" for n in range(max(1, count - 5), count + 1)]

    def _note(self, call: Do, receipt: Any) -> None:
        self.accepted += bool(receipt["status"])
        if receipt["status"] and "Crowdfunding" in call.function and "create" in call.function:
            self.ids["fundings"].append(_created(receipt))
        elif receipt["status"] and "create" in call.function and call.contract != CHAT:
            self.ids[call.contract].append(id_ := _created(receipt))
            self.asked[id_] = [
                each for part in call.args if isinstance(part, list) for each in part
            ]
        elif receipt["status"] and call.function == "joinGroup":
            self.waiting = [*self.waiting[-6:], (call.args[0], call.sender)]

    def _call(self) -> Do:
        kinds: Sequence[Callable[[], Do]] = (self._social, self._money, self._packet)
        return self.rng.choices(kinds, (5, 4, 3))[0]()

    def _one(self, things: Sequence[Any], otherwise: Any = None) -> Any:
        return self.rng.choice(things) if things else otherwise

    def _some(self, most: int) -> list[str]:
        """People, now and then one of them twice, or nobody at all."""
        return self.rng.choices(self.people, k=self.rng.randint(0, most))

    def _text(self, texts: Sequence[str] = TEXTS) -> str:
        return str(self.rng.choice(texts))

    def _flags(self, count: int) -> tuple[bool, ...]:
        return tuple(self.rng.random() < 0.6 for _ in range(count))

    def _social(self) -> Do:
        rng, group = self.rng, self._one(self._groups, "group_1")
        if rng.random() < 0.05:
            group = self._one(NOWHERE)
        who, other = self._staff(group), self._one(self.people)
        asking = self._one(self.waiting, (group, other))
        most = rng.choice((0, 2, 3, 5, 50, 1000, LARGEST))
        calls: dict[str, tuple[Any, ...]] = {
            "createGroup": (
                *(self._text() for _ in range(2)),
                self._text(LONG),
                *self._flags(1),
                most,
            ),
            "joinGroup": (group,),
            "inviteMember": (group, other),
            "approveJoinRequest": asking,
            "rejectJoinRequest": asking,
            "leaveGroup": (group,),
            "removeMember": (group, other),
            "setAdmin": (group, other, *self._flags(1)),
            "transferOwnership(string,address)": (group, self._one((who, other))),
            "muteMember": (group, other, *self._flags(1)),
            "updateGroupSettings": (group, *self._flags(3), most, *self._flags(1)),
            "updateGroupInfo": (group, *(self._text(LONG) for _ in range(3))),
            "dissolveGroup": (group,),
        }
        weights = (3, 12, 6, 8, 2, 4, 2, 4, 2, 3, 3, 2, 1)
        name = rng.choices(list(calls), weights)[0]
        if name in ("approveJoinRequest", "rejectJoinRequest"):
            who = self._staff(asking[0])
        if name in ("joinGroup", "leaveGroup") or rng.random() < 0.2:
            who = self._one(self.people)
        return Do(sender=who, contract=CHAT, function=name, args=calls[name])

    def _staff(self, group: str) -> str:
        """The owner, or an admin, or somebody who once was one."""
        if group not in self._groups:
            return str(self._one(self.people))
        found = self.chain.contracts[CHAT].functions.getGroup(group).call()
        owner, admins = found[4], found[6]
        return str(self._one((owner, owner, *admins)))

    def _place(self) -> str:
        """A group's id, mostly of one that exists."""
        return str(self._one(NOWHERE if self.rng.random() < 0.3 else self._groups, "group_1"))

    def _deadline(self) -> int:
        now = self.chain.now
        return int(self.rng.choice((now - 1, now + 900, now + 50_000, 10**7 + now, LARGEST)))

    def _money(self) -> Do:
        rng, bill = self.rng, self._one(self.ids[PAYMENT][-6:], "0x" + "11" * 32)
        funding = self._one(self.ids["fundings"][-4:], "0x" + "22" * 32)
        target = rng.choice((0, 2, MILLI, MILLI, 4 * MILLI, LARGEST))
        value = rng.choice((0, 1, MILLI, 2 * MILLI, 3 * MILLI))
        place, until = self._place(), self._deadline()
        full = (
            self._one(self._completed(PAYMENT), bill),
            self._one(self._completed("fundings"), funding),
        )
        bills = (place, target, self._some(4), self._text(LONG), until)
        titles = (self._text(LONG), self._text(LONG))
        calls: dict[str, tuple[tuple[Any, ...], int]] = {
            "createGroupCollection": (bills, 0),
            "createAAPayment": (bills, 0),
            "createCrowdfunding": ((place, target, rng.choice((0, MILLI, 5)), *titles, until), 0),
            "contribute": ((bill,), value),
            "backCrowdfunding": ((funding,), value),
            "withdrawFunds": ((full[0],), 0),
            "withdrawCrowdfundingFunds": ((full[1],), 0),
            "cancelPayment": ((bill,), 0),
            "cancelCrowdfunding": ((funding,), 0),
            "claimRefund": ((), 0),
        }
        name = rng.choices(list(calls), (4, 5, 4, 16, 12, 4, 4, 3, 3, 3))[0]
        args, wei = calls[name]
        who = self._initiator(args[0]) if name.startswith(("withdraw", "cancel")) else None
        if name == "contribute" and rng.random() < 0.8:
            who, wei = self._one(self.asked.get(bill, [])), self._share(bill, wei)
        return Do(
            sender=who or self._one(self.people),
            contract=PAYMENT,
            function=name,
            args=args,
            value=wei,
        )

    def _completed(self, kind: str) -> list[str]:
        """Those that may hold money to be withdrawn, among the newest."""
        view = "getPayment" if kind == PAYMENT else "getCrowdfunding"
        status = 10 if kind == PAYMENT else 9
        newest = self.ids[kind][-6:]
        return [id_ for id_ in newest if self._view(PAYMENT, view, id_, status, 0) == 1]

    def _share(self, bill: str, otherwise: int) -> int:
        """Exactly what a shared bill asks for."""
        if bill not in self.ids[PAYMENT]:
            return otherwise
        share = int(self._view(PAYMENT, "getPayment", bill, 7, 0))
        return share if 0 < share < 1000 * MILLI else otherwise

    def _initiator(self, pot: str) -> str | None:
        view = "getPayment" if pot in self.asked else "getCrowdfunding"
        return self._view(PAYMENT, view, pot, 2, None) if self.rng.random() < 0.8 else None

    def _view(self, contract: str, function: str, key: str, field: int, missing: Any) -> Any:
        """One field; `missing` where a reorg has taken the thing away, or it never was."""
        try:
            return self.chain.contracts[contract].functions[function](key).call()[field]
        except ContractLogicError:
            return missing

    def _packet(self) -> Do:
        rng, packet = self.rng, self._one(self.ids[PACKET][-6:], "0x" + "33" * 32)
        place, text = self._place(), self._text(LONG)
        count = rng.choice((0, 1, 2, 3, 4, 101))
        calls: dict[str, tuple[Any, ...]] = {
            "createRandomRedPacket": (place, count, text),
            "createFixedRedPacket": (place, count, text),
            "createExclusiveRedPacket": (place, self._some(5), text),
            "claimRedPacket": (packet,),
            "refundExpiredRedPacket": (packet,),
        }
        name = rng.choices(list(calls), (4, 4, 4, 24, 6))[0]
        value = rng.choice((MILLI // 2, MILLI, 3 * MILLI + 1, 50 * MILLI))
        sender = self._one(self.people)
        if name == "refundExpiredRedPacket" and rng.random() < 0.8:
            packet = self._one(self.ids[PACKET], packet)
            sender = self._view(PACKET, "getRedPacket", packet, 2, sender)
            calls[name] = (packet,)
        wei = value if name.startswith("create") else 0
        return Do(sender=sender, contract=PACKET, function=name, args=calls[name], value=wei)


def _created(receipt: Any) -> str:
    return "0x" + bytes(receipt["logs"][0]["topics"][1]).hex()
