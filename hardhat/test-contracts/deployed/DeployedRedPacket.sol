// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRedPacket} from "../../contracts/interfaces/IRedPacket.sol";
import {Stipend} from "./Stipend.sol";

/// @title RedPacket as the revision deployed on Sepolia behaves, for tests
/// @notice Its shares are at least MIN_AMOUNT each, and equal ones divide the money without a rest. Nobody owns the
/// contract and nothing pauses it; unknown ids answer empty values.
contract DeployedRedPacket is Stipend {
    struct Packet {
        bytes32 id;
        string groupId;
        address sender;
        IRedPacket.PacketType kind;
        IRedPacket.Status status;
        uint256 total;
        uint256 left;
        uint256 shares;
        uint256 sharesLeft;
        uint256 share;
        string message;
        uint256 createdAt;
        address[] named;
        IRedPacket.ClaimRecord[] claims;
        mapping(address claimer => uint256) taken;
    }

    uint256 public constant MIN_AMOUNT = 0.001 ether;
    uint256 public constant MAX_COUNT = 100;
    uint256 private constant LIFE = 24 hours;
    uint256 private _counter;

    mapping(bytes32 redPacketId => Packet) private _packets;
    mapping(string groupId => bytes32[]) private _ofGroup;
    mapping(address sender => bytes32[]) private _sentBy;
    mapping(address claimer => bytes32[]) private _claimedBy;

    function createRandomRedPacket(
        string calldata groupId,
        uint256 count,
        string calldata message
    ) external payable returns (bytes32) {
        return _create("redpacket", IRedPacket.PacketType.RANDOM, groupId, count, message);
    }

    function createFixedRedPacket(
        string calldata groupId,
        uint256 count,
        string calldata message
    ) external payable returns (bytes32) {
        return _create("fixed", IRedPacket.PacketType.FIXED, groupId, count, message);
    }

    function createExclusiveRedPacket(
        string calldata groupId,
        address[] calldata recipients,
        string calldata message
    ) external payable returns (bytes32 redPacketId) {
        redPacketId = _create("exclusive", IRedPacket.PacketType.EXCLUSIVE, groupId, recipients.length, message);
        _packets[redPacketId].named = recipients;
    }

    function claimRedPacket(bytes32 redPacketId) external {
        require(isClaimable(redPacketId, msg.sender), "Not to be claimed");
        Packet storage packet = _packets[redPacketId];
        uint256 amount = _amount(packet);
        packet.left -= amount;
        packet.sharesLeft--;
        packet.taken[msg.sender] = amount;
        uint256 order = packet.shares - packet.sharesLeft;
        packet.claims.push(IRedPacket.ClaimRecord(redPacketId, msg.sender, amount, block.timestamp, order));
        _claimedBy[msg.sender].push(redPacketId);
        _send(msg.sender, amount);
        emit IRedPacket.RedPacketClaimed(redPacketId, msg.sender, amount, order, block.timestamp);
        if (packet.sharesLeft != 0) return;
        packet.status = IRedPacket.Status.COMPLETED;
        emit IRedPacket.RedPacketCompleted(redPacketId, block.timestamp);
    }

    function refundExpiredRedPacket(bytes32 redPacketId) external {
        Packet storage packet = _packets[redPacketId];
        require(packet.sender == msg.sender, "Sender only");
        require(packet.status == IRedPacket.Status.ACTIVE && packet.left != 0, "Nothing to fetch");
        require(block.timestamp > packet.createdAt + LIFE, "Not expired");
        uint256 amount = packet.left;
        packet.left = 0;
        packet.status = IRedPacket.Status.REFUNDED;
        _send(msg.sender, amount);
        emit IRedPacket.RedPacketRefunded(redPacketId, msg.sender, amount, block.timestamp);
        emit IRedPacket.RedPacketExpired(redPacketId, block.timestamp);
    }

    function getRedPacket(
        bytes32 id
    )
        external
        view
        returns (
            bytes32 redPacketId,
            string memory groupId,
            address sender,
            IRedPacket.PacketType packetType,
            uint256 totalAmount,
            uint256 remainingAmount,
            uint256 totalCount,
            uint256 remainingCount,
            uint256 fixedAmount,
            string memory message,
            uint256 createdAt,
            uint256 expireAt,
            IRedPacket.Status status
        )
    {
        Packet storage packet = _packets[id];
        (redPacketId, groupId, sender, packetType) = (packet.id, packet.groupId, packet.sender, packet.kind);
        (totalAmount, remainingAmount, fixedAmount) = (packet.total, packet.left, packet.share);
        (totalCount, remainingCount, message) = (packet.shares, packet.sharesLeft, packet.message);
        (createdAt, status) = (packet.createdAt, packet.status);
        if (createdAt != 0) expireAt = createdAt + LIFE;
    }

    function getClaimRecords(bytes32 redPacketId) external view returns (IRedPacket.ClaimRecord[] memory) {
        return _packets[redPacketId].claims;
    }

    function getExclusiveRecipients(bytes32 redPacketId) external view returns (address[] memory) {
        return _packets[redPacketId].named;
    }

    /// @notice Who has claimed, in order.
    function getRedPacketRecipients(bytes32 redPacketId) external view returns (address[] memory claimers) {
        IRedPacket.ClaimRecord[] storage claims = _packets[redPacketId].claims;
        claimers = new address[](claims.length);
        for (uint256 i = 0; i < claims.length; i++) claimers[i] = claims[i].claimer;
    }

    function hasUserClaimed(bytes32 redPacketId, address user) external view returns (bool) {
        return _packets[redPacketId].taken[user] != 0;
    }

    function getUserClaimAmount(bytes32 redPacketId, address user) external view returns (uint256) {
        return _packets[redPacketId].taken[user];
    }

    function getGroupRedPackets(string calldata groupId) external view returns (bytes32[] memory) {
        return _ofGroup[groupId];
    }

    function getUserSentRedPackets(address user) external view returns (bytes32[] memory) {
        return _sentBy[user];
    }

    function getUserClaimedRedPackets(address user) external view returns (bytes32[] memory) {
        return _claimedBy[user];
    }

    function isClaimable(bytes32 redPacketId, address user) public view returns (bool) {
        Packet storage packet = _packets[redPacketId];
        if (packet.status != IRedPacket.Status.ACTIVE || packet.sharesLeft == 0) return false;
        if (block.timestamp > packet.createdAt + LIFE) return false;
        if (packet.taken[user] != 0 || packet.sender == user) return false;
        return packet.kind != IRedPacket.PacketType.EXCLUSIVE || _names(packet, user);
    }

    function _create(
        string memory prefix,
        IRedPacket.PacketType kind,
        string calldata groupId,
        uint256 count,
        string calldata message
    ) private returns (bytes32 id) {
        require(count != 0 && count <= MAX_COUNT, "1 to 100 shares");
        require(msg.value >= count * MIN_AMOUNT, "Too little");
        bool equal = kind != IRedPacket.PacketType.RANDOM;
        require(!equal || msg.value % count == 0, "No equal shares");
        id = keccak256(abi.encodePacked(prefix, ++_counter, block.timestamp, msg.sender));
        Packet storage packet = _packets[id];
        (packet.id, packet.groupId, packet.sender, packet.kind) = (id, groupId, msg.sender, kind);
        (packet.total, packet.left, packet.share) = (msg.value, msg.value, equal ? msg.value / count : 0);
        (packet.shares, packet.sharesLeft, packet.message) = (count, count, message);
        packet.createdAt = block.timestamp;
        _ofGroup[groupId].push(id);
        _sentBy[msg.sender].push(id);
        emit IRedPacket.RedPacketCreated(id, groupId, msg.sender, kind, msg.value, count, block.timestamp);
    }

    function _names(Packet storage packet, address user) private view returns (bool) {
        for (uint256 i = 0; i < packet.named.length; i++) if (packet.named[i] == user) return true;
        return false;
    }

    /// @dev What the next claimer gets; the draw is one that anybody can foresee.
    function _amount(Packet storage packet) private view returns (uint256) {
        if (packet.kind != IRedPacket.PacketType.RANDOM) return packet.share;
        if (packet.sharesLeft == 1) return packet.left;
        uint256 least = packet.left / (packet.sharesLeft * 10);
        if (least < MIN_AMOUNT / 10) least = MIN_AMOUNT / 10;
        uint256 range = (packet.left * 2) / packet.sharesLeft - least;
        uint256 draw = uint256(keccak256(abi.encode(block.timestamp, block.prevrandao, msg.sender, packet.sharesLeft)));
        return least + (draw % range);
    }
}
