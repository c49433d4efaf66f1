"""People with files, at a real server."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from api.app import create_app
from indexer.settings import Settings
from tests.integration.accounts.wallets import token_of
from tests.integration.api.conftest import SHORT, chain, client, database, logs, schema
from tests.integration.api.rows import account, group, member, put

__all__ = ["chain", "client", "database", "logs", "schema"]


@pytest.fixture
def settings(database: Engine, database_url: str, tmp_path: Path) -> Settings:
    """1 owns group_1, in which 2 is a member; 9 is in none."""
    put(database, groups=[group(1)], members=[member(1, 1, role=2), member(1, 2)])
    return Settings(
        database_url=database_url,
        home=tmp_path,
        file_max_size=3_000_000,
        file_quota=5_000_000,
        rate_limit=0,
    )


class Site:
    """The application, and requests in the name of people by number."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings, SHORT)
        self._settings, self._tokens = settings, dict[int, str]()
        transport = httpx.ASGITransport(self.app)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://dchat")

    def token(self, who: int) -> str:
        if who not in self._tokens:
            self._tokens[who] = token_of(self._settings, account(who))
        return self._tokens[who]

    def headers(self, who: int) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(who)}"}

    async def upload(
        self, who: int, data: bytes, name: str = "a.txt", media: str = "text/plain", **fields: str
    ) -> httpx.Response:
        """By a form."""
        files = {"file": (name, data, media)}
        return await self.http.post("/files", files=files, data=fields, headers=self.headers(who))

    async def get(self, who: int | None, path: str) -> httpx.Response:
        return await self.http.get(path, headers={} if who is None else self.headers(who))

    async def query(self, who: int, query: str, **variables: object) -> dict[str, object]:
        body = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=body, headers=self.headers(who))
        told: dict[str, object] = answer.json()
        return told


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    site = Site(settings)
    async with site.app.router.lifespan_context(site.app), site.http:
        yield site
