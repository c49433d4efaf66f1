"""The two revisions of the contracts, and all that their views answer differently."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

CHAT: Final = "GroupChatV2"
PAYMENT: Final = "GroupPayment"
PACKET: Final = "RedPacket"
OURS: Final = (CHAT, PAYMENT, PACKET)
NOBODY: Final = "0x0000000000000000000000000000000000000000"
ARTIFACTS: Final = Path(__file__).parents[2] / "hardhat" / "artifacts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What the tests have to know of a revision. The index is not told which one it looks at."""

    name: str
    sources: str
    """Artifacts of the three contracts, `{}` being a contract's name."""
    is_silent: bool
    """Mute, info, dissolve, reject and cancelCrowdfunding emit nothing."""
    refunds_wait: bool
    """Refunds wait in pendingRefunds; otherwise there is no such view."""
    totals_collections: bool
    """getPayment's total of a collection is its target; otherwise 0."""
    groups_list_fundings: bool
    """getGroupPayments holds the crowdfundings too."""
    users_list_paid: bool
    """getUserPayments holds a payment once for creating it and once for paying it."""
    users_list_groups_once: bool
    """getUserGroups is where one is a member; otherwise a second approval lists the group twice,
    and one of the two stays for ever: isMember decides."""


HARDENED: Final = Revision(
    name="hardened",
    sources="contracts/{}.sol/{}.json",
    is_silent=False,
    refunds_wait=True,
    totals_collections=True,
    groups_list_fundings=False,
    users_list_paid=False,
    users_list_groups_once=True,
)
DEPLOYED: Final = Revision(
    name="deployed",
    sources="test-contracts/deployed/Deployed{}.sol/Deployed{}.json",
    is_silent=True,
    refunds_wait=False,
    totals_collections=False,
    groups_list_fundings=True,
    users_list_paid=True,
    users_list_groups_once=False,
)


def artifact(revision: Revision, name: str) -> dict[str, Any]:
    """The compiled contract, of ours or a wallet: {abi, bytecode}."""
    source = revision.sources if name in OURS else "test-contracts/{}.sol/{}.json"
    found: dict[str, Any] = json.loads((ARTIFACTS / source.format(name, name)).read_text())
    return found
