"""Signing in: what is asked and given."""

from datetime import datetime
from typing import Self

import strawberry
from strawberry.types import Info

from api.accounts import sessions
from api.accounts.sessions import Session as Begun
from api.accounts.sessions import Stolen
from api.accounts.siwe import Challenge
from api.context import Context
from api.errors import unauthenticated, unavailable
from api.reads import chain
from api.scalars import Bytes
from api.types.field import mutation
from indexer.units import Address

ApiInfo = Info[Context, None]


@strawberry.type
class SignInChallenge:
    """What a wallet is to sign, as a text and in its parts (EIP-4361)."""

    message: str
    domain: str
    address: Address
    statement: str
    uri: str
    version: str
    chain_id: int
    nonce: str
    issued_at: datetime
    expiration_time: datetime
    not_before: datetime

    @classmethod
    def of(cls, challenge: Challenge) -> Self:
        names = (name for name in cls.__annotations__ if name != "message")
        return cls(message=challenge.text, **{name: getattr(challenge, name) for name in names})


@strawberry.type
class Credentials:
    address: Address
    access_token: str = strawberry.field(
        description="For the header `Authorization: Bearer …`, or `authorization` among the "
        "connection parameters of a WebSocket, which ends when the token does."
    )
    access_expires_at: datetime
    refresh_token: str = strawberry.field(
        description="For `refreshSession`, once. A second use of it revokes the session."
    )
    refresh_expires_at: datetime
    session_id: strawberry.ID

    @classmethod
    def of(cls, context: Context, begun: Begun) -> Self:
        token, ends = context.index.desk.tokens.issue(begun.address, begun.id)
        return cls(
            address=begun.address,
            access_token=token,
            access_expires_at=ends,
            refresh_token=begun.refresh_token,
            refresh_expires_at=begun.expires_at,
            session_id=strawberry.ID(begun.id.hex()),
        )


@strawberry.type
class SignIn:
    """The mutations of signing in."""

    @mutation
    async def sign_in_challenge(
        self, info: ApiInfo, address: Address, domain: str | None = None, uri: str | None = None
    ) -> SignInChallenge:
        """A message for the address's wallet to sign, good for five minutes and one answer."""
        await info.context.index.desk.count(info.context.client)
        made = await info.context.index.desk.challenge(
            address, domain, uri, await chain_id(info.context)
        )
        return SignInChallenge.of(made)

    @mutation
    async def sign_in(self, info: ApiInfo, message: str, signature: Bytes) -> Credentials:
        """Begins a session of who signed the challenge's message, as `personal_sign` does it; a
        contract's wallet signs by ERC-1271, and by ERC-6492 before it is deployed.
        """
        context = info.context
        await context.index.desk.count(context.client)
        who = await context.index.desk.answer(message, signature, await chain_id(context))
        async with context.index.writer.transaction() as db:
            life = context.index.desk.session_life
            begun = await sessions.begin(db, who, context.user_agent, life)
        return Credentials.of(context, begun)

    @mutation
    async def refresh_session(self, info: ApiInfo, refresh_token: str) -> Credentials:
        """Other tokens for the session. A token that was used before is a thief's, that time or
        this time: it revokes the session.
        """
        context = info.context
        await context.index.desk.count(context.client)
        async with context.index.writer.transaction() as db:
            begun = await sessions.refresh(db, refresh_token, context.index.desk.session_life)
        if isinstance(begun, Stolen):
            context.index.desk.liveness.forget(begun.id)
            told = "this refresh token was used before: its session is revoked, sign in again"
            raise unauthenticated(told, "TOKEN_REUSED")
        return Credentials.of(context, begun)


async def chain_id(context: Context) -> int:
    """The chain that this server indexes; raises SERVICE_UNAVAILABLE before it is known."""
    row = await chain.position(await context.view())
    if row is None:
        raise unavailable("the indexer has not run yet, so the chain is not known; try again")
    return int(row.chain_id)
