"""GraphQL over HTTP and WebSocket; GraphiQL for browsers."""

from typing import Any

import orjson
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http.base import BaseRequestProtocol
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api import graphiql
from api.context import Context, Index
from api.errors import ApiError, Code
from api.policy import dressed
from api.schema import Schema


class GraphQLApp(GraphQL[Context, None]):
    """One operation per request; each operation has its own context."""

    def __init__(self, schema: Schema, index: Index, *, ide: bool) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if ide else None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            max_subscriptions_per_connection=index.limits.subscriptions,
        )
        self._index = index

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)
        try:
            response = await self.run(Request(scope, receive))
        except HTTPException as error:
            response = _refused(error)
        await response(scope, receive, send)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        return Context(self._index)

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
        return orjson.dumps(data).decode()


def _refused(error: HTTPException) -> Response:
    errors = dressed([ApiError(Code.BAD_USER_INPUT, error.reason)])
    body = {"errors": [one.formatted for one in errors]}
    return JSONResponse(body, status_code=error.status_code)
