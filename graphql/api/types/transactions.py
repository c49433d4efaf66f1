"""What preparing a transaction leads to."""

from enum import Enum
from typing import Annotated

import strawberry

from api.scalars import BigInt, Bytes
from indexer.units import Address


@strawberry.enum(
    description="Why there is no transaction. Only CONTRACT_REFUSES is the contract's own word."
)
class RefusalCode(Enum):
    NODE_NOT_CONFIGURED = "NODE_NOT_CONFIGURED"
    NODE_UNAVAILABLE = "NODE_UNAVAILABLE"
    NOTHING_INDEXED = "NOTHING_INDEXED"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    UNKNOWN_GROUP = "UNKNOWN_GROUP"
    UNKNOWN_PAYMENT = "UNKNOWN_PAYMENT"
    UNKNOWN_RED_PACKET = "UNKNOWN_RED_PACKET"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    CONTRACT_REFUSES = "CONTRACT_REFUSES"


@strawberry.type(
    description="A transaction that a wallet can sign and send as it is. It was tried: in the "
    "newest block's state the contract accepts it from this sender."
)
class PreparedTransaction:
    to: Address
    data: Bytes
    value: BigInt = strawberry.field(description="Wei that are sent along.")
    gas: BigInt = strawberry.field(description="The node's estimate, and a fifth more.")
    chain_id: int


@strawberry.type(description="Why the transaction would fail, or could not be tried.")
class PrepareRefusal:
    code: RefusalCode
    reason: str | None = strawberry.field(
        description="The contract's own reason in words; null where the contract was not asked."
    )
    message: str = strawberry.field(description="What is wrong, for people.")
    contract_error: str | None = strawberry.field(
        description="The name of the contract's error, e.g. GroupFull; null where it has none."
    )


Prepared = Annotated[PreparedTransaction | PrepareRefusal, strawberry.union("Prepared")]
