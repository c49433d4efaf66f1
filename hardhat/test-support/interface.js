// The interface of the three contracts, written out by hand: what their ABIs have to be, and nothing else.

const OWNED = [
  "function owner() view returns (address)",
  "function transferOwnership(address newOwner)",
  "function renounceOwnership()",
  "function paused() view returns (bool)",
  "function pause()",
  "function unpause()",
  "event Paused(address account)",
  "event Unpaused(address account)",
  "event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)",
];

const SETTINGS = "(bool isPublic, bool allowMemberInvite, bool requireApproval, uint256 maxMembers, bool muteAll) settings";
const GROUP =
  "(string groupId, string groupName, string groupAvatar, string description, address owner, address[] members, " +
  `address[] admins, ${SETTINGS}, uint256 createdAt, uint256 memberCount, bool isActive)`;
const MEMBER = "(address memberAddress, string displayName, uint8 role, uint256 joinedAt, bool isMuted, bool isBanned)";
const CLAIM = "(bytes32 redPacketId, address claimer, uint256 amount, uint256 claimedAt, uint256 order)";

const PAYMENT =
  "bytes32 paymentId, string groupId, address initiator, uint8 paymentType, uint256 totalAmount, uint256 collectedAmount, " +
  "uint256 targetAmount, uint256 perPersonAmount, string description, uint256 deadline, uint8 status";
const CROWDFUNDING =
  "bytes32 fundingId, string groupId, address initiator, uint256 targetAmount, uint256 collectedAmount, " +
  "uint256 minContribution, string title, string description, uint256 deadline, uint8 status";
const PACKET =
  "bytes32 redPacketId, string groupId, address sender, uint8 packetType, uint256 totalAmount, uint256 remainingAmount, " +
  "uint256 totalCount, uint256 remainingCount, uint256 fixedAmount, string message, uint256 createdAt, uint256 expireAt, uint8 status";

