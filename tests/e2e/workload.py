"""A randomised workload, the same by seed: blocks of calls, direct ones and through wallets."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

from tests.e2e import wallets
from tests.e2e.chain import Chain, Do
from tests.e2e.moves import Moves
from tests.e2e.wallets import BATCHER, MULTISIG

PAUSES: Final = (*(0 for _ in range(20)), 60, 900, 3600, 30_000, 90_000)
SILENT: Final = (
    "muteMember",
    "updateGroupInfo",
    "dissolveGroup",
    "rejectJoinRequest",
    "cancelCrowdfunding",
)
"""What tells nothing on a silent revision."""


class Workload:
    """`people` act, and may be wallets. `sent` counts transactions, `accepted` the calls that the
    contracts did not refuse. Silent calls are made where the transaction's input shows nothing of
    them only if it `hides`."""

    def __init__(
        self,
        chain: Chain,
        seed: int,
        *,
        people: Sequence[str] = (),
        most: int = 7,
        hides: bool = False,
    ) -> None:
        self.chain, self.rng = chain, Random(seed)
        self.moves = Moves(chain, self.rng, people or self.rng.sample(chain.users, 9))
        self.sent = self.accepted = 0
        self._most, self._hides = most, hides
        names = [name for name in (MULTISIG, BATCHER) if name in chain.contracts]
        self._wallets = {chain.contracts[name].address: name for name in names}

    def run(self, blocks: int) -> None:
        """Fills so many blocks, each with several transactions."""
        for _ in range(blocks):
            self.block()

    def block(self) -> None:
        """One block."""
        self.moves.sight.look()
        calls = [self._transaction() for _ in range(self.rng.randint(1, self._most))]
        receipts = self.chain.do(*calls, seconds=self.rng.choice(PAUSES))
        self.sent += len(calls)
        passed = []
        for call, receipt in zip(calls, receipts, strict=True):
            if call.passes:
                passed.append((call, receipt.transaction))
            else:
                self._learn(call, receipt.accepted, "".join(receipt.named[:1]))
        for inner, made in wallets.outcomes(self.chain, passed):
            self.chain.note(inner, made.accepted)
            self._learn(inner, made.accepted, made.answer)

    def _learn(self, call: Do, accepted: bool, created: str) -> None:
        self.accepted += accepted
        if accepted:
            self.moves.sight.learn(call, created)

    def _transaction(self) -> Do:
        call = self.moves.call()
        match self._wallets.get(call.sender):
            case "Multisig":
                return self._signed(call)
            case "Batcher":
                more = range(self.rng.randint(0, 4))
                calls = [call, *(self.moves.call(call.sender) for _ in more)]
                return wallets.batched(self.chain, self._caller(), *calls)
        return call

    def _caller(self) -> str:
        """Somebody who can sign."""
        return self.rng.choice(self.chain.users)

    def _signed(self, call: Do) -> Do:
        """Through the multisig, in one of its ways; two of them pass on no money."""
        way, caller = self.rng.randint(0, 5), self._caller()
        if way < 4 or call.value:
            return wallets.through(self.chain, caller, call)
        if way == 4 and (self._hides or call.function not in SILENT):
            return wallets.turned(self.chain, caller, call)
        undone = replace(self._alike(call), value=0)
        return wallets.after_failing(self.chain, caller, undone, call)

    def _alike(self, call: Do) -> Do:
        """Another call to the same contract."""
        while (other := self.moves.call(call.sender)).contract != call.contract:
            pass
        return other
