"""What the resolvers of one operation share: one snapshot, and a view for each moment asked for."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncEngine

from api.accounts.desk import Desk
from api.accounts.viewer import ANONYMOUS, Viewer
from api.broker import Broker
from api.clients import Seats
from api.errors import ApiError, Code, bad_input
from api.files.cabinet import Cabinet
from api.limits import Limits
from api.messages.hub import Hub
from api.messages.messenger import Messenger
from api.messages.signs import Signs
from api.node import Node
from api.notifying.feeds import Feeds
from api.reads import chain
from api.reads.engine import dispose
from api.reads.moment import NOW, Moment
from api.reads.snapshot import Snapshot
from api.reads.tip import Tip
from api.reads.view import View
from api.writes import Writer

if TYPE_CHECKING:
    from api.sharing import Sharing
    from api.types.inputs import BlockConstraint


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What all operations of this process share. `push_key` is what browsers subscribe with,
    `mails` whether e-mails are sent, `private_hooks` whether webhooks may go to private addresses.
    """

    engine: AsyncEngine
    limits: Limits
    tip: Tip
    broker: Broker
    node: Node | None
    seats: Seats
    writer: Writer
    desk: Desk
    messenger: Messenger
    cabinet: Cabinet
    hub: Hub
    signs: Signs
    notices: Feeds
    sharing: "Sharing"
    push_key: str | None = None
    mails: bool = False
    private_hooks: bool = False

    async def close(self) -> None:
        """Gives up all connections."""
        await self.hub.stop()
        await self.signs.close()
        await self.broker.stop()
        await self.notices.stop()
        await self.desk.close()
        await dispose(self.engine)
        await dispose(self.writer.engine)
        if self.node is not None:
            await self.node.close()


@dataclass(slots=True)
class Context:
    """One operation. `awaited` is the highest `numberGte` that any of its root fields asks for,
    `prepared` the number of transactions that it has prepared, `client` the address that asks,
    `user_agent` what its program says it is, `viewer` who signed in.

    `asked`: the document's text and the operation's name, where the answer may be compiled.
    """

    index: Index
    snapshot: Snapshot = field(init=False)
    awaited: int = -1
    prepared: int = 0
    client: str = ""
    user_agent: str = ""
    viewer: Viewer = ANONYMOUS
    connection_params: dict[str, Any] | None = None
    asked: tuple[str, str | None] | None = None
    _views: dict[Moment, View] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.snapshot = Snapshot(self.index.engine, self._settle)

    async def view(self, block: "BlockConstraint | None" = None) -> View:
        """The view that the constraint asks for; raises BLOCK_…, or BAD_USER_INPUT for several."""
        number, hash_, number_gte = _parts(block)
        if number is not None:
            return await self._historic(number)
        if hash_ is not None:
            return await self._historic(await self._number_of(hash_))
        if number_gte is not None:
            self.awaited = max(self.awaited, number_gte)
            await self._require(number_gte)
        return self.at(NOW)

    def at(self, moment: Moment) -> View:
        """The operation's view of this moment."""
        if moment not in self._views:
            self._views[moment] = View(self.snapshot, moment)
        return self._views[moment]

    def another(self) -> "Context":
        """A context for another operation of the same client."""
        return Context(
            self.index, client=self.client, user_agent=self.user_agent, viewer=self.viewer
        )

    async def close(self) -> None:
        """Ends the snapshot."""
        await self.snapshot.close()

    async def renew(self) -> None:
        """Puts another snapshot in its place: what follows sees what was written meanwhile."""
        await self.snapshot.close()
        self.snapshot = Snapshot(self.index.engine, self._settle)
        self._views.clear()

    async def _settle(self) -> None:
        """Waits, before the snapshot is taken, until the index has what the root fields ask for."""
        await asyncio.sleep(0)  # every root field has spoken by then
        if self.awaited >= 0:
            await self.index.tip.wait(self.awaited, self.index.limits.block_wait)

    async def _require(self, number: int) -> None:
        newest = await self._newest()
        if newest is None or newest < number:
            waited = self.index.limits.block_wait
            message = f"block {number} is not indexed after {waited:g} s; {_stands(newest)}"
            raise ApiError(Code.BLOCK_TIMEOUT, message, requested=number, indexed=newest)

    async def _historic(self, number: int) -> View:
        if number < 0:
            raise bad_input("block.number", f"{number} is not a block number")
        newest = await self._newest()
        if newest is None or newest < number:
            message = f"block {number} is not indexed yet; {_stands(newest)}"
            raise ApiError(Code.BLOCK_NOT_INDEXED, message, requested=number, indexed=newest)
        return self.at(Moment(number))

    async def _number_of(self, hash_: bytes) -> int:
        row = await chain.BLOCK_BY_HASH.row(self.at(NOW), hash_)
        if row is None:
            message = f"no indexed block has the hash 0x{hash_.hex()}"
            raise ApiError(Code.BLOCK_UNKNOWN, message, requested="0x" + hash_.hex())
        return int(row.number)

    async def _newest(self) -> int | None:
        row = await chain.position(self.at(NOW))
        return None if row is None or row.block_hash is None else int(row.block_number)


def _parts(block: "BlockConstraint | None") -> tuple[int | None, bytes | None, int | None]:
    if block is None:
        return None, None, None
    parts = (block.number, block.hash, block.number_gte)
    if sum(part is not None for part in parts) > 1:
        raise bad_input("block", "give at most one of `number`, `hash` and `numberGte`")
    return parts


def _stands(newest: int | None) -> str:
    return "nothing is indexed yet" if newest is None else f"the index stands at block {newest}"
