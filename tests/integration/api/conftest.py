"""The API over a database of the test's own."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, MutableMapping
from contextlib import aclosing
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy import event as sqlalchemy_event
from structlog.testing import capture_logs

from api.app import create_app, make_index
from api.context import Context
from api.limits import Limits
from api.schema import Schema, make_schema
from indexer.settings import Settings
from tests.integration.api import rows
from tests.integration.api.engine import Chain
from tests.integration.api.telling import teller
from tests.integration.conftest import named

SHORT = Limits(block_wait=0.3)


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """For writing what the indexer would have written; its block 10 is the newest."""
    engine = create_engine(
        named(database_url, database_name(database_url), driver="postgresql+psycopg")
    )
    rows.put(
        engine,
        blocks=[rows.block(number) for number in range(11)],
        cursor=[rows.standing_at(10)],
    )
    yield engine
    engine.dispose()


def database_name(url: str) -> str:
    return url.rsplit("/", 1)[1]


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """What the test made the API log."""
    with capture_logs() as logs:
        yield logs


class Client:
    """Runs operations; `statements` are those that the last one sent to Postgres."""

    def __init__(self, schema: Schema, settings: Settings) -> None:
        self._schema, self.settings = schema, settings
        self._next: Context | None = None
        self.index = make_index(settings, SHORT)
        self.statements: list[str] = []
        sqlalchemy_event.listen(self.index.engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements.append(statement)

    async def run(self, query: str, **variables: Any) -> Any:
        """The whole answer."""
        self.statements.clear()
        context, self._next = self._next or Context(self.index), None
        return await self._schema.execute(query, variables, context_value=context)

    async def stream(self, query: str) -> AsyncGenerator[Any, None]:
        """The results of a subscription."""
        results = await self._schema.stream(query, context_value=Context(self.index))
        async with aclosing(results):
            async for result in results:
                yield result

    def context(self) -> Context:
        """The context that the next operation will have."""
        self._next = Context(self.index)
        return self._next

    async def data(self, query: str, **variables: Any) -> Any:
        """The answer's data; fails on errors."""
        result = await self.run(query, **variables)
        assert result.errors is None, result.errors
        return result.data

    async def error(self, query: str, **variables: Any) -> dict[str, Any]:
        """The message and extensions of the only error."""
        result = await self.run(query, **variables)
        assert result.errors is not None and len(result.errors) == 1, result
        return {"message": result.errors[0].message, **result.errors[0].extensions}


@pytest.fixture(scope="session")
def schema() -> Schema:
    return make_schema(SHORT)


@pytest.fixture
async def client(schema: Schema, database: Engine, database_url: str) -> AsyncIterator[Client]:
    client = Client(schema, Settings(database_url=database_url))
    yield client
    await client.index.close()


@pytest.fixture
def chain(database: Engine) -> Chain:
    """The indexer's side, for what happens while somebody listens."""
    return Chain(database)


@pytest.fixture
async def http(database: Engine, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """HTTP requests to the application, without a socket."""
    app = create_app(Settings(database_url=database_url), SHORT)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://dchat") as http,
    ):
        yield http


@pytest.fixture
def told(database: Engine) -> Any:
    """Tells somebody something."""
    return teller(database)
