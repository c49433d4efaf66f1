"""GraphQL over HTTP, server-sent events and WebSocket; GraphiQL for browsers."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any, Final, cast

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.base import BaseRequestProtocol
from strawberry.http.streaming import HTTPStreamTransport
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.execution import SubscriptionExecutionResult
from strawberry.types.unset import UnsetType

from api import graphiql
from api.accounts.viewer import ANONYMOUS
from api.answers import RESPONSE, RESPONSE_UTF8, media_type, refused
from api.bodies import bounded
from api.clients import client_of
from api.context import Context, Index
from api.documents import Documents
from api.errors import ApiError, Code, bad_input
from api.express import answered
from api.policy import dressed
from api.rates import Bucket, Rates
from api.schema import Schema
from api.sharing import Told
from api.sse import EVENTS, Preferred, until
from api.websocket import Connection

STATUS: Final = {
    str(Code.LIMIT_EXCEEDED): 429,
    str(Code.UNAUTHENTICATED): 401,
    str(Code.SERVICE_UNAVAILABLE): 503,
    str(Code.PERSISTED_QUERY_NOT_FOUND): 200,
}
"""Of errors before an operation is known; others are 400. Apollo's clients expect that 200."""
CODES: Final = {413: Code.LIMIT_EXCEEDED}
"""Of refusals before an operation is known; others are BAD_USER_INPUT."""

VIEWER: Final = "dchat.viewer"
"""Where a request's scope has who asks."""


