"""Enums, filters and orders. An enum's values are the numbers that the contracts and tables use."""

from enum import Enum

import strawberry

from api.scalars import BigInt
from indexer.units import Address, Hash32


@strawberry.enum(
    description="How settled a fact is. A reorg can still take back what is not FINALIZED."
)
class Finality(Enum):
    LATEST = "LATEST"
    SAFE = "SAFE"
    FINALIZED = "FINALIZED"


@strawberry.enum
class Contract(Enum):
    GROUP_CHAT = 0
    GROUP_PAYMENT = 1
    RED_PACKET = 2


@strawberry.enum
class Role(Enum):
    MEMBER = 0
    ADMIN = 1
    OWNER = 2


@strawberry.enum
class PaymentKind(Enum):
    GROUP_COLLECTION = 0
    AA_PAYMENT = 1
    CROWDFUNDING = 2


@strawberry.enum(
    description="EXPIRED: still ACTIVE on chain, but past its deadline at the index's newest block."
)
class PaymentStatus(Enum):
    ACTIVE = 0
    COMPLETED = 1
    CANCELLED = 2
    EXPIRED = 3


@strawberry.enum
class RedPacketKind(Enum):
    RANDOM = 0
    FIXED = 1
    EXCLUSIVE = 2


@strawberry.enum(
    description="EXPIRED: still ACTIVE on chain, but past expiresAt at the index's newest block."
)
class RedPacketStatus(Enum):
    ACTIVE = 0
    COMPLETED = 1
    EXPIRED = 2
    REFUNDED = 3


@strawberry.enum(
    description="Why an address cannot claim, in the order in which the contract looks."
)
class ClaimRefusal(Enum):
    NOT_ACTIVE = "NOT_ACTIVE"
    EXPIRED = "EXPIRED"
    EMPTY = "EMPTY"
    ALREADY_CLAIMED = "ALREADY_CLAIMED"
    OWN_PACKET = "OWN_PACKET"
    NOT_A_RECIPIENT = "NOT_A_RECIPIENT"


@strawberry.enum
class Direction(Enum):
    ASC = "ASC"
    DESC = "DESC"


@strawberry.enum
class GroupOrderField(Enum):
    CREATED = "CREATED"
    UPDATED = "UPDATED"
    MEMBER_COUNT = "MEMBER_COUNT"
    NAME = "NAME"


@strawberry.enum
class PaymentOrderField(Enum):
    CREATED = "CREATED"
    UPDATED = "UPDATED"
    DEADLINE = "DEADLINE"
    TARGET_AMOUNT = "TARGET_AMOUNT"
    COLLECTED_AMOUNT = "COLLECTED_AMOUNT"


@strawberry.enum
class RedPacketOrderField(Enum):
    CREATED = "CREATED"
    UPDATED = "UPDATED"
    EXPIRES = "EXPIRES"
    TOTAL_AMOUNT = "TOTAL_AMOUNT"


@strawberry.input(description="NAME compares the first 64 characters by code point.")
class GroupOrder:
    field: GroupOrderField
    direction: Direction = Direction.DESC


@strawberry.input
class PaymentOrder:
    field: PaymentOrderField
    direction: Direction = Direction.DESC


@strawberry.input
class RedPacketOrder:
    field: RedPacketOrderField
    direction: Direction = Direction.DESC


@strawberry.input
class GroupFilter:
    group_id: str | None = None
    key_in: list[Hash32] | None = None
    owner: Address | None = None
    member: Address | None = None
    is_public: bool | None = None
    is_active: bool | None = None
    name_contains: str | None = strawberry.field(
        default=None, description="Upper and lower case are the same."
    )
    created_block_gte: int | None = None
    created_block_lte: int | None = None


@strawberry.input
class MemberFilter:
    role: Role | None = None
    is_muted: bool | None = None
    address: Address | None = None


@strawberry.input
class PaymentFilter:
    group_id: str | None = None
    group_key: Hash32 | None = None
    kind: PaymentKind | None = None
    status: PaymentStatus | None = None
    initiator: Address | None = None
    participant: Address | None = None
    contributor: Address | None = None
    target_amount_gte: BigInt | None = None
    target_amount_lte: BigInt | None = None
    created_block_gte: int | None = None
    created_block_lte: int | None = None


@strawberry.input
class RedPacketFilter:
    group_id: str | None = None
    group_key: Hash32 | None = None
    kind: RedPacketKind | None = None
    status: RedPacketStatus | None = None
    sender: Address | None = None
    claimer: Address | None = None
    created_block_gte: int | None = None
    created_block_lte: int | None = None


@strawberry.input
class EventFilter:
    contract: Contract | None = None
    name: str | None = strawberry.field(
        default=None,
        description="Solidity name; `Unknown` finds the events that nobody could decode.",
    )
    name_in: list[str] | None = None
    group_key: Hash32 | None = strawberry.field(
        default=None,
        description="Events of GroupChatV2 about this group, and the creations of payments and red "
        "packets that name it.",
    )
    address: Address | None = strawberry.field(
        default=None,
        description="Events that name this address in an indexed argument. Not searched: "
        "arguments without an index, which are `account` of Paused and Unpaused, and whatever "
        "only the transaction says (its sender).",
    )
    transaction_hash: Hash32 | None = None
    block_gte: int | None = None
    block_lte: int | None = None


@strawberry.input(
    description="""Which state of the index to answer from. At most one of the three.
`number`/`hash`: the state right after that block (time travel).
`numberGte`: wait (bounded, see the error code BLOCK_TIMEOUT) until that block is indexed, then
answer from the newest state: how a client reads its own write after its transaction was mined."""
)
class BlockConstraint:
    number: int | None = None
    hash: Hash32 | None = None
    number_gte: int | None = None
