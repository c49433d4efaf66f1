"""What the contracts answer, written with eth_abi; each value can be changed by name."""

from typing import Any, Final

from eth_abi.abi import encode

from tests.unit.audit.model import ADA, BOB, CID, ID, T

GROUP: Final = (
    "(bytes,bytes,bytes,bytes,address,address[],address[],(bool,bool,bool,uint256,bool),"
    "uint256,uint256,bool)"
)


def group(**changes: Any) -> bytes:
    """`getGroup` of the model's group."""
    it = {
        "groupId": b"group_7",
        "name": b"tea \xff",
        "avatar": b"ipfs://a",
        "description": "关于".encode(),
        "owner": ADA,
        "members": [ADA, BOB, CID],
        "admins": [BOB],
        "isPublic": False,
        "allowMemberInvite": True,
        "requireApproval": True,
        "maxMembers": 2**256 - 1,
        "muteAll": False,
        "createdAt": T,
        "memberCount": 3,
        "isActive": True,
    } | changes
    settings = "isPublic allowMemberInvite requireApproval maxMembers muteAll".split()
    before = "groupId name avatar description owner members admins".split()
    whole = [it[name] for name in before] + [tuple(it[name] for name in settings)]
    return encode([GROUP], [(*whole, it["createdAt"], it["memberCount"], it["isActive"])])


def member(**changes: Any) -> bytes:
    """`getMember` of Bob."""
    it: dict[str, Any] = {
        "address": BOB, "name": b"", "role": 1, "joinedAt": T, "isMuted": False, "banned": False,
    } | changes  # fmt: skip
    return encode(["(address,bytes,uint8,uint256,bool,bool)"], [tuple(it.values())])


def payment(of: int = 1, **changes: Any) -> bytes:
    """`getPayment` of the model's bill or collection, before anybody paid."""
    it: dict[str, Any] = {
        "paymentId": ID, "groupId": b"lunch", "initiator": ADA, "kind": of, "totalAmount": 6,
        "collectedAmount": 0, "targetAmount": 6, "perPersonAmount": 3 if of == 1 else 0,
        "description": b"eat", "deadlineSeconds": T + 7, "status": 0,
    } | changes  # fmt: skip
    types = "bytes32 bytes address uint8 uint256 uint256 uint256 uint256 bytes uint256 uint8"
    return encode(types.split(), list(it.values()))


def crowdfunding(**changes: Any) -> bytes:
    """`getCrowdfunding` of the model's crowdfunding, before anybody gave."""
    it: dict[str, Any] = {
        "fundingId": ID, "groupId": b"lunch", "initiator": ADA, "targetAmount": 6,
        "collectedAmount": 0, "minContribution": 2, "title": b"roof", "description": b"eat",
        "deadlineSeconds": T + 7, "status": 0,
    } | changes  # fmt: skip
    types = "bytes32 bytes address uint256 uint256 uint256 bytes bytes uint256 uint8"
    return encode(types.split(), list(it.values()))


def packet(of: int = 2, **changes: Any) -> bytes:
    """`getRedPacket` of the model's packet."""
    it: dict[str, Any] = {
        "redPacketId": ID, "groupId": b"group_7", "sender": ADA, "kind": of, "totalAmount": 9,
        "remainingAmount": 5, "totalCount": 2, "remainingCount": 1,
        "fixedAmount": 0 if of == 0 else 4, "message": b"hi", "createdAt": T,
        "expiresAt": T + 86_400, "status": 0,
    } | changes  # fmt: skip
    amounts = "uint256 uint256 uint256 uint256 uint256"
    types = f"bytes32 bytes address uint8 {amounts} bytes uint256 uint256 uint8"
    return encode(types.split(), list(it.values()))


def records(**changes: Any) -> bytes:
    """`getClaimRecords` of the model's packet."""
    it: dict[str, Any] = {
        "redPacketId": ID, "claimers": BOB, "amount": 4, "claimedAt": T, "order": 1,
    } | changes  # fmt: skip
    return encode(["(bytes32,address,uint256,uint256,uint256)[]"], [[tuple(it.values())]])
