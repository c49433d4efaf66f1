"""One's own account: who is signed in, where, and with what programs."""

from datetime import datetime
from typing import Any, Self

import strawberry
from strawberry.types import Info

from api.accounts import api_keys, erasing, sessions
from api.accounts.viewer import Scope
from api.authorization import Act, require
from api.context import Context
from api.errors import bad_input
from api.reads.view import View
from api.types.field import field, mutation
from api.types.users import User
from indexer.units import Address

ApiInfo = Info[Context, None]
strawberry.enum(Scope)


@strawberry.type
class Session:
    """A place where one is signed in."""

    id: strawberry.ID
    client: str = strawberry.field(description="What its program says it is.")
    created_at: datetime
    used_at: datetime = strawberry.field(description="When it was last refreshed.")
    expires_at: datetime
    is_current: bool = strawberry.field(description="Whether this very request is of it.")

    @classmethod
    def of(cls, row: Any, current: bytes | None) -> Self:
        names = ("client", "created_at", "used_at", "expires_at")
        found = {name: getattr(row, name) for name in names}
        return cls(id=strawberry.ID(row.id.hex()), is_current=row.id == current, **found)


@strawberry.type
class ApiKey:
    """What a program asks with in one's name."""

    id: strawberry.ID
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> Self:
        names = ("name", "created_at", "expires_at", "revoked_at")
        found = {name: getattr(row, name) for name in names}
        scopes = [Scope(one) for one in row.scopes]
        return cls(id=strawberry.ID(row.id.hex()), scopes=scopes, **found)


@strawberry.type
class CreatedApiKey:
    token: str = strawberry.field(
        description="For `Authorization: Bearer …`. It is shown this once, and kept nowhere."
    )
    api_key: ApiKey


@strawberry.type
class DeletedAccount:
    messages: int = strawberry.field(description="How many were erased.")
    is_done: bool = strawberry.field(description="False: the workers erase the rest of them.")


@strawberry.type
class Account:
    """What only oneself may see."""

    view: strawberry.Private[View]
    address: Address
    scopes: list[Scope] = strawberry.field(description="What this request's token is good for.")
    session: strawberry.Private[bytes | None]

    @field
    def user(self) -> User:
        """What everybody may see of oneself."""
        return User.of(self.view, self.address)

    @field
    async def sessions(self, info: ApiInfo) -> list[Session]:
        """Where one is signed in, newest first; the newest 200."""
        require(info.context.viewer, Act.MANAGE_ACCOUNT)
        rows = await info.context.snapshot.rows(sessions.LIST.bindparams(address=self.address))
        return [Session.of(row, self.session) for row in rows]

    @field
    async def api_keys(self, info: ApiInfo) -> list[ApiKey]:
        """One's API keys, newest first; the newest 200."""
        require(info.context.viewer, Act.MANAGE_ACCOUNT)
        rows = await info.context.snapshot.rows(api_keys.LIST.bindparams(address=self.address))
        return [ApiKey.of(row) for row in rows]


@strawberry.type
class AccountQuery:
    @field
    async def me(self, info: ApiInfo) -> Account | None:
        """The account that is signed in; null for who is not."""
        viewer = info.context.viewer
        if viewer.address is None:
            return None
        return Account(
            view=await info.context.view(),
            address=viewer.address,
            scopes=sorted(viewer.scopes),
            session=viewer.session,
        )


@strawberry.type
class AccountMutation:
    @mutation
    async def sign_out(self, info: ApiInfo, others: bool = False) -> int:
        """Ends this session, or with `others` all sessions but this one; how many it ended."""
        context = info.context
        who, mine = require(context.viewer, Act.MANAGE_ACCOUNT), context.viewer.session
        asked = {"kept": mine} if others else {"id": mine}
        async with context.index.writer.transaction() as db:
            ended = await sessions.revoke(db, who, **asked)
        context.index.desk.liveness.forget(*ended)
        return len(ended)

    @mutation
    async def revoke_session(self, info: ApiInfo, id: strawberry.ID) -> bool:
        """Ends a session of one's own; false where it had ended."""
        context, who = info.context, require(info.context.viewer, Act.MANAGE_ACCOUNT)
        async with context.index.writer.transaction() as db:
            ended = await sessions.revoke(db, who, id=_id(id))
        context.index.desk.liveness.forget(*ended)
        return bool(ended)

    @mutation
    async def create_api_key(
        self,
        info: ApiInfo,
        name: str,
        scopes: list[Scope],
        expires_at: datetime | None = None,
    ) -> CreatedApiKey:
        """A key for a program, good for what its scopes say. ACCOUNT is not for keys."""
        context, who = info.context, require(info.context.viewer, Act.MANAGE_ACCOUNT)
        async with context.index.writer.transaction() as db:
            token, row = await api_keys.make(db, who, name, scopes, expires_at)
        return CreatedApiKey(token=token, api_key=ApiKey.of(row))

    @mutation
    async def revoke_api_key(self, info: ApiInfo, id: strawberry.ID) -> bool:
        """Ends an API key of one's own; false where it had ended."""
        context, who = info.context, require(info.context.viewer, Act.MANAGE_ACCOUNT)
        async with context.index.writer.transaction() as db:
            ended = await db.row(api_keys.REVOKE, {"id": _id(id), "address": who})
        context.index.desk.liveness.forget(*([] if ended is None else [bytes(ended.id)]))
        return ended is not None

    @mutation
    async def delete_account(self, info: ApiInfo) -> DeletedAccount:
        """Deletes sessions, keys, settings, files, notifications, reactions and receipts, and the
        content of every message of one's own. It takes a session that began within 10 minutes.
        There is no way back; `/account/export` gives what there is, before.
        """
        context, who = info.context, require(info.context.viewer, Act.MANAGE_ACCOUNT)
        index = context.index
        gone = await erasing.erase(index.writer, index.cabinet, who, context.viewer.session)
        index.desk.liveness.forget(*gone.credentials)
        return DeletedAccount(messages=gone.messages, is_done=gone.is_done)


def _id(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 16:
        raise bad_input("id", "is 32 hex digits")
    return found
