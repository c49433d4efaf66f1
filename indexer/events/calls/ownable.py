"""The functions that all three contracts have from Ownable and Pausable: hardened only."""

from indexer.events.abi import Account, Fields


class Pause(Fields, frozen=True):
    pass


class Unpause(Fields, frozen=True):
    pass


class TransferOwnership(Fields, frozen=True):
    new_owner: Account


class RenounceOwnership(Fields, frozen=True):
    pass


OwnableCall = Pause | Unpause | TransferOwnership | RenounceOwnership
