"""What the index knows of its own truth, for clients."""

from datetime import datetime
from enum import Enum
from typing import Any, Self

import strawberry

from api.limits import int32
from api.types.inputs import Contract
from indexer.db.completeness import Proof
from indexer.units import Hash32


@strawberry.type(description="A block by number and hash.")
class BlockReference:
    number: int
    hash: Hash32


@strawberry.type(
    description="The last comparison of a contract's index with what the contract itself answers."
)
class AuditVerdict:
    contract: Contract
    block: BlockReference = strawberry.field(description="The block at which both were compared.")
    compared: int = strawberry.field(description="Entities and lists that were compared.")
    not_compared: int = strawberry.field(
        description="Those for which the node had no answer: they may or may not be equal."
    )
    differences: int = strawberry.field(description="Those that were found different.")
    repaired: int = strawberry.field(
        description="Differences that the index has taken over from the contract since."
    )
    at: datetime

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            contract=Contract(row.contract),
            block=BlockReference(number=int32(row.block_number), hash=Hash32(row.block_hash)),
            compared=int32(row.compared),
            not_compared=int32(row.not_compared),
            differences=int32(row.differences),
            repaired=int32(row.repaired),
            at=row.at,
        )


@strawberry.enum(
    description="""How it is known that no log is missing, the weakest reason first.
NODE: one node says so. PROVIDERS: a second one agreed. BLOOM: the filter in the block's header, to
which its hash commits, holds no address of ours. RECEIPTS: all logs of the block were read, and its
hash commits to them."""
)
class CompletenessProof(Enum):
    NODE = Proof.NODE.value
    PROVIDERS = Proof.PROVIDERS.value
    BLOOM = Proof.BLOOM.value
    RECEIPTS = Proof.RECEIPTS.value


@strawberry.type(description="Blocks of which it is known in the same way that no log is missing.")
class CompletenessRange:
    from_block: int
    to_block: int = strawberry.field(description="Inclusive.")
    proof: CompletenessProof

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            from_block=int32(row.first_block),
            to_block=int32(row.last_block),
            proof=CompletenessProof(row.proof),
        )
