"""The events of GroupPayment."""

from typing import Annotated

from indexer.events.abi import Fields, GroupKey, IndexedAccount, IndexedId, Input, Uint256

PaymentType = Annotated[int, Input(type="uint8", most=1)]
"""0 GROUP_COLLECTION, 1 AA_PAYMENT."""


class PaymentCreated(Fields, frozen=True):
    payment_id: IndexedId
    group_key: GroupKey
    initiator: IndexedAccount
    payment_type: PaymentType
    amount: Uint256
    timestamp: Uint256


class PaymentContributed(Fields, frozen=True):
    payment_id: IndexedId
    contributor: IndexedAccount
    amount: Uint256
    timestamp: Uint256


class PaymentCompleted(Fields, frozen=True):
    payment_id: IndexedId
    total_amount: Uint256
    timestamp: Uint256


class PaymentCancelled(Fields, frozen=True):
    payment_id: IndexedId
    cancelled_by: IndexedAccount
    timestamp: Uint256


class FundsWithdrawn(Fields, frozen=True):
    """Of a payment or of a crowdfunding: `payment_id` is the id of either."""

    payment_id: IndexedId
    recipient: IndexedAccount
    amount: Uint256
    timestamp: Uint256


class CrowdfundingCreated(Fields, frozen=True):
    funding_id: IndexedId
    group_key: GroupKey
    initiator: IndexedAccount
    target_amount: Uint256
    timestamp: Uint256


class CrowdfundingBacked(Fields, frozen=True):
    funding_id: IndexedId
    backer: IndexedAccount
    amount: Uint256
    timestamp: Uint256


# From here on: the hardened revision only.


class CrowdfundingCancelled(Fields, frozen=True):
    funding_id: IndexedId
    cancelled_by: IndexedAccount
    timestamp: Uint256


class RefundCredited(Fields, frozen=True):
    user: IndexedAccount
    amount: Uint256


class RefundWithdrawn(Fields, frozen=True):
    user: IndexedAccount
    amount: Uint256


GroupPaymentEvent = (
    PaymentCreated
    | PaymentContributed
    | PaymentCompleted
    | PaymentCancelled
    | FundsWithdrawn
    | CrowdfundingCreated
    | CrowdfundingBacked
    | CrowdfundingCancelled
    | RefundCredited
    | RefundWithdrawn
)
