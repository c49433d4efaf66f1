"""Contracts that act as users: whoever calls through them is not who the chat sees."""

from collections.abc import Sequence
from typing import Any, Final

from tests.e2e.chain import Chain, Do
from tests.e2e.node import Made
from tests.e2e.revisions import DEPLOYED, OURS, artifact

MULTISIG: Final = "Multisig"
BATCHER: Final = "Batcher"


def place_wallets(chain: Chain) -> dict[str, str]:
    """Wallet → its address; both are known to the chain from now on."""
    found = {}
    for name in (MULTISIG, BATCHER):
        contract = chain.create(artifact(DEPLOYED, name)["bytecode"]).contract
        found[name] = chain.know(name, str(contract))
    return found


def through(chain: Chain, sender: str, call: Do) -> Do:
    """The call in the multisig's name; a refusal undoes all. Its input shows the call."""
    given = (_place(chain, call), call.value, _data(chain, call))
    return _passed(sender, MULTISIG, "execute", given, call)


def turned(chain: Chain, sender: str, call: Do) -> Do:
    """The same, without money, by an input in which nobody finds the call."""
    hidden = bytes(255 - byte for byte in _data(chain, call))
    return _passed(sender, MULTISIG, "executeTurned", (_place(chain, call), hidden), call)


def after_failing(chain: Chain, sender: str, undone: Do, call: Do) -> Do:
    """The call, after one to the same contract that is made and undone."""
    given = (_place(chain, call), _data(chain, undone), _data(chain, call))
    return _passed(sender, MULTISIG, "executeAfterFailing", given, undone, call)


def batched(chain: Chain, sender: str, *calls: Do) -> Do:
    """The calls in the batcher's name, in order; what is refused stops nothing."""
    told = [(_place(chain, call), _data(chain, call)) for call in calls]
    values = [call.value for call in calls]
    return _passed(sender, BATCHER, "aggregateWithValues", (told, values), *calls)


def outcomes(chain: Chain, sent: Sequence[tuple[Do, str]]) -> list[tuple[Do, Made]]:
    """Each call that the wallets passed on in these transactions, and what became of it."""
    ours = [chain.contracts[name].address for name in OURS]
    found = chain.made([transaction for _, transaction in sent], ours)
    pairs = zip(sent, found, strict=True)
    return [pair for (do, _), made in pairs for pair in zip(do.passes, made, strict=True)]


def _passed(sender: str, wallet: str, function: str, args: tuple[Any, ...], *calls: Do) -> Do:
    value = sum(call.value for call in calls)
    return Do(
        sender=sender, contract=wallet, function=function, args=args, value=value, passes=calls
    )


def _place(chain: Chain, call: Do) -> str:
    return str(chain.contracts[call.contract].address)


def _data(chain: Chain, call: Do) -> bytes:
    return bytes.fromhex(chain.calldata(call)[2:])