export const INTERFACE = {
  GroupChatV2: [
    ...OWNED,
    "event GroupCreated(string indexed groupId, string groupName, address indexed owner, uint256 timestamp)",
    "event MemberJoined(string indexed groupId, address indexed member, uint256 timestamp)",
    "event MemberLeft(string indexed groupId, address indexed member, uint256 timestamp)",
    "event MemberRemoved(string indexed groupId, address indexed member, address indexed removedBy, uint256 timestamp)",
    "event RoleChanged(string indexed groupId, address indexed member, uint8 newRole, uint256 timestamp)",
    "event GroupSettingsUpdated(string indexed groupId, address indexed updatedBy, uint256 timestamp)",
    "event JoinRequestCreated(string indexed groupId, address indexed requester, uint256 timestamp)",
    "event JoinRequestApproved(string indexed groupId, address indexed requester, address indexed approver, uint256 timestamp)",
    "event JoinRequestRejected(string indexed groupId, address indexed requester, address indexed rejectedBy, uint256 timestamp)",
    "event MemberMuted(string indexed groupId, address indexed member, bool muted, uint256 timestamp)",
    "event GroupInfoUpdated(string indexed groupId, address indexed updatedBy, uint256 timestamp)",
    "event GroupDissolved(string indexed groupId, address indexed dissolvedBy, uint256 timestamp)",
    "event GroupOwnershipTransferred(string indexed groupId, address indexed previousOwner, address indexed newOwner, uint256 timestamp)",
    "function createGroup(string groupName, string groupAvatar, string description, bool isPublic, uint256 maxMembers) returns (string)",
    "function joinGroup(string)",
    "function inviteMember(string, address)",
    "function approveJoinRequest(string, address)",
    "function rejectJoinRequest(string, address)",
    "function leaveGroup(string)",
    "function removeMember(string, address)",
    "function setAdmin(string, address, bool)",
    "function transferOwnership(string, address)",
    "function muteMember(string, address, bool)",
    "function updateGroupSettings(string, bool isPublic, bool allowMemberInvite, bool requireApproval, uint256 maxMembers, bool muteAll)",
    "function updateGroupInfo(string, string name, string avatar, string description)",
    "function dissolveGroup(string)",
    "function groupCounter() view returns (uint256)",
    "function isMember(string, address) view returns (bool)",
    `function getGroup(string) view returns (${GROUP})`,
    `function getMember(string, address) view returns (${MEMBER})`,
    "function getUserGroups(address) view returns (string[])",
    "function getGroupMembers(string) view returns (address[])",
  ],
  GroupPayment: [
    ...OWNED,
    "event PaymentCreated(bytes32 indexed paymentId, string indexed groupId, address indexed initiator, uint8 paymentType, uint256 amount, uint256 timestamp)",
    "event PaymentContributed(bytes32 indexed paymentId, address indexed contributor, uint256 amount, uint256 timestamp)",
    "event PaymentCompleted(bytes32 indexed paymentId, uint256 totalAmount, uint256 timestamp)",
    "event PaymentCancelled(bytes32 indexed paymentId, address indexed cancelledBy, uint256 timestamp)",
    "event FundsWithdrawn(bytes32 indexed paymentId, address indexed recipient, uint256 amount, uint256 timestamp)",
    "event CrowdfundingCreated(bytes32 indexed fundingId, string indexed groupId, address indexed initiator, uint256 targetAmount, uint256 timestamp)",
    "event CrowdfundingBacked(bytes32 indexed fundingId, address indexed backer, uint256 amount, uint256 timestamp)",
    "event CrowdfundingCancelled(bytes32 indexed fundingId, address indexed cancelledBy, uint256 timestamp)",
    "event RefundCredited(address indexed user, uint256 amount)",
    "event RefundWithdrawn(address indexed user, uint256 amount)",
    "function createGroupCollection(string groupId, uint256 targetAmount, address[] participants, string description, uint256 deadline) returns (bytes32)",
    "function createAAPayment(string groupId, uint256 totalAmount, address[] participants, string description, uint256 deadline) returns (bytes32)",
    "function contribute(bytes32) payable",
    "function createCrowdfunding(string groupId, uint256 targetAmount, uint256 minContribution, string title, string description, uint256 deadline) returns (bytes32)",
    "function backCrowdfunding(bytes32) payable",
    "function withdrawFunds(bytes32)",
    "function withdrawCrowdfundingFunds(bytes32)",
    "function cancelPayment(bytes32)",
    "function cancelCrowdfunding(bytes32)",
    "function claimRefund()",
    `function getPayment(bytes32) view returns (${PAYMENT})`,
    `function getCrowdfunding(bytes32) view returns (${CROWDFUNDING})`,
    "function hasUserPaid(bytes32, address) view returns (bool)",
    "function getUserContribution(bytes32, address) view returns (uint256)",
    "function getCrowdfundingContribution(bytes32, address) view returns (uint256)",
    "function getGroupPayments(string) view returns (bytes32[])",
    "function getUserPayments(address) view returns (bytes32[])",
    "function pendingRefunds(address) view returns (uint256)",
  ],
  RedPacket: [
    ...OWNED,
    "event RedPacketCreated(bytes32 indexed redPacketId, string indexed groupId, address indexed sender, uint8 packetType, uint256 totalAmount, uint256 totalCount, uint256 timestamp)",
    "event RedPacketClaimed(bytes32 indexed redPacketId, address indexed claimer, uint256 amount, uint256 order, uint256 timestamp)",
    "event RedPacketCompleted(bytes32 indexed redPacketId, uint256 timestamp)",
    "event RedPacketExpired(bytes32 indexed redPacketId, uint256 timestamp)",
    "event RedPacketRefunded(bytes32 indexed redPacketId, address indexed sender, uint256 amount, uint256 timestamp)",
    "function createRandomRedPacket(string groupId, uint256 count, string message) payable returns (bytes32)",
    "function createFixedRedPacket(string, uint256, string) payable returns (bytes32)",
    "function createExclusiveRedPacket(string groupId, address[] recipients, string message) payable returns (bytes32)",
    "function claimRedPacket(bytes32)",
    "function refundExpiredRedPacket(bytes32)",
    `function getRedPacket(bytes32) view returns (${PACKET})`,
    `function getClaimRecords(bytes32) view returns (${CLAIM}[])`,
    "function getExclusiveRecipients(bytes32) view returns (address[])",
    "function getRedPacketRecipients(bytes32) view returns (address[])",
    "function isClaimable(bytes32, address) view returns (bool)",
    "function hasUserClaimed(bytes32, address) view returns (bool)",
    "function getUserClaimAmount(bytes32, address) view returns (uint256)",
    "function getGroupRedPackets(string) view returns (bytes32[])",
    "function getUserSentRedPackets(address) view returns (bytes32[])",
    "function getUserClaimedRedPackets(address) view returns (bytes32[])",
    "function MIN_AMOUNT() view returns (uint256)",
    "function MAX_COUNT() view returns (uint256)",
  ],
};

const LATER = [
  ...["JoinRequestRejected", "MemberMuted", "GroupInfoUpdated", "GroupDissolved", "GroupOwnershipTransferred"],
  ...["CrowdfundingCancelled", "RefundCredited", "RefundWithdrawn", "claimRefund", "pendingRefunds"],
];

/** The interface of the revision deployed on Sepolia: without owner, pause and waiting refunds, and with silent changes. */
export const DEPLOYED = Object.fromEntries(
  Object.entries(INTERFACE).map(([name, lines]) => [`Deployed${name}`, lines.filter((line) => !OWNED.includes(line) && !isLater(line))]),
);

function isLater(line) {
  return LATER.some((name) => line.includes(` ${name}(`));
}
