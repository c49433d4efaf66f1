"""The ASGI application, and the server that runs it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn
from sqlalchemy import event
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from api.accounts.desk import Desk
from api.accounts.export import Export
from api.broker import Broker
from api.clients import Seats
from api.compiled.connections import Connections
from api.compiled.plans import Plans
from api.context import Index
from api.documents import Documents
from api.files.cabinet import Cabinet
from api.files.counter import Counter
from api.files.tus import HEADERS as TUS_HEADERS
from api.files.tus import Tus
from api.files.uploads import Uploads
from api.gateway import Gateway
from api.graphiql import STATIC
from api.guard import Cutoff, SecurityHeaders
from api.health import Readiness, healthz
from api.http import GraphQLApp
from api.limits import Limits
from api.messages.hub import Hub
from api.messages.messenger import Messenger
from api.messages.signs import Signs
from api.metrics import STATEMENTS, Metrics
from api.node import Node
from api.notifying import mailbox_pages
from api.notifying.feeds import Feeds
from api.pinning.protocol import PinningService
from api.rate_limit import RateLimit
from api.rates import EXPOSED, Bucket, Rates
from api.reads.engine import connection_url, make_engine, make_writing_engine
from api.reads.tip import Tip
from api.schema import make_schema
from api.sharing import Sharing
from api.writes import Writer
from indexer.errors import ConfigError, PortInUse
from indexer.settings import Settings
from indexer.vapid import Vapid


def create_app(settings: Settings, limits: Limits | None = None) -> Starlette:
    """The application over `settings.database_url`; it connects with the first request."""
    limits = limits or Limits.of(settings)
    index, closing = make_index(settings, limits), asyncio.Event()
    schema = make_schema(limits)
    documents = Documents.read(settings.documents, only=settings.only_documents)
    documents.check(schema._schema)
    connections = Connections(connection_url(index.engine.url), limits)
    schema.plans = Plans(
        schema=schema._schema, connections=connections, most=limits.cached_documents
    )
    rates = _rates(settings)
    graphql = GraphQLApp(
        schema,
        index,
        ide=settings.graphiql,
        origins=settings.cors_origins,
        closing=closing,
        documents=documents,
        rates=rates,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await connections.close()
        await index.close()
        if rates is not None:
            await rates[0].close()

    routes = [
        Route("/healthz", healthz),
        Route("/metrics", Metrics(index).__call__),
        Route("/readyz", Readiness(index, settings.max_lag).__call__),
        Mount("/graphql/static", StaticFiles(directory=STATIC, check_dir=False)),
        Route("/graphql", graphql),
        WebSocketRoute("/graphql", graphql),
        *Gateway.of(settings).routes(),
        *PinningService.of(settings, index.writer).routes(),
        *mailbox_pages.routes(index.writer),
        *_files(settings, index),
        *Export(desk=index.desk, engine=index.engine).routes(),
    ]
    app = Starlette(
        routes=routes, lifespan=lifespan, middleware=_middleware(settings, limits, rates)
    )
    app.state.closing, app.state.index = closing, index
    return app


def _files(settings: Settings, index: Index) -> list[BaseRoute]:
    cabinet = index.cabinet
    tus = Tus(uploads=Uploads(cabinet=cabinet), desk=index.desk)
    return [*tus.routes(), *Counter(cabinet=cabinet, desk=index.desk).routes()]


def _rates(settings: Settings) -> tuple[Rates, Bucket] | None:
    """Where there is a Redis, and a limit."""
    if settings.redis_url is None or not settings.rate_limit:
        return None
    return Rates(settings.redis_url), Bucket(name="api", most=settings.rate_limit)


def _middleware(
    settings: Settings, limits: Limits, rates: tuple[Rates, Bucket] | None
) -> list[Middleware]:
    limiting = [] if rates is None else [Middleware(RateLimit, *rates, path="/graphql")]
    return [
        Middleware(SecurityHeaders),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "HEAD", "POST", "PATCH", "DELETE"],
            allow_headers=["*"],
            expose_headers=[*EXPOSED, *TUS_HEADERS],
            max_age=86_400,
        ),
        *limiting,
        Middleware(Cutoff, seconds=limits.sending),
    ]


def make_index(settings: Settings, limits: Limits) -> Index:
    """What the operations share; raises ConfigError without a database."""
    if settings.database_url is None:
        raise ConfigError("the API needs DCHAT_DATABASE_URL (`dchat up` brings its own database)")
    engine = make_engine(settings.database_url, limits)
    writer = make_writing_engine(settings.database_url, limits)
    for each in (engine, writer):
        event.listen(each.sync_engine, "before_cursor_execute", _count)
    broker, signs = Broker(engine=engine, limits=limits), Signs(settings.redis_url)
    vapid, node = Vapid.of(settings), _node(settings, limits)
    return Index(
        engine=engine,
        limits=limits,
        tip=Tip(engine),
        broker=broker,
        hub=Hub(engine=engine, limits=limits, broker=broker, signs=signs),
        signs=signs,
        node=node,
        seats=Seats(limits.seats),
        writer=Writer(writer),
        messenger=Messenger(writer=Writer(writer)),
        cabinet=Cabinet.of(settings, Writer(writer)),
        desk=Desk.of(settings, engine, node),
        notices=Feeds(engine, limits),
        sharing=Sharing(limits.queued_updates),
        push_key=None if vapid is None else vapid.public,
        mails=settings.smtp_url is not None,
        private_hooks=settings.webhook_private,
    )


def _node(settings: Settings, limits: Limits) -> Node | None:
    if not settings.rpc_urls:
        return None
    seconds = min(limits.node_time, settings.rpc_timeout)
    return Node(settings.rpc_urls, seconds, settings.rpc_concurrency)


def _count(*_: Any) -> None:
    STATEMENTS.inc()


IDLE: Final = 75
"""Seconds for which connections are kept that nobody uses: longer than proxies and clients keep
theirs (mostly 60 or less). Who closes one just when the other side uses it again loses a request.
"""


class Server(uvicorn.Server):
    """Ends streams as soon as it is told to end; clients connect again, to another process."""

    def __init__(self, app: Starlette, **config: Any) -> None:
        told = {"log_config": None, "access_log": False, "timeout_keep_alive": IDLE}
        super().__init__(uvicorn.Config(app, **told | config))
        self._closing = app.state.closing

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()
        await super().shutdown(sockets)


def serve(settings: Settings, limits: Limits | None = None) -> None:
    """Serves until SIGINT or SIGTERM, then lets requests under way end. Raises PortInUse."""
    limits = limits or Limits.of(settings)
    server = Server(
        create_app(settings, limits),
        loop="uvloop",
        http="httptools",
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        ws_max_size=limits.body,
        ws_ping_interval=limits.heartbeat,
        ws_ping_timeout=limits.sending,
        timeout_graceful_shutdown=limits.shutdown,
    )
    with listening(settings.host, settings.port) as listener:
        server.run(sockets=[listener])


def listening(host: str, port: int) -> socket.socket:
    """A socket bound to the address; raises PortInUse or ConfigError that name it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except socket.gaierror as error:
        listener.close()
        raise ConfigError(f"DCHAT_HOST={host!r} is not an address of this machine") from error
    except OSError as error:
        listener.close()
        message = f"{host}:{port} is taken or not ours ({error.strerror}); set DCHAT_PORT"
        raise PortInUse(message) from error
    return listener
