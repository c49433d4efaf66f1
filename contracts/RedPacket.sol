// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {OwnerPausable} from "./base/OwnerPausable.sol";
import {Payout} from "./base/Payout.sol";
import {IRedPacket} from "./interfaces/IRedPacket.sol";

/// @title RedPacket: money of one sender, shared out to whoever claims
/// @notice Holds a packet's money until it is claimed, or until its sender fetches the rest after 24 hours. The contract's
/// owner can pause it, and can touch no money.
contract RedPacket is IRedPacket, OwnerPausable, ReentrancyGuard, Payout {
    struct Packet {
        string groupId;
        address sender;
        PacketType packetType;
        Status status;
        uint256 totalAmount;
        uint256 remainingAmount;
        uint256 totalCount;
        uint256 remainingCount;
        uint256 fixedAmount;
        string message;
        uint256 createdAt;
        ClaimRecord[] claims;
        address[] recipients;
        mapping(address claimer => uint256) claimed;
    }

    /// @notice Least amount of a packet, in wei.
    uint256 public constant MIN_AMOUNT = 0.001 ether;
    /// @notice Most shares of a packet.
    uint256 public constant MAX_COUNT = 100;

    uint256 private constant LIFE = 24 hours;
    uint256 private constant LEAST_RANDOM_SHARE = 0.0001 ether;

    uint256 private _counter;
    mapping(bytes32 redPacketId => Packet) private _packets;
    mapping(string groupId => bytes32[]) private _packetsOfGroup;
    mapping(address sender => bytes32[]) private _sentBy;
    mapping(address claimer => bytes32[]) private _claimedBy;

    /// @inheritdoc IRedPacket
    function createRandomRedPacket(
        string calldata groupId,
        uint256 count,
        string calldata message
    ) external payable whenNotPaused returns (bytes32 redPacketId) {
        redPacketId = _create(PacketType.RANDOM, groupId, count, message);
    }

    /// @inheritdoc IRedPacket
    function createFixedRedPacket(
        string calldata groupId,
        uint256 count,
        string calldata message
    ) external payable whenNotPaused returns (bytes32 redPacketId) {
        redPacketId = _create(PacketType.FIXED, groupId, count, message);
        _packets[redPacketId].fixedAmount = msg.value / count;
    }

    /// @inheritdoc IRedPacket
    function createExclusiveRedPacket(
        string calldata groupId,
        address[] calldata recipients,
        string calldata message
    ) external payable whenNotPaused returns (bytes32 redPacketId) {
        redPacketId = _create(PacketType.EXCLUSIVE, groupId, recipients.length, message);
        Packet storage packet = _packets[redPacketId];
        packet.fixedAmount = msg.value / recipients.length;
        packet.recipients = recipients;
    }

    /// @inheritdoc IRedPacket
    function claimRedPacket(bytes32 redPacketId) external whenNotPaused nonReentrant {
        Packet storage packet = _packet(redPacketId);
        _checkClaim(packet, redPacketId);
        uint256 amount = _share(packet, redPacketId);
        uint256 order = packet.claims.length + 1;
        packet.remainingAmount -= amount;
        packet.remainingCount--;
        packet.claimed[msg.sender] = amount;
        packet.claims.push(ClaimRecord(redPacketId, msg.sender, amount, block.timestamp, order));
        _claimedBy[msg.sender].push(redPacketId);
        emit RedPacketClaimed(redPacketId, msg.sender, amount, order, block.timestamp);
        if (packet.remainingCount == 0) {
            packet.status = Status.COMPLETED;
            emit RedPacketCompleted(redPacketId, block.timestamp);
        }
        _pay(msg.sender, amount);
    }

    /// @inheritdoc IRedPacket
    function refundExpiredRedPacket(bytes32 redPacketId) external nonReentrant {
        Packet storage packet = _packet(redPacketId);
        if (msg.sender != packet.sender) revert NotSender(redPacketId, msg.sender);
        if (packet.status != Status.ACTIVE) revert NotActive(redPacketId, packet.status);
        if (!_isExpired(packet)) revert NotExpired(redPacketId, packet.createdAt + LIFE);
        uint256 amount = packet.remainingAmount;
        packet.remainingAmount = 0;
        packet.status = Status.REFUNDED;
        emit RedPacketRefunded(redPacketId, msg.sender, amount, block.timestamp);
        emit RedPacketExpired(redPacketId, block.timestamp);
        _pay(msg.sender, amount);
    }

    /// @inheritdoc IRedPacket
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
        )
    {
        Packet storage packet = _packet(id);
        return (
            id,
            packet.groupId,
            packet.sender,
            packet.packetType,
            packet.totalAmount,
            packet.remainingAmount,
            packet.totalCount,
            packet.remainingCount,
            packet.fixedAmount,
            packet.message,
            packet.createdAt,
            packet.createdAt + LIFE,
            packet.status
        );
    }

    /// @inheritdoc IRedPacket
    function getClaimRecords(bytes32 redPacketId) external view returns (ClaimRecord[] memory) {
        return _packets[redPacketId].claims;
    }

    /// @inheritdoc IRedPacket
    function getExclusiveRecipients(bytes32 redPacketId) external view returns (address[] memory) {
        return _packets[redPacketId].recipients;
    }

    /// @inheritdoc IRedPacket
    function getRedPacketRecipients(bytes32 redPacketId) external view returns (address[] memory claimers) {
        ClaimRecord[] storage claims = _packets[redPacketId].claims;
        claimers = new address[](claims.length);
        for (uint256 i = 0; i < claims.length; i++) {
            claimers[i] = claims[i].claimer;
        }
    }

    /// @inheritdoc IRedPacket
    function isClaimable(bytes32 redPacketId, address user) external view returns (bool) {
        Packet storage packet = _packets[redPacketId];
        bool open = packet.createdAt != 0 && packet.status == Status.ACTIVE && !_isExpired(packet);
        return open && user != packet.sender && packet.claimed[user] == 0 && _isEligible(packet, user);
    }

    /// @inheritdoc IRedPacket
    function hasUserClaimed(bytes32 redPacketId, address user) external view returns (bool) {
        return _packets[redPacketId].claimed[user] != 0;
    }

    /// @inheritdoc IRedPacket
    function getUserClaimAmount(bytes32 redPacketId, address user) external view returns (uint256) {
        return _packets[redPacketId].claimed[user];
    }

    /// @inheritdoc IRedPacket
    function getGroupRedPackets(string calldata groupId) external view returns (bytes32[] memory) {
        return _packetsOfGroup[groupId];
    }

    /// @inheritdoc IRedPacket
    function getUserSentRedPackets(address user) external view returns (bytes32[] memory) {
        return _sentBy[user];
    }

    /// @inheritdoc IRedPacket
    function getUserClaimedRedPackets(address user) external view returns (bytes32[] memory) {
        return _claimedBy[user];
    }

    function _create(
        PacketType packetType,
        string calldata groupId,
        uint256 count,
        string calldata message
    ) private returns (bytes32 id) {
        if (msg.value < MIN_AMOUNT) revert AmountTooSmall(msg.value, MIN_AMOUNT);
        if (count == 0 || count > MAX_COUNT) revert CountOutOfRange(count, MAX_COUNT);
        id = keccak256(abi.encodePacked("redpacket", ++_counter, block.timestamp));
        Packet storage packet = _packets[id];
        packet.groupId = groupId;
        packet.sender = msg.sender;
        packet.packetType = packetType;
        packet.totalAmount = msg.value;
        packet.remainingAmount = msg.value;
        packet.totalCount = count;
        packet.remainingCount = count;
        packet.message = message;
        packet.createdAt = block.timestamp;
        _packetsOfGroup[groupId].push(id);
        _sentBy[msg.sender].push(id);
        emit RedPacketCreated(id, groupId, msg.sender, packetType, msg.value, count, block.timestamp);
    }

    function _packet(bytes32 id) private view returns (Packet storage packet) {
        packet = _packets[id];
        if (packet.createdAt == 0) revert RedPacketNotFound(id);
    }

    function _checkClaim(Packet storage packet, bytes32 id) private view {
        if (packet.status != Status.ACTIVE) revert NotActive(id, packet.status);
        if (_isExpired(packet)) revert Expired(id, packet.createdAt + LIFE);
        if (msg.sender == packet.sender) revert OwnPacket(id);
        if (packet.claimed[msg.sender] != 0) revert AlreadyClaimed(id, msg.sender);
        if (!_isEligible(packet, msg.sender)) revert NotRecipient(id, msg.sender);
    }

    function _isExpired(Packet storage packet) private view returns (bool) {
        return block.timestamp > packet.createdAt + LIFE;
    }

    function _isEligible(Packet storage packet, address user) private view returns (bool) {
        if (packet.packetType != PacketType.EXCLUSIVE) return true;
        for (uint256 i = 0; i < packet.recipients.length; i++) {
            if (packet.recipients[i] == user) return true;
        }
        return false;
    }

    /// @dev The next share: never zero, and less than what remains until the last share takes the rest.
    function _share(Packet storage packet, bytes32 id) private view returns (uint256) {
        uint256 remaining = packet.remainingAmount;
        uint256 count = packet.remainingCount;
        if (count == 1) return remaining;
        if (packet.packetType != PacketType.RANDOM) return packet.fixedAmount;
        uint256 most = (remaining * 2) / count;
        uint256 least = remaining / (count * 10);
        if (least < LEAST_RANDOM_SHARE) least = LEAST_RANDOM_SHARE;
        if (most <= least) return remaining / count;
        return least + (_draw(id, count) % (most - least));
    }

    function _draw(bytes32 id, uint256 count) private view returns (uint256) {
        return uint256(keccak256(abi.encode(block.prevrandao, block.timestamp, msg.sender, id, count)));
    }
}
