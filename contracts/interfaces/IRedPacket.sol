// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Red packets: money of one sender, shared out to whoever claims
/// @notice A group id is whatever string the caller passes: it need not be a group that exists. In events it is indexed,
/// so that a log carries only its keccak-256. A packet can be claimed up to and including the second expireAt; after it
/// stays ACTIVE until its sender fetches the rest. All functions stop while paused, except refundExpiredRedPacket.
interface IRedPacket {
    /// @notice How the shares are made, and for EXCLUSIVE who gets them.
    enum PacketType {
        RANDOM,
        FIXED,
        EXCLUSIVE
    }

    /// @notice Where a packet stands. EXPIRED is never stored: refunding makes it REFUNDED.
    enum Status {
        ACTIVE,
        COMPLETED,
        EXPIRED,
        REFUNDED
    }

    /// @notice One claim; `order` is 1 for the first.
    struct ClaimRecord {
        bytes32 redPacketId;
        address claimer;
        uint256 amount;
        uint256 claimedAt;
        uint256 order;
    }

    /// @notice A packet was created.
    event RedPacketCreated(
        bytes32 indexed redPacketId,
        string indexed groupId,
        address indexed sender,
        PacketType packetType,
        uint256 totalAmount,
        uint256 totalCount,
        uint256 timestamp
    );
    /// @notice Somebody claimed a share; `order` is 1 for the first.
    event RedPacketClaimed(
        bytes32 indexed redPacketId,
        address indexed claimer,
        uint256 amount,
        uint256 order,
        uint256 timestamp
    );
    /// @notice The last share was claimed.
    event RedPacketCompleted(bytes32 indexed redPacketId, uint256 timestamp);
    /// @notice The packet had expired; RedPacketRefunded comes before it.
    event RedPacketExpired(bytes32 indexed redPacketId, uint256 timestamp);
    /// @notice The sender fetched what nobody had claimed.
    event RedPacketRefunded(bytes32 indexed redPacketId, address indexed sender, uint256 amount, uint256 timestamp);

    /// @notice There is no packet of this id.
    error RedPacketNotFound(bytes32 redPacketId);
    /// @notice A packet holds at least `least` wei.
    error AmountTooSmall(uint256 sent, uint256 least);
    /// @notice A packet has 1 to `most` shares.
    error CountOutOfRange(uint256 count, uint256 most);
    /// @notice The packet is empty or refunded.
    error NotActive(bytes32 redPacketId, Status status);
    /// @notice The packet has expired.
    error Expired(bytes32 redPacketId, uint256 expireAt);
    /// @notice The packet has not expired yet.
    error NotExpired(bytes32 redPacketId, uint256 expireAt);
    /// @notice A sender cannot claim the own packet.
    error OwnPacket(bytes32 redPacketId);
    /// @notice One claim for each address.
    error AlreadyClaimed(bytes32 redPacketId, address claimer);
    /// @notice The packet is for others.
    error NotRecipient(bytes32 redPacketId, address claimer);
    /// @notice Only the sender may do this.
    error NotSender(bytes32 redPacketId, address account);

    /// @notice Creates a packet of random shares from the call's money.
    /// @dev A share is drawn from [min, max) with max = remaining * 2 / count and min the greater of
    /// remaining / (count * 10) and 0.0001 ether; where that range is empty it is remaining / count. The last claimer gets
    /// the rest. The randomness comes from the block and is not secure: a block's proposer, or a contract that undoes a
    /// draw it dislikes, can choose among outcomes.
    /// @param groupId Any string.
    /// @param count Number of shares, 1 to 100.
    /// @param message Any bytes.
    /// @return redPacketId The new packet's id.
    function createRandomRedPacket(
        string calldata groupId,
        uint256 count,
        string calldata message
    ) external payable returns (bytes32 redPacketId);

    /// @notice Creates a packet of equal shares, money / count each; the last claimer also gets what the division leaves.
    /// @param groupId Any string.
    /// @param count Number of shares, 1 to 100.
    /// @param message Any bytes.
    /// @return redPacketId The new packet's id.
    function createFixedRedPacket(
        string calldata groupId,
        uint256 count,
        string calldata message
    ) external payable returns (bytes32 redPacketId);

    /// @notice Creates a packet of equal shares for the named addresses.
    /// @dev Who is named twice, or is the sender, leaves a share that nobody can claim; the sender gets it back after expiry.
    /// @param groupId Any string.
    /// @param recipients 1 to 100 addresses.
    /// @param message Any bytes.
    /// @return redPacketId The new packet's id.
    function createExclusiveRedPacket(
        string calldata groupId,
        address[] calldata recipients,
        string calldata message
    ) external payable returns (bytes32 redPacketId);

    /// @notice Sends the caller a share.
    function claimRedPacket(bytes32 redPacketId) external;

    /// @notice Sends what is left of an expired packet back to its sender, the caller. Works while paused.
    function refundExpiredRedPacket(bytes32 redPacketId) external;

    /// @notice A packet; reverts with RedPacketNotFound for an unknown one. `remainingAmount` is zero once refunded,
    /// `remainingCount` keeps the number of unclaimed shares; `fixedAmount` is zero for a random packet.
    function getRedPacket(
        bytes32 id
    )
        external
        view
        returns (
            bytes32 redPacketId,
            string memory groupId,
            address sender,
            PacketType packetType,
            uint256 totalAmount,
            uint256 remainingAmount,
            uint256 totalCount,
            uint256 remainingCount,
            uint256 fixedAmount,
            string memory message,
            uint256 createdAt,
            uint256 expireAt,
            Status status
        );

    /// @notice All claims, in order.
    function getClaimRecords(bytes32 redPacketId) external view returns (ClaimRecord[] memory);

    /// @notice The addresses that an exclusive packet names, as given; empty for other packets.
    function getExclusiveRecipients(bytes32 redPacketId) external view returns (address[] memory);

    /// @notice Who has received a share, in the order of the claims.
    function getRedPacketRecipients(bytes32 redPacketId) external view returns (address[] memory claimers);

    /// @notice Whether claimRedPacket would now accept `user`, but for a pause, which is not looked at.
    function isClaimable(bytes32 redPacketId, address user) external view returns (bool);

    /// @notice Whether `user` has claimed a share.
    function hasUserClaimed(bytes32 redPacketId, address user) external view returns (bool);

    /// @notice The share that `user` has claimed; zero for none.
    function getUserClaimAmount(bytes32 redPacketId, address user) external view returns (uint256);

    /// @notice Packets that name this group, oldest first.
    function getGroupRedPackets(string calldata groupId) external view returns (bytes32[] memory);

    /// @notice Packets that `user` sent, oldest first.
    function getUserSentRedPackets(address user) external view returns (bytes32[] memory);

    /// @notice Packets that `user` has claimed a share of, in order of claiming.
    function getUserClaimedRedPackets(address user) external view returns (bytes32[] memory);
}
