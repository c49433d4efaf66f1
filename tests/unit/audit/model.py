"""Rows of the index, and contracts that would answer exactly what they say."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from eth_abi.abi import encode

from indexer.audit.check import Check
from indexer.audit.holdings import GroupHoldings, PacketHoldings, PaymentHoldings
from indexer.projections import rows
from indexer.projections.entities import Entity, EntityKind
from indexer.units import Address, Hash32, keccak

ADA, BOB, CID = Address(b"\xad" * 20), Address(b"\xb0" * 20), Address(b"\xc1" * 20)
KEY: Final = Hash32(keccak(b"group_7"))
ID: Final = Hash32(b"\x1d" * 32)
T: Final = 1_700_000_000
TIME: Final = datetime.fromtimestamp(T, UTC)
PLACE: Final[dict[str, Any]] = {"created_block": 5, "created_log": 0, "updated_block": 9}


def group(**changes: Any) -> GroupHoldings:
    """A group of an owner and two members, one of whom is an admin; somebody asks to be let in."""
    row: dict[str, Any] = {
        "key": KEY,
        "group_id": "group_7",
        "name": "tea \ufffd",
        "avatar": "ipfs://a",
        "description": "关于",
        "owner": ADA,
        "is_public": False,
        "allow_member_invite": True,
        "require_approval": True,
        "max_members": 2**256 - 1,
        "mute_all": False,
        "is_active": True,
        "member_count": 3,
        "sources": {},
        "created_at": TIME,
    }
    people = [(ADA, 2), (BOB, 1), (CID, 0)]
    request = rows.JoinRequest(
        group_key=KEY,
        requester=Address(b"\xee" * 20),
        requested_at=TIME,
        requested_block=6,
        requested_log=0,
        updated_block=6,
    )
    return GroupHoldings(
        entity=Entity(EntityKind.GROUP, KEY),
        group=rows.Group(**{**row, **PLACE, **changes}),
        members=[member(address, role) for address, role in people],
        join_requests=[request],
    )


def member(address: Address, role: int) -> rows.Member:
    return rows.Member(
        group_key=KEY,
        address=address,
        role=role,
        is_muted=False,
        joined_at=TIME,
        joined_block=5,
        joined_log=0,
        updated_block=5,
    )


def payment(*, kind: int = 1, given: Sequence[tuple[Address, int]] = (), **changes: Any) -> Any:
    """A bill that asks Ada and Bob for a half each, or a collection, or a crowdfunding."""
    row: dict[str, Any] = {
        "payment_id": ID,
        "kind": kind,
        "group_key": keccak(b"lunch"),
        "group_id": "lunch",
        "initiator": ADA,
        "target_amount": 6,
        "collected_amount": sum(amount for _, amount in given),
        "per_person_amount": 3 if kind == 1 else None,
        "min_contribution": 2 if kind == 2 else None,
        "title": "roof" if kind == 2 else None,
        "description": "eat",
        "deadline_seconds": T + 7,
        "status": 0,
        "funds_withdrawn": False,
        "sources": {},
        "created_at": TIME,
    }
    people = [] if kind == 2 else [ADA, BOB, ADA]
    return PaymentHoldings(
        entity=Entity(EntityKind.PAYMENT, ID),
        payment=rows.Payment(**{**row, **PLACE, **changes}),
        participants=[
            rows.Participant(payment_id=ID, position=place, address=one, created_block=5)
            for place, one in enumerate(people)
        ],
        contributions=[
            rows.Contribution(
                payment_id=ID, contributor=who, amount=amount, contributed_at=TIME, **PLACE
            )
            for who, amount in given
        ],
    )


def packet(kind: int = 2, **changes: Any) -> PacketHoldings:
    """An exclusive packet for Bob and Cid, of which Bob has taken his share; or another kind."""
    row: dict[str, Any] = {
        "packet_id": ID,
        "kind": kind,
        "group_key": KEY,
        "group_id": "group_7",
        "sender": ADA,
        "message": "hi",
        "total_amount": 9,
        "remaining_amount": 5,
        "total_count": 2,
        "remaining_count": 1,
        "fixed_amount": None if kind == 0 else 4,
        "status": 0,
        "created_at": TIME,
        "expires_at": datetime.fromtimestamp(T + 86_400, UTC),
        "sources": {},
    }
    claim: dict[str, Any] = {
        "claim_order": 1,
        "claimed_at": TIME,
        "created_block": 6,
        "created_log": 0,
    }
    people = [BOB, CID] if kind == 2 else []
    return PacketHoldings(
        entity=Entity(EntityKind.RED_PACKET, ID),
        packet=rows.RedPacket(**{**row, **PLACE, **changes}),
        recipients=[
            rows.Recipient(packet_id=ID, position=place, address=one, created_block=5)
            for place, one in enumerate(people)
        ],
        claims=[rows.Claim(packet_id=ID, claimer=BOB, amount=4, **claim)],
    )


def only(checks: Sequence[Check], view: str, of: Address | None = None) -> Check:
    """The one question to this view about this address."""
    [found] = [one for one in checks if one.view == view and of in (None, one.of)]
    return found


def told(types: str, *values: Any) -> bytes:
    """An answer."""
    return encode(types.split(), values)
