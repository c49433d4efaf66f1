"""Calls in few words."""

from tests.e2e.chain import Chain, Do
from tests.e2e.revisions import CHAT, PACKET, PAYMENT


def chat(sender: str, function: str, *args: object) -> Do:
    return Do(sender=sender, contract=CHAT, function=function, args=args)


def pay(sender: str, function: str, *args: object, value: int = 0) -> Do:
    return Do(sender=sender, contract=PAYMENT, function=function, args=args, value=value)


def packet(sender: str, function: str, *args: object, value: int = 0) -> Do:
    return Do(sender=sender, contract=PACKET, function=function, args=args, value=value)


def create_group(chain: Chain, owner: str, *, public: bool = False, name: str = "odd") -> str:
    """The id of a new group."""
    chain.must(chat(owner, "createGroup", name, "avatar", "description", public, 10))
    return f"group_{chain.contracts[CHAT].functions.groupCounter().call()}"
