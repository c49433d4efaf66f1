// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Collections, shared bills (AA payments) and crowdfundings of groups
/// @notice A group id is whatever string the caller passes: it need not be a group that exists. In events it is indexed,
/// so that a log carries only its keccak-256. Past its deadline a payment takes no money, stays ACTIVE and can be
/// cancelled; the second of the deadline is not past. All functions stop while paused, except claimRefund.
interface IGroupPayment {
    /// @notice How participants pay: once and any amount, or once and exactly their share.
    enum PaymentType {
        GROUP_COLLECTION,
        AA_PAYMENT
    }

    /// @notice Where a payment or crowdfunding stands. Nothing ever sets EXPIRED: compare the deadline.
    enum Status {
        ACTIVE,
        COMPLETED,
        CANCELLED,
        EXPIRED
    }

    /// @notice A collection or AA payment was created; `amount` is its target.
    event PaymentCreated(
        bytes32 indexed paymentId,
        string indexed groupId,
        address indexed initiator,
        PaymentType paymentType,
        uint256 amount,
        uint256 timestamp
    );
    /// @notice A participant paid.
    event PaymentContributed(
        bytes32 indexed paymentId,
        address indexed contributor,
        uint256 amount,
        uint256 timestamp
    );
    /// @notice The target was reached, perhaps overshot.
    event PaymentCompleted(bytes32 indexed paymentId, uint256 totalAmount, uint256 timestamp);
    /// @notice A payment was cancelled; one RefundCredited for each contributor comes before it.
    event PaymentCancelled(bytes32 indexed paymentId, address indexed cancelledBy, uint256 timestamp);
    /// @notice The initiator took the money of a completed payment or crowdfunding.
    event FundsWithdrawn(bytes32 indexed paymentId, address indexed recipient, uint256 amount, uint256 timestamp);
    /// @notice A crowdfunding was created.
    event CrowdfundingCreated(
        bytes32 indexed fundingId,
        string indexed groupId,
        address indexed initiator,
        uint256 targetAmount,
        uint256 timestamp
    );
    /// @notice Somebody backed a crowdfunding. Reaching the target completes it with no event of its own.
    event CrowdfundingBacked(bytes32 indexed fundingId, address indexed backer, uint256 amount, uint256 timestamp);
    /// @notice A crowdfunding was cancelled; one RefundCredited for each backer comes before it.
    event CrowdfundingCancelled(bytes32 indexed fundingId, address indexed cancelledBy, uint256 timestamp);

    /// @notice There is no collection or AA payment of this id.
    error PaymentNotFound(bytes32 paymentId);
    /// @notice There is no crowdfunding of this id.
    error CrowdfundingNotFound(bytes32 fundingId);
    /// @notice A payment needs at least one participant.
    error NoParticipants();
    /// @notice The total is less than one wei for each participant.
    error ShareIsZero(uint256 totalAmount, uint256 participants);
    /// @notice This address is not among the participants.
    error NotParticipant(bytes32 paymentId, address account);
    /// @notice A participant pays once.
    error AlreadyPaid(bytes32 paymentId, address account);
    /// @notice An AA payment takes exactly the share.
    error WrongShare(uint256 sent, uint256 perPersonAmount);
    /// @notice This crowdfunding takes no less than `minContribution` at a time.
    error ContributionTooSmall(uint256 sent, uint256 minContribution);

    /// @notice Creates a payment in which each participant pays once, any amount, until the target is reached.
    /// @param groupId Any string.
    /// @param targetAmount At least 1 wei. It may be overshot.
    /// @param participants At least one; who is listed twice still pays once. No view returns them.
    /// @param description Any bytes.
    /// @param deadline Unix seconds, later than now; up to 2^256 - 1.
    /// @return paymentId keccak256("payment", counter, block timestamp), packed.
    function createGroupCollection(
        string calldata groupId,
        uint256 targetAmount,
        address[] calldata participants,
        string calldata description,
        uint256 deadline
    ) external returns (bytes32 paymentId);

    /// @notice Creates a payment in which each participant pays once, exactly `totalAmount / participants`.
    /// @dev The division drops the remainder: where there is one, the shares sum to less than the target, so that the
    /// payment never completes and can only be cancelled. The same holds for a participant listed twice.
    /// @param groupId Any string.
    /// @param totalAmount At least 1 wei for each participant.
    /// @param participants At least one. No view returns them.
    /// @param description Any bytes.
    /// @param deadline Unix seconds, later than now; up to 2^256 - 1.
    /// @return paymentId keccak256("aa", counter, block timestamp), packed.
    function createAAPayment(
        string calldata groupId,
        uint256 totalAmount,
        address[] calldata participants,
        string calldata description,
        uint256 deadline
    ) external returns (bytes32 paymentId);

    /// @notice Pays one's part of a collection or AA payment; completes it when the target is reached. Never zero.
    function contribute(bytes32 paymentId) external payable;

    /// @notice Creates a crowdfunding that anybody can back.
    /// @param groupId Any string.
    /// @param targetAmount At least 1 wei. It may be overshot.
    /// @param minContribution Least amount of one contribution; may be zero.
    /// @param title Any bytes.
    /// @param description Any bytes.
    /// @param deadline Unix seconds, later than now; up to 2^256 - 1.
    /// @return fundingId keccak256("crowdfund", counter, block timestamp), packed.
    function createCrowdfunding(
        string calldata groupId,
        uint256 targetAmount,
        uint256 minContribution,
        string calldata title,
        string calldata description,
        uint256 deadline
    ) external returns (bytes32 fundingId);

    /// @notice Backs a crowdfunding, any number of times; completes it, with no event, when the target is reached. Never zero.
    function backCrowdfunding(bytes32 fundingId) external payable;

    /// @notice Sends all that a completed payment collected to its initiator, the caller. Once.
    function withdrawFunds(bytes32 paymentId) external;

    /// @notice Sends all that a completed crowdfunding collected to its initiator, the caller. Once.
    function withdrawCrowdfundingFunds(bytes32 fundingId) external;

    /// @notice Cancels an active payment, whatever its deadline, and credits each contributor. Caller: its initiator.
    function cancelPayment(bytes32 paymentId) external;

    /// @notice Cancels an active crowdfunding, whatever its deadline, and credits each backer. Caller: its initiator.
    /// @dev The cost grows with the number of backers.
    function cancelCrowdfunding(bytes32 fundingId) external;

    /// @notice A collection or AA payment; reverts with PaymentNotFound for an unknown one. `totalAmount` equals
    /// `targetAmount`; `collectedAmount` keeps its value after a withdrawal and after cancelling; `perPersonAmount` is
    /// zero for a collection.
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
        );

    /// @notice A crowdfunding; reverts with CrowdfundingNotFound for an unknown one. `collectedAmount` keeps its value
    /// after a withdrawal and after cancelling.
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
        );

    /// @notice Whether `user` has paid, even where cancelling has credited it back.
    function hasUserPaid(bytes32 paymentId, address user) external view returns (bool);

    /// @notice What the payment holds of `user`; zero after cancelling.
    function getUserContribution(bytes32 paymentId, address user) external view returns (uint256);

    /// @notice What the crowdfunding holds of `user`; zero after cancelling.
    function getCrowdfundingContribution(bytes32 fundingId, address user) external view returns (uint256);

    /// @notice Collections and AA payments that name this group, oldest first.
    function getGroupPayments(string calldata groupId) external view returns (bytes32[] memory);

    /// @notice Collections and AA payments that `user` created, oldest first.
    function getUserPayments(address user) external view returns (bytes32[] memory);
}
