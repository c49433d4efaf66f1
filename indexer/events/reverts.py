"""Why a contract refused a call, in words: its own errors, Solidity's, and plain reasons."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from indexer.events import abi, reference
from indexer.events.abi import Input
from indexer.events.decode import shown
from indexer.units import text

GROUP_CHAT: Final = {
    "GroupNotFound(string groupId)": "there is no group {groupId}",
    "GroupInactive(string groupId)": "the group {groupId} was dissolved",
    "GroupFull(string groupId, uint256 maxMembers)": "the group {groupId} has {maxMembers} members,"
    " the most that it may have",
    "NotMember(string groupId, address account)": "{account} is not a member of the group"
    " {groupId}",
    "AlreadyMember(string groupId, address account)": "{account} is a member of the group {groupId}"
    " already",
    "NotGroupOwner(string groupId, address account)": "{account} is not the owner of the group"
    " {groupId}",
    "NotGroupAdmin(string groupId, address account)": "{account} is neither an admin nor the owner"
    " of the group {groupId}",
    "InviteNotAllowed(string groupId, address account)": "members of the group {groupId} may not"
    " invite, and {account} is no admin",
    "InviteeIsZero()": "the zero address cannot be invited",
    "NoJoinRequest(string groupId, address requester)": "{requester} has not asked to join the"
    " group {groupId}",
    "OwnerCannotLeave(string groupId)": "the owner cannot leave the group {groupId}: hand it over"
    " first",
    "OwnerIsProtected(string groupId, address owner)": "{owner} owns the group {groupId}, so nobody"
    " can do this to that address",
    "AdminIsProtected(string groupId, address admin)": "{admin} is an admin of the group {groupId}:"
    " only its owner can do this",
    "NameLengthOutOfRange(uint256 length, uint256 least, uint256 most)": "the name has {length}"
    " bytes; it has to have {least} to {most}",
    "DescriptionTooLong(uint256 length, uint256 most)": "the description has {length} bytes; it may"
    " have {most}",
    "MaxMembersOutOfRange(uint256 maxMembers, uint256 least, uint256 most)": "the most members are"
    " {maxMembers}; that has to be {least} to {most}",
    "MaxMembersBelowMemberCount(uint256 maxMembers, uint256 memberCount)": "the most members cannot"
    " be {maxMembers}: there are {memberCount}",
}
GROUP_PAYMENT: Final = {
    "PaymentNotFound(bytes32 paymentId)": "there is no payment {paymentId}",
    "CrowdfundingNotFound(bytes32 fundingId)": "there is no crowdfunding {fundingId}",
    "NoParticipants()": "a payment needs participants",
    "ShareIsZero(uint256 totalAmount, uint256 participants)": "{totalAmount} wei among"
    " {participants} participants is nothing for each",
    "NotParticipant(bytes32 paymentId, address account)": "{account} takes no part in the payment"
    " {paymentId}",
    "AlreadyPaid(bytes32 paymentId, address account)": "{account} has paid its share of {paymentId}"
    " already",
    "WrongShare(uint256 sent, uint256 perPersonAmount)": "{sent} wei were sent; a share is exactly"
    " {perPersonAmount}",
    "ContributionTooSmall(uint256 sent, uint256 minContribution)": "{sent} wei were sent; at least"
    " {minContribution} are wanted",
    "ContributionIsZero()": "nothing was sent",
    "TargetIsZero()": "the target is nothing",
    "DeadlinePassed(uint256 deadline, uint256 timestamp)": "the deadline {deadline} has passed: it"
    " is {timestamp} (seconds since 1970)",
    "NotActive(bytes32 id, uint8 status)": "{id} is not active any more (status {status})",
    "NotCompleted(bytes32 id, uint8 status)": "{id} is not completed (status {status})",
    "NotInitiator(bytes32 id, address account)": "{account} did not create {id}",
    "AlreadyWithdrawn(bytes32 id)": "what {id} collected was withdrawn already",
    "NothingToRefund(address user)": "nothing is owed to {user}",
}
RED_PACKET: Final = {
    "RedPacketNotFound(bytes32 redPacketId)": "there is no red packet {redPacketId}",
    "AmountTooSmall(uint256 sent, uint256 least)": "{sent} wei were sent; at least {least} are"
    " needed, so that everybody gets something",
    "CountOutOfRange(uint256 count, uint256 most)": "a red packet cannot have {count} shares; 1 to"
    " {most} are possible",
    "Expired(bytes32 redPacketId, uint256 expireAt)": "the red packet {redPacketId} expired at"
    " {expireAt} (seconds since 1970)",
    "NotExpired(bytes32 redPacketId, uint256 expireAt)": "the red packet {redPacketId} expires at"
    " {expireAt} (seconds since 1970), not before",
    "OwnPacket(bytes32 redPacketId)": "nobody can claim the own red packet",
    "AlreadyClaimed(bytes32 redPacketId, address claimer)": "{claimer} has claimed a share of"
    " {redPacketId} already",
    "NotRecipient(bytes32 redPacketId, address claimer)": "the red packet {redPacketId} is not for"
    " {claimer}",
    "NotSender(bytes32 redPacketId, address account)": "{account} did not send the red packet"
    " {redPacketId}",
}
SHARED: Final = {
    "PayoutRefused(address recipient, uint256 amount)": "{recipient} did not take {amount} wei",
    "EnforcedPause()": "the contract is paused",
    "ExpectedPause()": "the contract is not paused",
    "OwnableInvalidOwner(address owner)": "{owner} cannot own the contract",
    "OwnableUnauthorizedAccount(address account)": "{account} does not own the contract",
    "ReentrancyGuardReentrantCall()": "the contract was called while it was sending money",
}
SENTENCES: Final[Mapping[str, str]] = GROUP_CHAT | GROUP_PAYMENT | RED_PACKET | SHARED
"""Each error as Solidity declares it, and what it says."""

PANICS: Final = {
    0x01: "an assertion failed",
    0x11: "a number became too large or too small",
    0x12: "a division by zero",
    0x21: "a value that its type does not have",
    0x31: "an empty list was popped",
    0x32: "an index beyond a list's end",
    0x41: "too much memory was asked for",
    0x51: "a function that is none was called",
}
ERROR: Final = abi.selector("Error(string)")
PANIC: Final = abi.selector("Panic(uint256)")
SILENT: Final = "the contract gave no reason"
LONGEST: Final = 500
"""Characters of a reason: a contract may quote whatever it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a call was refused. `name` is the Solidity error's, None where there is none."""

    name: str | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSpec:
    """One of our contracts' errors."""

    name: str
    inputs: tuple[Input, ...]
    sentence: str

    @property
    def signature(self) -> str:
        """As it is hashed: `GroupNotFound(string)`."""
        return abi.signature(self.name, self.inputs)

    def says(self, arguments: bytes) -> Reason:
        """The sentence with the arguments in it. Raises Malformed."""
        values = reference.values(self.inputs, arguments)
        pairs = zip(self.inputs, values, strict=True)
        told = {i.name: shown(i, value) for i, value in pairs if not isinstance(value, tuple)}
        return Reason(name=self.name, words=self.sentence.format(**told)[:LONGEST])


def _spec(declaration: str, sentence: str) -> ErrorSpec:
    name, _, arguments = declaration.rstrip(")").partition("(")
    found = re.findall(r"(\w+) (\w+)", arguments)
    inputs = tuple(Input(type=type_, name=one, most=255) for type_, one in found)
    return ErrorSpec(name=name, inputs=inputs, sentence=sentence)


ERRORS: Final = tuple(_spec(*each) for each in SENTENCES.items())
BY_SELECTOR: Final = {abi.selector(one.signature): one for one in ERRORS}


def reason(data: bytes) -> Reason:
    """What the data of a revert says; never raises."""
    selector, arguments = data[:4], data[4:]
    try:
        if spec := BY_SELECTOR.get(selector):
            return spec.says(arguments)
        if selector == ERROR:
            [said] = reference.values([Input(type="string")], arguments)
            assert isinstance(said, bytes)
            return Reason(name=None, words=text(said)[:LONGEST] or SILENT)
        if selector == PANIC:
            code = int.from_bytes(arguments)
            return Reason(name="Panic", words=PANICS.get(code, f"panic {code:#x}"))
    except reference.Malformed:
        pass
    words = f"an error that is not known here (0x{selector.hex()})" if data else SILENT
    return Reason(name=None, words=words)
