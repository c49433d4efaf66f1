"""The lists that belong to an address, and to a group id whether or not there is such a group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from indexer.audit.differences import GroupName, User
from indexer.audit.tables import Db, by, next_keys, rows_at
from indexer.db import models
from indexer.projections import rows
from indexer.projections.entities import Entity, EntityKind
from indexer.projections.payments import CROWDFUNDING
from indexer.projections.world import Fact
from indexer.sync.stored import facts_of
from indexer.units import Address, keccak

PEOPLE: Final = (
    ("members", "address"),
    ("groups", "owner"),
    ("payments", "initiator"),
    ("participants", "address"),
    ("contributions", "contributor"),
    ("refund_balances", "address"),
    ("red_packets", "sender"),
    ("claims", "claimer"),
)
"""Where the index knows people from; each column is the first of an index."""
NAMES: Final = (("groups", "key"), ("payments", "group_key"), ("red_packets", "group_key"))


@dataclass(frozen=True, slots=True, kw_only=True)
class UserHoldings:
    """All lists in the order of the chain; `bills` are collections and shared bills."""

    user: User
    memberships: Sequence[rows.Member]
    initiated: Sequence[rows.Payment]
    given: Sequence[rows.Contribution]
    bills: frozenset[bytes]
    sent: Sequence[rows.RedPacket]
    claims: Sequence[rows.Claim]
    has_balance: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NameHoldings:
    """`group_id` is what the name is the hash of, where it is known."""

    name: GroupName
    group_id: bytes | None
    payments: Sequence[rows.Payment]
    packets: Sequence[rows.RedPacket]


def users(db: Db, after: bytes | None, limit: int) -> list[User]:
    """The next addresses that the index knows today."""
    return [User(Address(key)) for key in next_keys(db, PEOPLE, after, limit)]


def names(db: Db, after: bytes | None, limit: int) -> list[GroupName]:
    """The next hashes of group ids under which something was made."""
    return [GroupName(key) for key in next_keys(db, NAMES, after, limit)]


def load_users(db: Db, wanted: Sequence[User], block: int | None) -> Iterator[UserHoldings]:
    """Their lists as of `block`."""
    keys: list[Any] = [user.key for user in wanted]
    members = by("address", rows_at(db, models.MEMBERS, rows.Member, "address", keys, block))
    made = by("initiator", rows_at(db, models.PAYMENTS, rows.Payment, "initiator", keys, block))
    gave = rows_at(db, models.CONTRIBUTIONS, rows.Contribution, "contributor", keys, block)
    given = by("contributor", gave)
    sent = by("sender", rows_at(db, models.RED_PACKETS, rows.RedPacket, "sender", keys, block))
    claims = by("claimer", rows_at(db, models.CLAIMS, rows.Claim, "claimer", keys, block))
    owed = rows_at(db, models.REFUND_BALANCES, rows.RefundBalance, "address", keys, block)
    balances = {row.address for row in owed}
    paid = {row.payment_id for each in given.values() for row in each}
    kinds = rows_at(db, models.PAYMENTS, rows.Payment, "payment_id", sorted(paid), block)
    bills = frozenset(row.payment_id for row in kinds if row.kind != CROWDFUNDING)
    for user in wanted:
        yield UserHoldings(
            user=user,
            memberships=members.get(user.key, []),
            initiated=made.get(user.key, []),
            given=given.get(user.key, []),
            bills=bills,
            sent=sent.get(user.key, []),
            claims=claims.get(user.key, []),
            has_balance=user.key in balances,
        )


def load_names(db: Db, wanted: Sequence[GroupName], block: int | None) -> Iterator[NameHoldings]:
    """What was made under them until `block`."""
    keys = [name.key for name in wanted]
    groups = by("key", rows_at(db, models.GROUPS, rows.Group, "key", keys, block))
    found = rows_at(db, models.PAYMENTS, rows.Payment, "group_key", keys, block)
    payments = by("group_key", found)
    given = rows_at(db, models.RED_PACKETS, rows.RedPacket, "group_key", keys, block)
    packets = by("group_key", given)
    for name in wanted:
        here = payments.get(name.key, []), packets.get(name.key, [])
        told = [row.group_id for each in (groups.get(name.key, []), *here) for row in each]
        if told:
            plain = read_back(name.key, told) or by_facts(db, name.key, *here)
            yield NameHoldings(name=name, group_id=plain, payments=here[0], packets=here[1])


def read_back(key: bytes, texts: Sequence[str | None]) -> bytes | None:
    """The bytes of the text whose hash is the key. Text may have lost what is not UTF-8."""
    encoded = (text.encode() for text in dict.fromkeys(texts) if text is not None)
    return next((one for one in encoded if keccak(one) == key), None)


def by_facts(
    db: Db, key: bytes, payments: Sequence[rows.Payment], packets: Sequence[rows.RedPacket]
) -> bytes | None:
    """The same out of what caused the first payment or packet under the name."""
    made = [Entity(EntityKind.PAYMENT, row.payment_id) for row in payments[:1]]
    made += [Entity(EntityKind.RED_PACKET, row.packet_id) for row in packets[:1]]
    told = (one for entity in made for fact in facts_of(db, entity) for one in _named(fact))
    return next((one for one in told if keccak(one) == key), None)


def _named(fact: Fact) -> Iterator[bytes]:
    for told in (fact.cause, getattr(fact.event, "seen", None)):
        group_id = getattr(told, "group_id", None)
        if isinstance(group_id, bytes):
            yield group_id
