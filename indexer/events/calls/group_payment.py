"""The functions of GroupPayment that change its state."""

from indexer.events.abi import Accounts, Fields, Id, Payable, String, Uint256


class CreateGroupCollection(Fields, frozen=True):
    group_id: String
    target_amount: Uint256
    participants: Accounts
    description: String
    deadline: Uint256


class CreateAAPayment(Fields, frozen=True):
    group_id: String
    total_amount: Uint256
    participants: Accounts
    description: String
    deadline: Uint256


class Contribute(Payable, frozen=True):
    payment_id: Id


class CreateCrowdfunding(Fields, frozen=True):
    group_id: String
    target_amount: Uint256
    min_contribution: Uint256
    title: String
    description: String
    deadline: Uint256


class BackCrowdfunding(Payable, frozen=True):
    funding_id: Id


class WithdrawFunds(Fields, frozen=True):
    payment_id: Id


class WithdrawCrowdfundingFunds(Fields, frozen=True):
    funding_id: Id


class CancelPayment(Fields, frozen=True):
    payment_id: Id


class CancelCrowdfunding(Fields, frozen=True):
    funding_id: Id


class ClaimRefund(Fields, frozen=True):
    """Takes no argument: everything that the caller is owed."""


GroupPaymentCall = (
    CreateGroupCollection
    | CreateAAPayment
    | Contribute
    | CreateCrowdfunding
    | BackCrowdfunding
    | WithdrawFunds
    | WithdrawCrowdfundingFunds
    | CancelPayment
    | CancelCrowdfunding
    | ClaimRefund
)
