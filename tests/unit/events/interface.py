"""The interface of the three contracts, written out by hand: `*` marks an indexed argument."""

# One declaration per line, however long.
# ruff: noqa: E501

import re
from dataclasses import dataclass

OWNABLE_EVENTS = """
Paused(address account)
Unpaused(address account)
OwnershipTransferred(address* previousOwner, address* newOwner)
"""

OWNABLE_FUNCTIONS = """
pause()
unpause()
transferOwnership(address newOwner)
renounceOwnership()
"""

EVENTS = {
    "GroupChatV2": """
GroupCreated(string* groupId, string groupName, address* owner, uint256 timestamp)
MemberJoined(string* groupId, address* member, uint256 timestamp)
MemberLeft(string* groupId, address* member, uint256 timestamp)
MemberRemoved(string* groupId, address* member, address* removedBy, uint256 timestamp)
RoleChanged(string* groupId, address* member, uint8 newRole, uint256 timestamp)
GroupSettingsUpdated(string* groupId, address* updatedBy, uint256 timestamp)
JoinRequestCreated(string* groupId, address* requester, uint256 timestamp)
JoinRequestApproved(string* groupId, address* requester, address* approver, uint256 timestamp)
JoinRequestRejected(string* groupId, address* requester, address* rejectedBy, uint256 timestamp)
MemberMuted(string* groupId, address* member, bool muted, uint256 timestamp)
GroupInfoUpdated(string* groupId, address* updatedBy, uint256 timestamp)
GroupDissolved(string* groupId, address* dissolvedBy, uint256 timestamp)
GroupOwnershipTransferred(string* groupId, address* previousOwner, address* newOwner, uint256 timestamp)
"""
    + OWNABLE_EVENTS,
    "GroupPayment": """
PaymentCreated(bytes32* paymentId, string* groupId, address* initiator, uint8 paymentType, uint256 amount, uint256 timestamp)
PaymentContributed(bytes32* paymentId, address* contributor, uint256 amount, uint256 timestamp)
PaymentCompleted(bytes32* paymentId, uint256 totalAmount, uint256 timestamp)
PaymentCancelled(bytes32* paymentId, address* cancelledBy, uint256 timestamp)
FundsWithdrawn(bytes32* paymentId, address* recipient, uint256 amount, uint256 timestamp)
CrowdfundingCreated(bytes32* fundingId, string* groupId, address* initiator, uint256 targetAmount, uint256 timestamp)
CrowdfundingBacked(bytes32* fundingId, address* backer, uint256 amount, uint256 timestamp)
CrowdfundingCancelled(bytes32* fundingId, address* cancelledBy, uint256 timestamp)
RefundCredited(address* user, uint256 amount)
RefundWithdrawn(address* user, uint256 amount)
"""
    + OWNABLE_EVENTS,
    "RedPacket": """
RedPacketCreated(bytes32* redPacketId, string* groupId, address* sender, uint8 packetType, uint256 totalAmount, uint256 totalCount, uint256 timestamp)
RedPacketClaimed(bytes32* redPacketId, address* claimer, uint256 amount, uint256 order, uint256 timestamp)
RedPacketCompleted(bytes32* redPacketId, uint256 timestamp)
RedPacketExpired(bytes32* redPacketId, uint256 timestamp)
RedPacketRefunded(bytes32* redPacketId, address* sender, uint256 amount, uint256 timestamp)
"""
    + OWNABLE_EVENTS,
}

FUNCTIONS = {
    "GroupChatV2": """
createGroup(string groupName, string groupAvatar, string description, bool isPublic, uint256 maxMembers)
joinGroup(string groupId)
inviteMember(string groupId, address invitee)
approveJoinRequest(string groupId, address requester)
rejectJoinRequest(string groupId, address requester)
leaveGroup(string groupId)
removeMember(string groupId, address member)
setAdmin(string groupId, address member, bool isAdmin)
transferOwnership(string groupId, address newOwner)
muteMember(string groupId, address member, bool muted)
updateGroupSettings(string groupId, bool isPublic, bool allowMemberInvite, bool requireApproval, uint256 maxMembers, bool muteAll)
updateGroupInfo(string groupId, string name, string avatar, string description)
dissolveGroup(string groupId)
"""
    + OWNABLE_FUNCTIONS,
    "GroupPayment": """
createGroupCollection(string groupId, uint256 targetAmount, address[] participants, string description, uint256 deadline)
createAAPayment(string groupId, uint256 totalAmount, address[] participants, string description, uint256 deadline)
contribute(bytes32 paymentId)
createCrowdfunding(string groupId, uint256 targetAmount, uint256 minContribution, string title, string description, uint256 deadline)
backCrowdfunding(bytes32 fundingId)
withdrawFunds(bytes32 paymentId)
withdrawCrowdfundingFunds(bytes32 fundingId)
cancelPayment(bytes32 paymentId)
cancelCrowdfunding(bytes32 fundingId)
claimRefund()
"""
    + OWNABLE_FUNCTIONS,
    "RedPacket": """
createRandomRedPacket(string groupId, uint256 count, string message)
createFixedRedPacket(string groupId, uint256 count, string message)
createExclusiveRedPacket(string groupId, address[] recipients, string message)
claimRedPacket(bytes32 redPacketId)
refundExpiredRedPacket(bytes32 redPacketId)
"""
    + OWNABLE_FUNCTIONS,
}


@dataclass(frozen=True, slots=True, order=True)
class Declaration:
    """An event or a function: (type, indexed, name) of each argument."""

    name: str
    arguments: tuple[tuple[str, bool, str], ...]

    @property
    def signature(self) -> str:
        return f"{self.name}({','.join(type for type, _, _ in self.arguments)})"


def declarations(lines: str) -> list[Declaration]:
    """The declarations of one block of lines above, sorted."""
    return sorted(_declaration(line) for line in lines.split("\n") if line)


def _declaration(line: str) -> Declaration:
    name, arguments = line.rstrip(")").split("(")
    found = re.findall(r"([a-z0-9\[\]]+)(\*?) (\w+)", arguments)
    return Declaration(name, tuple((type, star == "*", name) for type, star, name in found))
