"""The API with a Redis, so that people can sign in."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis
from sqlalchemy import Engine

from api.app import create_app
from indexer.dev.redis import embedded_redis
from indexer.settings import Settings
from tests.integration.accounts.evm import Evm, evm_at
from tests.integration.api.conftest import SHORT, chain, client, database, logs, schema

__all__ = ["chain", "client", "database", "logs", "schema"]


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_redis(Path(tmp_path_factory.mktemp("redis")) / ".dchat") as url:
        yield url


@pytest.fixture(scope="session")
def evm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evm]:
    with evm_at(Path(tmp_path_factory.mktemp("evm")) / ".dchat") as evm:
        yield evm


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """A Redis without keys."""
    with Redis.from_url(redis_server) as redis:
        redis.flushall()
    return redis_server


@pytest.fixture
def settings(database: Engine, database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=database_url, redis_url=redis_url, home=tmp_path, rate_limit=0)


class Caller:
    """A client over HTTP, who may have a token."""

    def __init__(self, http: httpx.AsyncClient, token: str | None = None) -> None:
        self._http, self._token = http, token

    def having(self, token: str) -> "Caller":
        """The same client with this token."""
        return Caller(self._http, token)

    async def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **given: Any
    ) -> httpx.Response:
        mine = {} if self._token is None else {"authorization": f"Bearer {self._token}"}
        return await self._http.request(method, path, headers=mine | (headers or {}), **given)

    async def ask(self, query: str, **variables: Any) -> httpx.Response:
        body = {"query": query, "variables": variables}
        return await self.send("POST", "/graphql", json=body)

    async def data(self, query: str, **variables: Any) -> Any:
        """The answer's data; fails on errors."""
        answer = (await self.ask(query, **variables)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def error(self, query: str, **variables: Any) -> dict[str, Any]:
        """The message and the extensions of the only error."""
        answer = (await self.ask(query, **variables)).json()
        [error] = answer["errors"]
        return {"message": error["message"], **error["extensions"]}


@asynccontextmanager
async def calling(settings: Settings) -> AsyncIterator[Caller]:
    """A client of an application with these settings."""
    app = create_app(settings, SHORT)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://dchat") as http,
    ):
        yield Caller(http)


@pytest.fixture
async def caller(settings: Settings) -> AsyncIterator[Caller]:
    async with calling(settings) as caller:
        yield caller
