"""Keys of encryption between clients: published, and a group's, wrapped for its members."""

from datetime import UTC, datetime
from typing import Any, Self

import strawberry
from strawberry.types import Info

from api.accounts import epochs, keys
from api.accounts.epochs import Epoch, Wrapping
from api.accounts.jwk import BadKey, read_fingerprint, shown
from api.accounts.jwk import PublicKey as Jwk
from api.accounts.keys import Statement
from api.authorization import Act, require, require_in
from api.context import Context
from api.errors import bad_input, unauthenticated
from api.scalars import Bytes
from api.types.accounts import chain_id
from api.types.field import field, mutation
from api.types.public_keys import PublicKey
from indexer.units import Address, Hash32

ApiInfo = Info[Context, None]


@strawberry.type
class WrappedKey:
    """A group's key, encrypted for one of one's public keys."""

    fingerprint: str
    wrapped: Bytes
    sender: Address
    created_at: datetime

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            fingerprint=shown(row.fingerprint),
            wrapped=Bytes(row.wrapped),
            sender=Address(row.sender),
            created_at=row.created_at,
        )


@strawberry.type
class KeyEpoch:
    """A time in which nobody joined or left a group, and its key. `opened…` and `keyId` are null
    until a member has chosen the key.
    """

    epoch: strawberry.Private[Epoch]
    id: strawberry.ID
    group_key: Hash32
    block_number: int
    block_hash: Hash32
    key_id: Bytes | None
    opened_by: Address | None
    opened_at: datetime | None

    @field
    async def wrapped_keys(self, info: ApiInfo) -> list[WrappedKey]:
        """The epoch's key as it was wrapped for oneself, once for each public key."""
        who = require(info.context.viewer, Act.READ_GROUP_KEYS)
        mine = epochs.MINE.bindparams(**self.epoch.values, who=who)
        return [WrappedKey.of(row) for row in await info.context.snapshot.rows(mine)]

    @classmethod
    def of(cls, epoch: Epoch, row: Any) -> Self:
        return cls(
            epoch=epoch,
            id=strawberry.ID(epoch.id),
            group_key=Hash32(epoch.group),
            block_number=epoch.block_number,
            block_hash=Hash32(epoch.block_hash),
            key_id=None if row is None else Bytes(row.key_id),
            opened_by=None if row is None else Address(row.opened_by),
            opened_at=None if row is None else row.opened_at,
        )


@strawberry.input
class WrappedKeyInput:
    recipient: Address
    fingerprint: str = strawberry.field(description="Of the recipient's public key.")
    wrapped: Bytes


@strawberry.type
class KeyQuery:
    @field
    async def key_epoch(self, info: ApiInfo, group_key: Hash32) -> KeyEpoch:
        """The epoch of a group that one is in, at the index's newest block."""
        context = info.context
        db = context.snapshot
        await require_in(db, context.viewer, Act.READ_GROUP_KEYS, group_key)
        epoch = await epochs.require_current(db, group_key)
        rows = await db.rows(epochs.ONE.bindparams(**epoch.values))
        return KeyEpoch.of(epoch, rows[0] if rows else None)

    @field
    async def key_epochs(self, info: ApiInfo, group_key: Hash32) -> list[KeyEpoch]:
        """The epochs of a group that one is in, as far as they were opened, newest first; the
        newest 200.
        """
        context = info.context
        await require_in(context.snapshot, context.viewer, Act.READ_GROUP_KEYS, group_key)
        rows = await context.snapshot.rows(epochs.OPENED.bindparams(group=group_key))
        return [KeyEpoch.of(Epoch.of(group_key, row), row) for row in rows]

    @field
    async def public_key_message(
        self, info: ApiInfo, address: Address, key: str, issued_at: datetime
    ) -> str:
        """What the address's wallet is to sign to publish the key (a JWK)."""
        statement = await _statement(info.context, address, key, issued_at)
        return statement.text


@strawberry.type
class KeyMutation:
    @mutation
    async def register_public_key(
        self,
        info: ApiInfo,
        key: str,
        issued_at: datetime,
        signature: Bytes,
        replace: bool = False,
    ) -> PublicKey:
        """Publishes a key of one's own: a JWK of X25519, P-256 or RSA, with the wallet's signature
        over `publicKeyMessage`, whose `issuedAt` is about now. `replace` revokes all others.
        """
        context = info.context
        who = require(context.viewer, Act.PUBLISH_KEYS)
        statement = await _statement(context, who, key, issued_at)
        keys.check_time(statement.issued_at)
        await context.index.desk.count(context.client)
        if not await context.index.desk.signed(who, statement.text, signature, statement.chain_id):
            told = "the signature is not your wallet's, over `publicKeyMessage`"
            raise unauthenticated(told, "WRONG_SIGNATURE")
        async with context.index.writer.transaction() as db:
            row = await keys.register(db, statement, signature, replacing=replace)
        return PublicKey.of(row)

    @mutation
    async def revoke_public_key(self, info: ApiInfo, fingerprint: str) -> PublicKey | None:
        """Ends a key of one's own, for good; null where none of this fingerprint stands."""
        who = require(info.context.viewer, Act.PUBLISH_KEYS)
        found = _fingerprint("fingerprint", fingerprint)
        async with info.context.index.writer.transaction() as db:
            row = await keys.revoke(db, who, [found])
        return None if row is None else PublicKey.of(row)

    @mutation
    async def wrap_group_key(
        self,
        info: ApiInfo,
        group_key: Hash32,
        epoch: strawberry.ID,
        key_id: Bytes,
        keys: list[WrappedKeyInput],
    ) -> KeyEpoch:
        """Gives members the key of the epoch that stands: whoever comes first chooses it, and
        names it by `keyId`; others may wrap that one for more members. FORBIDDEN with the reason
        EPOCH_OVER where somebody joined or left meanwhile.
        """
        context, who = info.context, require(info.context.viewer, Act.WRAP_GROUP_KEYS)
        wrappings = [
            Wrapping(
                recipient=one.recipient,
                fingerprint=_fingerprint("keys", one.fingerprint),
                wrapped=one.wrapped,
            )
            for one in keys
        ]
        async with context.index.writer.transaction() as db:
            await require_in(db, context.viewer, Act.WRAP_GROUP_KEYS, group_key)
            found = await epochs.require_current(db, group_key, epoch)
            await epochs.wrap(db, found, who, key_id, wrappings)
            await epochs.require_current(db, group_key, epoch)  # those are members of this one
            row = await db.row(epochs.ONE, found.values)
        await context.renew()
        return KeyEpoch.of(found, row)


async def _statement(context: Context, who: Address, key: str, issued_at: datetime) -> Statement:
    try:
        parsed = Jwk.parse(key)
    except BadKey as error:
        raise bad_input("key", str(error)) from None
    when = issued_at.astimezone(UTC).replace(microsecond=0)
    return Statement(address=who, key=parsed, chain_id=await chain_id(context), issued_at=when)


def _fingerprint(argument: str, text: str) -> bytes:
    try:
        return read_fingerprint(text)
    except BadKey as error:
        raise bad_input(argument, str(error)) from None
