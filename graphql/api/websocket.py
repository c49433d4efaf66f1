"""graphql-transport-ws, as strict as the rest: whatever clients send, they get a reason."""

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from starlette.websockets import WebSocketDisconnect, WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)

from api.context import Context
from api.errors import ApiError, Code, bad_input
from api.policy import dressed

if TYPE_CHECKING:
    from api.http import GraphQLApp


PARTS: Final = {
    "query": (str | None, "a document's text"),
    "variables": (dict | None, "an object of values by name"),
    "operationName": (str | None, "the name of an operation"),
}
"""What an operation consists of."""


class Connection(BaseGraphQLTransportWSHandler[Context, None]):
    """One client's connection with its operations."""

    view: "GraphQLApp"
    _ending: asyncio.Task[None] | None = None

    async def handle(self) -> None:
        """Until either side ends it; ends at once with 4429 where the client holds too much."""
        seats, client = self.context.index.seats, self.context.client
        try:
            seats.require(client)
        except ApiError as error:
            dressed([error])
            await self.websocket.close(code=4429, reason=error.message)
            return
        with seats.taken(client):
            await super().handle()

    async def handle_message(self, message: Message) -> None:
        """Ends the connection with 4400 for a message that is not of the protocol."""
        try:
            await super().handle_message(message)
        except (TypeError, AttributeError):
            await self.handle_invalid_message("Failed to parse message")

    async def handle_task_exception(self, error: Exception) -> None:
        """Logs nothing of a client that has gone while something was under way for it."""
        if not isinstance(error, WebSocketDisconnect | WebSocketDisconnected):
            await super().handle_task_exception(error)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        """Ends the connection with 4403, which makes clients try again, where its token is not good
        (any more), and when it ends.
        """
        try:
            await super().handle_connection_init(message)
        except ApiError as error:
            dressed([error])
            await self.websocket.close(code=4403, reason=error.message)
        if self.connection_acknowledged and self._ending is None:
            self._ending = asyncio.create_task(self._end())

    async def _end(self) -> None:
        reason = await self.context.index.desk.liveness.over(self.context.viewer)
        await self.websocket.close(code=4403, reason=reason)

    async def shutdown(self) -> None:
        """Ends the operations, and the waiting for the token's end."""
        if self._ending is not None:
            self._ending.cancel()
            await asyncio.wait({self._ending})
        await super().shutdown()

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Refuses operations beyond a limit with an error like any other."""
        if self.connection_acknowledged:
            try:
                await self._admit(message)
            except ApiError as refused:
                [error] = dressed([refused])
                payload = [error.formatted]
                await self.send_message({"id": message["id"], "type": "error", "payload": payload})
                return
        before = self.operations.get(message["id"])
        await super().handle_subscribe(message)
        made = self.operations.get(message["id"])
        if made is not None and made is not before and made.task is not None:
            self._seat(made.task)

    def _seat(self, task: asyncio.Task[None]) -> None:
        """Takes one of the client's seats until the task ends, whether it ever began or not."""
        seat = ExitStack()
        seat.enter_context(self.context.index.seats.taken(self.context.client))
        task.add_done_callback(lambda _: seat.close())

    async def _admit(self, message: SubscribeMessage) -> None:
        """Puts the document in its place that the message names. Raises ApiError."""
        most = self.max_subscriptions_per_connection
        if most is not None and len(self.operations) >= most:
            told = f"this connection has {most} operations under way, the most that it may have"
            raise ApiError(Code.LIMIT_EXCEEDED, told, limit=most)
        await self.view.count(self.context.client)
        self.context.index.seats.require(self.context.client)
        payload = message["payload"]
        for name, (kinds, what) in PARTS.items():
            if not isinstance(payload.get(name), kinds):
                raise bad_input(name, f"has to be {what}")
        text = self.view.documents.text(payload.get("query"), payload)
        if text is not None:
            payload["query"] = text
