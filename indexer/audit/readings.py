"""What each view may mean: the two revisions, and versions of them in the field, differ in some.

A chain has to be consistent with one reading of a view throughout; nobody says with which. A view
that has one reading means the same everywhere.
"""

from dataclasses import dataclass
from typing import Final

from indexer.events.abi import selector
from indexer.events.definitions import Contract

CHAT, PAYMENT, PACKET = Contract.GROUP_CHAT, Contract.GROUP_PAYMENT, Contract.RED_PACKET

Reading = str
ONLY: Final[Reading] = "as the index has it"

# Where a view has several readings: what tells them apart.
TARGET: Final[Reading] = "totalAmount is the target"
NOTHING: Final[Reading] = "totalAmount is 0 in collections"
STAYS: Final[Reading] = "who paid has paid, whatever happens then"
RETURNED: Final[Reading] = "who was credited a refund has not paid"
BILLS: Final[Reading] = "lists collections and shared bills"
EVERYTHING: Final[Reading] = "lists crowdfundings too"
INITIATED: Final[Reading] = "lists what the user initiated"
INVOLVED: Final[Reading] = "lists what the user gave to, too"
ONCE: Final[Reading] = "lists a group once"
REPEATED: Final[Reading] = "lists a group as often as it was joined and not left"
THERE: Final[Reading] = "says what can be claimed back"
ABSENT: Final[Reading] = "does not exist: refunds are sent, not credited"


@dataclass(frozen=True, slots=True)
class View:
    """A function that is asked, and how its answers may be read."""

    contract: Contract
    signature: str
    readings: tuple[Reading, ...] = (ONLY,)

    @property
    def name(self) -> str:
        return self.signature.partition("(")[0]

    @property
    def selector(self) -> bytes:
        return selector(self.signature)


# fmt: off
VIEWS: Final = {view.name: view for view in (
    View(CHAT, "groupCounter()"),
    View(CHAT, "getGroup(string)"),
    View(CHAT, "getGroupMembers(string)"),
    View(CHAT, "getMember(string,address)"),
    View(CHAT, "isMember(string,address)"),
    View(CHAT, "rejectJoinRequest(string,address)"),
    View(CHAT, "getUserGroups(address)", (ONCE, REPEATED)),
    View(PAYMENT, "getPayment(bytes32)", (TARGET, NOTHING)),
    View(PAYMENT, "getCrowdfunding(bytes32)"),
    View(PAYMENT, "hasUserPaid(bytes32,address)", (STAYS, RETURNED)),
    View(PAYMENT, "getUserContribution(bytes32,address)"),
    View(PAYMENT, "getCrowdfundingContribution(bytes32,address)"),
    View(PAYMENT, "getGroupPayments(string)", (BILLS, EVERYTHING)),
    View(PAYMENT, "getUserPayments(address)", (INITIATED, INVOLVED)),
    View(PAYMENT, "pendingRefunds(address)", (THERE, ABSENT)),
    View(PACKET, "getRedPacket(bytes32)"),
    View(PACKET, "getClaimRecords(bytes32)"),
    View(PACKET, "getExclusiveRecipients(bytes32)"),
    View(PACKET, "getRedPacketRecipients(bytes32)"),
    View(PACKET, "hasUserClaimed(bytes32,address)"),
    View(PACKET, "getUserClaimAmount(bytes32,address)"),
    View(PACKET, "isClaimable(bytes32,address)"),
    View(PACKET, "getGroupRedPackets(string)"),
    View(PACKET, "getUserSentRedPackets(address)"),
    View(PACKET, "getUserClaimedRedPackets(address)"),
)}
# fmt: on
"""rejectJoinRequest changes state: it is only simulated, and succeeds where a request is pending.
getGroup, getPayment, … answer for an id that they do not know with a revert, or with nothing but
zeros: either says that there is no such thing. getGroupMembers, and `members` of getGroup, may name
an address several times and somebody who has left since (a second approval); getRedPacketRecipients
lists those who claimed.
"""
