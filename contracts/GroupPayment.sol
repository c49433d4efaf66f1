// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {OwnerPausable} from "./base/OwnerPausable.sol";
import {Pots} from "./base/Pots.sol";
import {IGroupPayment} from "./interfaces/IGroupPayment.sol";

/// @title GroupPayment: collections, shared bills and crowdfundings of groups
/// @notice Holds money until its target is reached, for the initiator to withdraw, or until it is cancelled, for the
/// contributors to claim back. The contract's owner can pause it, and can touch no money.
contract GroupPayment is Pots, OwnerPausable {
    enum Participation {
        NONE,
        INVITED,
        PAID
    }

    struct Payment {
        Pot pot;
        PaymentType paymentType;
        uint256 perPersonAmount;
        mapping(address participant => Participation) participations;
    }

    struct Crowdfunding {
        Pot pot;
        uint256 minContribution;
        string title;
    }

    mapping(bytes32 paymentId => Payment) private _payments;
    mapping(bytes32 fundingId => Crowdfunding) private _crowdfundings;
    mapping(string groupId => bytes32[]) private _paymentsOfGroup;
    mapping(address initiator => bytes32[]) private _paymentsOfUser;

    /// @inheritdoc IGroupPayment
    function createGroupCollection(
        string calldata groupId,
        uint256 targetAmount,
        address[] calldata participants,
        string calldata description,
        uint256 deadline
    ) external whenNotPaused returns (bytes32 paymentId) {
        paymentId = _nextId("payment");
        _openPayment(paymentId, PaymentType.GROUP_COLLECTION, groupId, targetAmount, participants, description, deadline);
    }

    /// @inheritdoc IGroupPayment
    function createAAPayment(
        string calldata groupId,
        uint256 totalAmount,
        address[] calldata participants,
        string calldata description,
        uint256 deadline
    ) external whenNotPaused returns (bytes32 paymentId) {
        paymentId = _nextId("aa");
        _openPayment(paymentId, PaymentType.AA_PAYMENT, groupId, totalAmount, participants, description, deadline);
        uint256 share = totalAmount / participants.length;
        if (share == 0) revert ShareIsZero(totalAmount, participants.length);
        _payments[paymentId].perPersonAmount = share;
    }

    /// @inheritdoc IGroupPayment
    function contribute(bytes32 paymentId) external payable whenNotPaused nonReentrant {
        Payment storage payment = _payment(paymentId);
        Participation participation = payment.participations[msg.sender];
        if (participation == Participation.NONE) revert NotParticipant(paymentId, msg.sender);
        if (participation == Participation.PAID) revert AlreadyPaid(paymentId, msg.sender);
        bool anyAmount = payment.paymentType == PaymentType.GROUP_COLLECTION;
        if (!anyAmount && msg.value != payment.perPersonAmount) revert WrongShare(msg.value, payment.perPersonAmount);
        payment.participations[msg.sender] = Participation.PAID;
        _contribute(payment.pot, paymentId);
        emit PaymentContributed(paymentId, msg.sender, msg.value, block.timestamp);
        if (payment.pot.status == Status.COMPLETED) {
            emit PaymentCompleted(paymentId, payment.pot.collected, block.timestamp);
        }
    }

    /// @inheritdoc IGroupPayment
    function createCrowdfunding(
        string calldata groupId,
        uint256 targetAmount,
        uint256 minContribution,
        string calldata title,
        string calldata description,
        uint256 deadline
    ) external whenNotPaused returns (bytes32 fundingId) {
        fundingId = _nextId("crowdfund");
        Crowdfunding storage crowdfunding = _crowdfundings[fundingId];
        _open(crowdfunding.pot, groupId, targetAmount, description, deadline);
        crowdfunding.minContribution = minContribution;
        crowdfunding.title = title;
        emit CrowdfundingCreated(fundingId, groupId, msg.sender, targetAmount, block.timestamp);
    }

    /// @inheritdoc IGroupPayment
    function backCrowdfunding(bytes32 fundingId) external payable whenNotPaused nonReentrant {
        Crowdfunding storage crowdfunding = _crowdfunding(fundingId);
        uint256 least = crowdfunding.minContribution;
        if (msg.value < least) revert ContributionTooSmall(msg.value, least);
        _contribute(crowdfunding.pot, fundingId);
        emit CrowdfundingBacked(fundingId, msg.sender, msg.value, block.timestamp);
    }

    /// @inheritdoc IGroupPayment
    function withdrawFunds(bytes32 paymentId) external whenNotPaused nonReentrant {
        _withdraw(_payment(paymentId).pot, paymentId);
    }

    /// @inheritdoc IGroupPayment
    function withdrawCrowdfundingFunds(bytes32 fundingId) external whenNotPaused nonReentrant {
        _withdraw(_crowdfunding(fundingId).pot, fundingId);
    }

    /// @inheritdoc IGroupPayment
    function cancelPayment(bytes32 paymentId) external whenNotPaused nonReentrant {
        _cancel(_payment(paymentId).pot, paymentId);
        emit PaymentCancelled(paymentId, msg.sender, block.timestamp);
    }

    /// @inheritdoc IGroupPayment
    function cancelCrowdfunding(bytes32 fundingId) external whenNotPaused nonReentrant {
        _cancel(_crowdfunding(fundingId).pot, fundingId);
        emit CrowdfundingCancelled(fundingId, msg.sender, block.timestamp);
    }

    /// @inheritdoc IGroupPayment
    function getPayment(
        bytes32 id
    )
        external
        view
        returns (
            bytes32 paymentId,
            string memory groupId,
            address initiator,
            PaymentType paymentType,
            uint256 totalAmount,
            uint256 collectedAmount,
            uint256 targetAmount,
            uint256 perPersonAmount,
            string memory description,
            uint256 deadline,
            Status status
        )
    {
        Payment storage payment = _payment(id);
        Pot storage pot = payment.pot;
        return (
            id,
            pot.groupId,
            pot.initiator,
            payment.paymentType,
            pot.target,
            pot.collected,
            pot.target,
            payment.perPersonAmount,
            pot.description,
            pot.deadline,
            pot.status
        );
    }

    /// @inheritdoc IGroupPayment
    function getCrowdfunding(
        bytes32 id
    )
        external
        view
        returns (
            bytes32 fundingId,
            string memory groupId,
            address initiator,
            uint256 targetAmount,
            uint256 collectedAmount,
            uint256 minContribution,
            string memory title,
            string memory description,
            uint256 deadline,
            Status status
        )
    {
        Crowdfunding storage crowdfunding = _crowdfunding(id);
        Pot storage pot = crowdfunding.pot;
        return (
            id,
            pot.groupId,
            pot.initiator,
            pot.target,
            pot.collected,
            crowdfunding.minContribution,
            crowdfunding.title,
            pot.description,
            pot.deadline,
            pot.status
        );
    }

    /// @inheritdoc IGroupPayment
    function hasUserPaid(bytes32 paymentId, address user) external view returns (bool) {
        return _payments[paymentId].participations[user] == Participation.PAID;
    }

    /// @inheritdoc IGroupPayment
    function getUserContribution(bytes32 paymentId, address user) external view returns (uint256) {
        return _payments[paymentId].pot.contributions[user];
    }

    /// @inheritdoc IGroupPayment
    function getCrowdfundingContribution(bytes32 fundingId, address user) external view returns (uint256) {
        return _crowdfundings[fundingId].pot.contributions[user];
    }

    /// @inheritdoc IGroupPayment
    function getGroupPayments(string calldata groupId) external view returns (bytes32[] memory) {
        return _paymentsOfGroup[groupId];
    }

    /// @inheritdoc IGroupPayment
    function getUserPayments(address user) external view returns (bytes32[] memory) {
        return _paymentsOfUser[user];
    }

    function _openPayment(
        bytes32 paymentId,
        PaymentType paymentType,
        string calldata groupId,
        uint256 target,
        address[] calldata participants,
        string calldata description,
        uint256 deadline
    ) private {
        if (participants.length == 0) revert NoParticipants();
        Payment storage payment = _payments[paymentId];
        _open(payment.pot, groupId, target, description, deadline);
        payment.paymentType = paymentType;
        for (uint256 i = 0; i < participants.length; i++) {
            payment.participations[participants[i]] = Participation.INVITED;
        }
        _paymentsOfGroup[groupId].push(paymentId);
        _paymentsOfUser[msg.sender].push(paymentId);
        emit PaymentCreated(paymentId, groupId, msg.sender, paymentType, target, block.timestamp);
    }

    function _payment(bytes32 paymentId) private view returns (Payment storage payment) {
        payment = _payments[paymentId];
        if (payment.pot.initiator == address(0)) revert PaymentNotFound(paymentId);
    }

    function _crowdfunding(bytes32 fundingId) private view returns (Crowdfunding storage crowdfunding) {
        crowdfunding = _crowdfundings[fundingId];
        if (crowdfunding.pot.initiator == address(0)) revert CrowdfundingNotFound(fundingId);
    }
}
