"""The ASGI application, and the server that runs it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from api.broker import Broker
from api.context import Index
from api.graphiql import STATIC
from api.health import Readiness, healthz
from api.http import GraphQLApp
from api.limits import Limits
from api.reads.engine import make_engine
from api.reads.tip import Tip
from api.schema import make_schema
from indexer.errors import ConfigError, PortInUse
from indexer.settings import Settings


def create_app(settings: Settings, limits: Limits | None = None) -> Starlette:
    """The application over `settings.database_url`; it connects with the first request."""
    limits = limits or Limits()
    index = make_index(settings, limits)
    graphql = GraphQLApp(make_schema(limits), index, ide=settings.graphiql)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await index.broker.stop()
        await index.engine.dispose()

    routes = [
        Route("/healthz", healthz),
        Route("/readyz", Readiness(index, settings.max_lag).__call__),
        Mount("/graphql/static", StaticFiles(directory=STATIC, check_dir=False)),
        Route("/graphql", graphql),
        WebSocketRoute("/graphql", graphql),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def make_index(settings: Settings, limits: Limits) -> Index:
    """What the operations share; raises ConfigError without a database."""
    if settings.database_url is None:
        raise ConfigError("the API needs DCHAT_DATABASE_URL (`dchat up` brings its own database)")
    engine = make_engine(settings.database_url, limits)
    return Index(
        engine=engine, limits=limits, tip=Tip(engine), broker=Broker(engine=engine, limits=limits)
    )


def serve(settings: Settings, limits: Limits | None = None) -> None:
    """Serves until SIGINT or SIGTERM, then lets requests under way end. Raises PortInUse."""
    limits = limits or Limits()
    config = uvicorn.Config(
        create_app(settings, limits),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=limits.shutdown,
    )
    with listening(settings.host, settings.port) as listener:
        uvicorn.Server(config).run(sockets=[listener])


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