class GraphQLApp(GraphQL[Context, None]):
    """One operation per request; each operation has its own context. Streams end at `closing`."""

    stream_transport_classes_by_protocol = {GRAPHQL_SSE_PROTOCOL: Preferred}  # noqa: RUF012
    graphql_transport_ws_handler_class = Connection

    def __init__(
        self,
        schema: Schema,
        index: Index,
        *,
        ide: bool,
        origins: Sequence[str] = (),
        closing: asyncio.Event,
        documents: Documents,
        rates: tuple[Rates, Bucket] | None = None,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if ide else None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            max_subscriptions_per_connection=index.limits.subscriptions,
            allowed_origins=origins,
        )
        self._index, self._closing = index, closing
        self.documents, self._rates = documents, rates

    async def count(self, client: str) -> None:
        """Counts an operation that comes by WebSocket; raises RATE_LIMITED."""
        if self._rates is not None:
            rates, bucket = self._rates
            standing = await rates.hit(bucket, client)
            if standing is not None and standing.exceeded:
                raise standing.error()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)
        response = await self._response(scope, receive)
        await response(scope, receive, send)

    async def _response(self, scope: Scope, receive: Receive) -> Response:
        accept = Headers(scope=scope).get("accept", "")
        try:
            request = Request(scope, bounded(scope, receive, self._index.limits.body))
            if EVENTS in accept:
                self._index.seats.require(client_of(scope))
            return await self._expressed(request) or await self.run(request)
        except ApiError as error:
            return _told(error, STATUS.get(error.code, 400), accept)
        except HTTPException as error:
            code = CODES.get(error.status_code, Code.BAD_USER_INPUT)
            return _told(ApiError(code, error.reason), error.status_code, accept)
        except Exception as error:
            bug = GraphQLError(str(error), original_error=error)
            bug.extensions = {"code": str(Code.INTERNAL_ERROR)}
            return _told(bug, 500, accept)

    async def _expressed(self, request: Request) -> Response | None:
        """The answer, where there is a plan and no need of anything else."""
        plans, accept = cast("Schema", self.schema).plans, request.headers.get("accept", "")
        if plans is None or self.documents.only:
            return None
        header = request.headers.get("authorization")
        if header is not None:
            await self._index.desk.viewer(header)
        try:
            return await answered(request, plans)
        except ApiError as error:
            return _told(error, 400 if media_type(accept) == RESPONSE else 200, accept)

    async def process_result(self, request: Request, result: Any) -> GraphQLHTTPResponse:
        """The answer; without `data` where nothing was executed, as the specification has it."""
        made = await super().process_result(request, result)
        if refused(result):
            made.pop("data", None)
        return made

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Carries the media type that the client likes."""
        made = await super().get_sub_response(request)
        made.media_type = media_type(request.headers.get("accept", ""))
        return made

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """With its own media type a document that was refused is a bad request."""
        made = super().create_response(response_data, sub_response)
        if sub_response.media_type == RESPONSE:
            made.headers["content-type"] = RESPONSE_UTF8
            made.status_code = made.status_code if "data" in response_data else 400
        return made

    def _stream_result(
        self,
        request: Request,
        result: SubscriptionExecutionResult,
        transport: HTTPStreamTransport,
    ) -> Callable[[], AsyncGenerator[str, None]]:
        """Strawberry's, which leaves it to chance when the results of a client that has gone are
        closed, and with them its database connection.
        """
        made = super()._stream_result(request, result, transport)

        async def closed() -> AsyncGenerator[str, None]:
            async with (
                aclosing(cast("AsyncGenerator[Any, None]", result)),
                aclosing(made()) as all_,
            ):
                async for chunk in all_:
                    yield chunk

        return closed

    async def create_streaming_response(
        self,
        request: Request | WebSocket,
        stream: Callable[[], AsyncIterator[str]],
        sub_response: Response,
        headers: Mapping[str, str],
    ) -> Response:
        """The events, until the server closes or the token ends."""
        chunks = cast("AsyncGenerator[str, None]", stream())
        seat = self._index.seats.taken(client_of(request.scope))
        viewer = request.scope.get(VIEWER, ANONYMOUS)
        over = partial(self._index.desk.liveness.over, viewer)
        return StreamingResponse(until(self._closing, over, chunks, seat), headers={**headers})

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        headers, client = request.headers, client_of(request.scope)
        context = Context(self._index, client=client, user_agent=headers.get("user-agent", ""))
        if request.scope["type"] == "http":
            context.viewer = await self._index.desk.viewer(headers.get("authorization"))
            request.scope[VIEWER] = context.viewer
        return context

    async def on_ws_connect(self, context: Context) -> UnsetType | dict[str, object] | None:
        """Finds out who connects: by `authorization` among the parameters, as browsers cannot send
        the header.
        """
        given = context.connection_params or {}
        header = given.get("authorization", given.get("Authorization"))
        context.viewer = await self._index.desk.viewer(None if header is None else str(header))
        return await super().on_ws_connect(context)

    async def parse_http_body(self, request: AsyncHTTPRequestAdapter) -> GraphQLRequestData:
        """The operation, with the document that it names; no lists of operations are taken."""
        told = await super().parse_http_body(request)
        assert isinstance(told, GraphQLRequestData), "batching is off"
        if not isinstance(told.operation_name, str | None):
            raise bad_input("operationName", "the name of an operation is a string")
        body: Mapping[str, Any] = {"extensions": told.extensions}
        if told.query is None:
            given = request.query_params if request.method == "GET" else await request.get_body()
            raw = given if isinstance(given, Mapping) else self.parse_json(given)
            body = {"documentId": raw.get("documentId"), **body}
        text = self.documents.text(told.query, body)
        return told if text == told.query else replace(told, query=text)

    async def execute_single(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        sub_response: Response,
        context: Context,
        root_value: None,
        request_data: GraphQLRequestData,
    ) -> ExecutionResult:
        """The answer of one statement where there is a plan for it, else the resolvers'."""
        data = await self._planned(request_data)
        if data is None:
            context.asked = (request_data.query or "", request_data.operation_name)
            return await super().execute_single(
                request, request_adapter, sub_response, context, root_value, request_data
            )
        return data

    async def _planned(self, told: GraphQLRequestData) -> ExecutionResult | None:
        plans = cast("Schema", self.schema).plans
        if plans is None or told.query is None:
            return None
        try:
            data = await plans.answer((told.query, told.operation_name), told.variables)
        except ApiError as error:
            return ExecutionResult(data=None, errors=dressed([error]))
        return (
            None
            if data is None
            else ExecutionResult(data=cast(Any, orjson.Fragment(data)), errors=None)
        )

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Browsers get GraphiQL, also for `?query=…`: it takes the query from the address."""
        wants_page = "text/html" in (request.headers.get("accept") or "")
        return self.graphql_ide is not None and request.method == "GET" and wants_page

    async def render_graphql_ide(self, request: Request) -> Response:
        return graphiql.page()

    def parse_json(self, data: str | bytes) -> Any:
        """The object that a body or a parameter holds; refuses what is none."""
        try:
            value = orjson.loads(data)
        except ValueError:
            raise HTTPException(400, "this is not JSON") from None
        if not isinstance(value, dict | list):
            raise HTTPException(400, 'send a JSON object, such as {"query": "{ __typename }"}')
        return value

    def encode_json(self, data: object) -> str:
        match data:
            case {"type": "next", "id": id_, "payload": {"data": Told() as told, **rest}} if (
                not rest
            ):
                return _next(id_, told)
        return orjson.dumps(data).decode()


def _next(id_: object, told: Told) -> str:
    """A message of what many are sent."""
    return f'{{"id":{orjson.dumps(id_).decode()},"type":"next","payload":{{"data":{told.json}}}}}'


def _told(error: GraphQLError, status: int, accept: str) -> Response:
    body = {"errors": [one.formatted for one in dressed([error])]}
    own = media_type(accept) == RESPONSE
    return JSONResponse(body, status, media_type=RESPONSE_UTF8 if own else None)
