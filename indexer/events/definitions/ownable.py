"""The events that all three contracts have from Ownable and Pausable: hardened only."""

from indexer.events.abi import Account, Fields, IndexedAccount


class Paused(Fields, frozen=True):
    account: Account


class Unpaused(Fields, frozen=True):
    account: Account


class OwnershipTransferred(Fields, frozen=True):
    previous_owner: IndexedAccount
    new_owner: IndexedAccount


OwnableEvent = Paused | Unpaused | OwnershipTransferred
