// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGroupPayment} from "../../contracts/interfaces/IGroupPayment.sol";
import {Stipend} from "./Stipend.sol";

/// @title GroupPayment as the revision deployed on Sepolia behaves, for tests
/// @notice A cancellation sends the money back at once: that of a payment emits PaymentCancelled and nothing else, that of
/// a crowdfunding nothing at all. What was paid is told for ever. Who is named twice among the participants is refunded
/// twice, from the others' money. Nobody owns the contract and nothing pauses it; unknown ids answer empty values.
contract DeployedGroupPayment is Stipend {
    struct Pot {
        bytes32 id;
        string groupId;
        address initiator;
        IGroupPayment.Status status;
        bool withdrawn;
        uint256 target;
        uint256 collected;
        uint256 deadline;
        string description;
        mapping(address giver => uint256) given;
        /// @dev Whom a payment names, or who has backed a crowdfunding.
        address[] people;
    }

    struct Bill {
        IGroupPayment.PaymentType kind;
        uint256 total;
        uint256 share;
    }

    struct Campaign {
        uint256 least;
        string title;
    }

    uint256 private _paymentCounter;
    uint256 private _crowdfundingCounter;

    mapping(bytes32 paymentId => Pot) private _payments;
    mapping(bytes32 paymentId => Bill) private _bills;
    mapping(bytes32 fundingId => Pot) private _crowdfundings;
    mapping(bytes32 fundingId => Campaign) private _campaigns;
    mapping(string groupId => bytes32[]) private _ofGroup;
    /// @dev Payments, once for creating and once for paying.
    mapping(address user => bytes32[]) private _ofUser;

    /// @notice Its total is 0: only its target counts.
    function createGroupCollection(
        string calldata groupId,
        uint256 targetAmount,
        address[] calldata participants,
        string calldata description,
        uint256 deadline
    ) external returns (bytes32 paymentId) {
        paymentId = keccak256(abi.encodePacked("payment", ++_paymentCounter, block.timestamp));
        _open(_payments[paymentId], paymentId, groupId, targetAmount, description, deadline);
        _ask(paymentId, Bill(IGroupPayment.PaymentType.GROUP_COLLECTION, 0, 0), groupId, participants);
    }

    function createAAPayment(
        string calldata groupId,
        uint256 totalAmount,
        address[] calldata participants,
        string calldata description,
        uint256 deadline
    ) external returns (bytes32 paymentId) {
        require(participants.length != 0, "Somebody has to pay");
        uint256 share = totalAmount / participants.length;
        require(share != 0, "Less than 1 wei each");
        paymentId = keccak256(abi.encodePacked("aa", ++_paymentCounter, block.timestamp));
        _open(_payments[paymentId], paymentId, groupId, totalAmount, description, deadline);
        _ask(paymentId, Bill(IGroupPayment.PaymentType.AA_PAYMENT, totalAmount, share), groupId, participants);
    }

    function contribute(bytes32 paymentId) external payable {
        Pot storage pot = _payments[paymentId];
        require(msg.value != 0, "Nothing is given");
        require(pot.given[msg.sender] == 0, "Paid already");
        require(_names(pot, msg.sender), "Not asked to pay");
        Bill storage bill = _bills[paymentId];
        bool exact = bill.kind == IGroupPayment.PaymentType.AA_PAYMENT;
        require(!exact || msg.value == bill.share, "Not the share");
        _ofUser[msg.sender].push(paymentId);
        _take(pot);
        emit IGroupPayment.PaymentContributed(paymentId, msg.sender, msg.value, block.timestamp);
        if (pot.status == IGroupPayment.Status.COMPLETED) {
            emit IGroupPayment.PaymentCompleted(paymentId, pot.collected, block.timestamp);
        }
    }

    function createCrowdfunding(
        string calldata groupId,
        uint256 targetAmount,
        uint256 minContribution,
        string calldata title,
        string calldata description,
        uint256 deadline
    ) external returns (bytes32 fundingId) {
        require(minContribution != 0, "At least 1 wei each");
        fundingId = keccak256(abi.encodePacked("crowdfund", ++_crowdfundingCounter, block.timestamp));
        _open(_crowdfundings[fundingId], fundingId, groupId, targetAmount, description, deadline);
        _campaigns[fundingId] = Campaign(minContribution, title);
        emit IGroupPayment.CrowdfundingCreated(fundingId, groupId, msg.sender, targetAmount, block.timestamp);
    }

    function backCrowdfunding(bytes32 fundingId) external payable {
        Pot storage pot = _crowdfundings[fundingId];
        require(msg.value >= _campaigns[fundingId].least, "Too little");
        if (pot.given[msg.sender] == 0) pot.people.push(msg.sender);
        _take(pot);
        emit IGroupPayment.CrowdfundingBacked(fundingId, msg.sender, msg.value, block.timestamp);
    }

    function withdrawFunds(bytes32 paymentId) external {
        _withdraw(_payments[paymentId]);
    }

    function withdrawCrowdfundingFunds(bytes32 fundingId) external {
        _withdraw(_crowdfundings[fundingId]);
    }

    function cancelPayment(bytes32 paymentId) external {
        _cancel(_payments[paymentId]);
        emit IGroupPayment.PaymentCancelled(paymentId, msg.sender, block.timestamp);
    }

    /// @notice Silent.
    function cancelCrowdfunding(bytes32 fundingId) external {
        _cancel(_crowdfundings[fundingId]);
    }

    function getPayment(
        bytes32 id
    )
        external
        view
        returns (
            bytes32 paymentId,
            string memory groupId,
            address initiator,
            IGroupPayment.PaymentType paymentType,
            uint256 totalAmount,
            uint256 collectedAmount,
            uint256 targetAmount,
            uint256 perPersonAmount,
            string memory description,
            uint256 deadline,
            IGroupPayment.Status status
        )
    {
        Pot storage pot = _payments[id];
        Bill storage bill = _bills[id];
        (paymentId, groupId, initiator, status) = (pot.id, pot.groupId, pot.initiator, pot.status);
        (collectedAmount, targetAmount, deadline) = (pot.collected, pot.target, pot.deadline);
        (paymentType, totalAmount, perPersonAmount) = (bill.kind, bill.total, bill.share);
        description = pot.description;
    }

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
            IGroupPayment.Status status
        )
    {
        Pot storage pot = _crowdfundings[id];
        Campaign storage campaign = _campaigns[id];
        (fundingId, groupId, initiator, status) = (pot.id, pot.groupId, pot.initiator, pot.status);
        (collectedAmount, targetAmount, deadline) = (pot.collected, pot.target, pot.deadline);
        (minContribution, title, description) = (campaign.least, campaign.title, pot.description);
    }

    /// @notice Whether `user` ever paid, cancelled or not.
    function hasUserPaid(bytes32 paymentId, address user) external view returns (bool) {
        return getUserContribution(paymentId, user) != 0;
    }

    function getCrowdfundingContribution(bytes32 fundingId, address user) external view returns (uint256) {
        return _crowdfundings[fundingId].given[user];
    }

    /// @notice Payments and crowdfundings.
    function getGroupPayments(string calldata groupId) external view returns (bytes32[] memory) {
        return _ofGroup[groupId];
    }

    /// @notice Payments that `user` created or has paid, in the order of doing so; no crowdfundings.
    function getUserPayments(address user) external view returns (bytes32[] memory) {
        return _ofUser[user];
    }

    function getUserContribution(bytes32 paymentId, address user) public view returns (uint256) {
        return _payments[paymentId].given[user];
    }

    function _open(
        Pot storage pot,
        bytes32 id,
        string calldata groupId,
        uint256 target,
        string calldata description,
        uint256 deadline
    ) private {
        require(target != 0, "A target is needed");
        require(deadline > block.timestamp, "The deadline has passed");
        (pot.id, pot.groupId, pot.initiator, pot.target) = (id, groupId, msg.sender, target);
        (pot.description, pot.deadline) = (description, deadline);
        _ofGroup[groupId].push(id);
    }

    function _ask(bytes32 id, Bill memory bill, string calldata groupId, address[] calldata participants) private {
        require(participants.length != 0, "Somebody has to pay");
        _payments[id].people = participants;
        _bills[id] = bill;
        _ofUser[msg.sender].push(id);
        emit IGroupPayment.PaymentCreated(id, groupId, msg.sender, bill.kind, _payments[id].target, block.timestamp);
    }

    /// @dev Completes the pot once its target is reached; an unknown pot's deadline has always passed.
    function _take(Pot storage pot) private {
        require(pot.status == IGroupPayment.Status.ACTIVE, "Not active");
        require(block.timestamp <= pot.deadline, "The deadline has passed");
        pot.given[msg.sender] += msg.value;
        pot.collected += msg.value;
        if (pot.collected >= pot.target) pot.status = IGroupPayment.Status.COMPLETED;
    }

    function _withdraw(Pot storage pot) private {
        require(pot.initiator == msg.sender, "Initiator only");
        require(pot.status == IGroupPayment.Status.COMPLETED && !pot.withdrawn, "Nothing to withdraw");
        pot.withdrawn = true;
        _send(msg.sender, pot.collected);
        emit IGroupPayment.FundsWithdrawn(pot.id, msg.sender, pot.collected, block.timestamp);
    }

    /// @dev Sends back entry by entry, and forgets nothing of what was given.
    function _cancel(Pot storage pot) private {
        require(pot.initiator == msg.sender, "Initiator only");
        require(pot.status == IGroupPayment.Status.ACTIVE, "Not active");
        pot.status = IGroupPayment.Status.CANCELLED;
        for (uint256 i = 0; i < pot.people.length; i++) _send(pot.people[i], pot.given[pot.people[i]]);
    }

    function _names(Pot storage pot, address account) private view returns (bool) {
        for (uint256 i = 0; i < pot.people.length; i++) if (pot.people[i] == account) return true;
        return false;
    }
}
