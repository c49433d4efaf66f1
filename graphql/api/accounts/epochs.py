"""Epochs of a group's key: one begins with each change of who is in the group, as the chain has it.

An epoch is named by the event that made the change and by that event's block hash; so it goes with
the block in a reorg, and comes back with it. Nothing of it is derived but when it is read: what is
stored is who opened it, under which key id, and the wrapped keys, which say nothing to us.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from sqlalchemy import Row, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from api.errors import ApiError, Code, bad_input
from api.reads.snapshot import Reader
from api.writes import Transaction
from indexer.db import types as t
from indexer.events.definitions import EVENTS, Contract
from indexer.units import Address

CHANGES: Final = ("GroupCreated", "MemberJoined", "MemberLeft", "MemberRemoved")
"""The events that change who is in a group."""
TOPICS: Final = [
    one.topic0 for one in EVENTS if one.contract is Contract.GROUP_CHAT and one.name in CHANGES
]
KEY_ID: Final = 64
"""Bytes of a key's id, at most; clients take a hash of the key."""
WRAPPED: Final = 4096
"""Bytes of a wrapped key, at most."""
AT_ONCE: Final = 1000
"""Wrapped keys of one mutation, at most: a group's members."""

CURRENT: Final = text("""
SELECT asked.key, e.block_number, e.log_index, b.hash AS block_hash
FROM unnest(CAST(:groups AS bytea[])) AS asked (key)
CROSS JOIN LATERAL (SELECT block_number, log_index FROM events
    WHERE topic1 = asked.key AND contract = 0 AND topic0 = ANY(:topics)
    ORDER BY block_number DESC, log_index DESC LIMIT 1) AS e
JOIN blocks b ON b.number = e.block_number
""").bindparams(bindparam("topics", TOPICS, type_=ARRAY(t.Bytes)))
"""The newest first, by (topic1, block_number, log_index)."""
OPENED: Final = text("""
SELECT k.* FROM key_epochs k
JOIN blocks b ON b.number = k.block_number AND b.hash = k.block_hash
WHERE k.group_key = :group
ORDER BY k.block_number DESC, k.log_index DESC LIMIT 200
""")
"""Those whose block stands, by the primary key."""
ONE: Final = text("""
SELECT * FROM key_epochs WHERE group_key = :group AND block_number = :block_number
AND log_index = :log_index AND block_hash = :block_hash
""")
OPEN: Final = text("""
INSERT INTO key_epochs (group_key, block_number, log_index, block_hash, key_id, opened_by)
VALUES (:group, :block_number, :log_index, :block_hash, :key_id, :who)
ON CONFLICT DO NOTHING
""")
MINE: Final = text("""
SELECT w.* FROM wrapped_keys w WHERE group_key = :group AND block_number = :block_number
AND log_index = :log_index AND block_hash = :block_hash AND recipient = :who
ORDER BY fingerprint
""")
WRAP: Final = text("""
INSERT INTO wrapped_keys
    (group_key, block_number, log_index, block_hash, recipient, fingerprint, wrapped, sender)
VALUES (:group, :block_number, :log_index, :block_hash, :recipient, :fingerprint, :wrapped, :who)
ON CONFLICT DO NOTHING
""")
STRANGERS: Final = text("""
SELECT given.who, given.fingerprint, m.address IS NOT NULL AS is_member
FROM unnest(:recipients, :fingerprints) AS given(who, fingerprint)
LEFT JOIN members m ON m.group_key = :group AND m.address = given.who
LEFT JOIN public_keys k ON k.address = given.who AND k.fingerprint = given.fingerprint
    AND k.revoked_at IS NULL
WHERE m.address IS NULL OR k.address IS NULL LIMIT 1
""").bindparams(
    bindparam("recipients", type_=ARRAY(t.Bytes)), bindparam("fingerprints", type_=ARRAY(t.Bytes))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """Begun by the event at (block_number, log_index) of the block with this hash."""

    group: bytes
    block_number: int
    log_index: int
    block_hash: bytes

    @property
    def id(self) -> str:
        """What names it: on another fork it is another epoch."""
        return f"{self.block_number}-{self.log_index}-{self.block_hash.hex()}"

    @property
    def values(self) -> dict[str, Any]:
        """Its key, for statements."""
        return {
            "group": self.group,
            "block_number": self.block_number,
            "log_index": self.log_index,
            "block_hash": self.block_hash,
        }

    @classmethod
    def of(cls, group: bytes, row: Row[Any]) -> Self:
        return cls(
            group=group,
            block_number=row.block_number,
            log_index=row.log_index,
            block_hash=bytes(row.block_hash),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapping:
    """A group's key, encrypted for one public key of one member."""

    recipient: Address
    fingerprint: bytes
    wrapped: bytes


async def current(db: Reader, group: bytes) -> Epoch | None:
    """The epoch that stands, opened or not; None where there is no such group."""
    return (await standing(db, [group])).get(group)


async def standing(db: Reader, groups: Sequence[bytes]) -> dict[bytes, Epoch]:
    """The epoch that stands in each of these groups."""
    rows = await db.rows(CURRENT.bindparams(groups=list(groups))) if groups else ()
    return {bytes(row.key): Epoch.of(bytes(row.key), row) for row in rows}


async def require_current(db: Reader, group: bytes, epoch: str | None = None) -> Epoch:
    """The epoch that stands. Raises FORBIDDEN (EPOCH_OVER) where it is not the one of this id."""
    found = await current(db, group)
    if found is None:
        raise ApiError(Code.FORBIDDEN, "there is no such group", reason="NO_SUCH_GROUP")
    if epoch is not None and found.id != epoch:
        raise over(found)
    return found


def over(found: Epoch | None) -> ApiError:
    """The error of who names another epoch than the one that stands."""
    told = "somebody joined or left: this is not the group's epoch any more"
    id_ = None if found is None else found.id
    return ApiError(Code.FORBIDDEN, told, reason="EPOCH_OVER", epoch=id_)


async def wrap(
    db: Transaction, epoch: Epoch, who: Address, key_id: bytes, wrappings: Sequence[Wrapping]
) -> None:
    """Opens the epoch where nobody has, and keeps keys for members. Raises CONFLICT where another
    key was taken for it meanwhile, BAD_USER_INPUT for who is no member or has no such key.
    """
    _bounded(key_id, wrappings)
    await db.do(OPEN, {**epoch.values, "key_id": key_id, "who": who})
    row = await db.row(ONE, epoch.values)
    assert row is not None
    if bytes(row.key_id) != key_id:
        told = "another member opened this epoch with another key: take that one"
        raise ApiError(Code.CONFLICT, told, reason="EPOCH_OPENED", keyId="0x" + row.key_id.hex())
    await _require_members(db, epoch.group, wrappings)
    rows = [
        {"recipient": one.recipient, "fingerprint": one.fingerprint, "wrapped": one.wrapped}
        for one in wrappings
    ]
    if rows:
        await db.do(WRAP, [{**epoch.values, **row, "who": who} for row in rows])


def _bounded(key_id: bytes, wrappings: Sequence[Wrapping]) -> None:
    if not 0 < len(key_id) <= KEY_ID:
        raise bad_input("keyId", f"is to have 1 to {KEY_ID} bytes", limit=KEY_ID)
    if len(wrappings) > AT_ONCE:
        raise bad_input("keys", f"has more than {AT_ONCE} wrapped keys", limit=AT_ONCE)
    if any(not 0 < len(one.wrapped) <= WRAPPED for one in wrappings):
        raise bad_input("keys", f"a wrapped key is to have 1 to {WRAPPED} bytes", limit=WRAPPED)


async def _require_members(db: Transaction, group: bytes, wrappings: Sequence[Wrapping]) -> None:
    given = {
        "group": group,
        "recipients": [one.recipient for one in wrappings],
        "fingerprints": [one.fingerprint for one in wrappings],
    }
    wrong = await db.row(STRANGERS, given) if wrappings else None
    if wrong is not None:
        told = "has no such public key, or revoked it" if wrong.is_member else "is not a member"
        raise bad_input("keys", f"0x{wrong.who.hex()} {told}")
