"""The rows that folds change: one class per projected table, fields in the order of its columns."""

from datetime import datetime

import msgspec

from indexer.units import Address, Hash32

Sources = dict[str, str]
"""Field of the API → "call", "trace", "embedded", "view", "rule" or "unknown". Never changed in
place: past versions of a row share it.
"""


class Group(msgspec.Struct, gc=False):
    key: Hash32
    group_id: str | None
    name: str
    avatar: str
    description: str
    owner: Address
    is_public: bool
    allow_member_invite: bool
    require_approval: bool
    max_members: int
    mute_all: bool
    is_active: bool
    member_count: int
    sources: Sources
    created_at: datetime
    created_block: int
    created_log: int
    updated_block: int


class Member(msgspec.Struct, gc=False):
    group_key: Hash32
    address: Address
    role: int
    is_muted: bool
    joined_at: datetime
    joined_block: int
    joined_log: int
    updated_block: int


class JoinRequest(msgspec.Struct, gc=False):
    group_key: Hash32
    requester: Address
    requested_at: datetime
    requested_block: int
    requested_log: int
    updated_block: int


class Payment(msgspec.Struct, gc=False):
    payment_id: Hash32
    kind: int
    group_key: Hash32
    group_id: str | None
    initiator: Address
    target_amount: int
    collected_amount: int
    per_person_amount: int | None
    min_contribution: int | None
    title: str | None
    description: str
    deadline_seconds: int
    status: int
    funds_withdrawn: bool
    sources: Sources
    created_at: datetime
    created_block: int
    created_log: int
    updated_block: int


class Participant(msgspec.Struct, gc=False):
    payment_id: Hash32
    position: int
    address: Address
    created_block: int


class Contribution(msgspec.Struct, gc=False):
    payment_id: Hash32
    contributor: Address
    amount: int
    contributed_at: datetime
    created_block: int
    created_log: int
    updated_block: int


class RefundBalance(msgspec.Struct, gc=False):
    address: Address
    amount: int
    created_block: int
    updated_block: int


class RedPacket(msgspec.Struct, gc=False):
    packet_id: Hash32
    kind: int
    group_key: Hash32
    group_id: str | None
    sender: Address
    message: str
    total_amount: int
    remaining_amount: int
    total_count: int
    remaining_count: int
    fixed_amount: int | None
    status: int
    created_at: datetime
    expires_at: datetime
    sources: Sources
    created_block: int
    created_log: int
    updated_block: int


class Recipient(msgspec.Struct, gc=False):
    packet_id: Hash32
    position: int
    address: Address
    created_block: int


class Claim(msgspec.Struct, gc=False):
    packet_id: Hash32
    claimer: Address
    amount: int
    claim_order: int
    claimed_at: datetime
    created_block: int
    created_log: int
