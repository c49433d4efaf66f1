"""`dchat up`: everything that a working index needs, in one command."""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

import aiohttp

from indexer.dev.chain import DevChain
from indexer.dev.deployment import deployed
from indexer.dev.home import Home
from indexer.dev.jsonrpc import JsonRpc, Refused
from indexer.dev.lease import Lease
from indexer.dev.locks import opened
from indexer.dev.node import anvil, deploy_script
from indexer.dev.parts import Parts, sweep, until
from indexer.dev.ports import free_port, require_free
from indexer.dev.postgres import embedded_postgres
from indexer.dev.redis import embedded_redis
from indexer.dev.screen import Screen
from indexer.dev.status import look
from indexer.errors import ConfigError, NodeUnavailable
from indexer.settings import PREFIX, Settings

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
START_SECONDS: Final = 120.0
WORKERS: Final = {"worker": "worker --concurrency 1", "beat": "worker --beat"}


def up(settings: Settings, *, fresh: bool = False) -> int:
    """0 once everything was ended by Ctrl-C, SIGTERM or a closed terminal; raises PartDied when a
    part ended by itself, ConfigError and PortInUse before anything starts."""
    if bool(settings.rpc_urls) != bool(settings.deployment):
        raise ConfigError("DCHAT_RPC_URLS and DCHAT_DEPLOYMENT go together: set both or none")
    home = Home.open(settings.home)
    with opened(home.run("up.lock")) as lock:
        if not lock.try_exclusive():
            raise ConfigError(
                f"`dchat up` runs already in {home.path}: end that one, or set another DCHAT_HOME"
            )
        sweep(home)
        require_free(settings.host, settings.port)
        if fresh:
            _wipe(home, settings)
        if not settings.rpc_urls and DevChain(home=home).lost():
            raise ConfigError(
                f"the dev chain of {home.path} is lost, and the index stands on it: "
                "start anew with `dchat up --fresh`"
            )
        return asyncio.run(Up(settings, home).run())


def _wipe(home: Home, settings: Settings) -> None:
    if settings.database_url:
        raise ConfigError(
            "--fresh empties DCHAT_HOME only: empty the database of DCHAT_DATABASE_URL yourself"
        )
    for name in ("postgres", "redis"):
        lease = Lease(home=home, name=name)
        with opened(lease.users) as users:
            if not users.try_exclusive():
                raise ConfigError(f"another dchat command uses {home.path}: end it before --fresh")
    home.wipe()


class Up:
    """One run."""

    def __init__(self, settings: Settings, home: Home) -> None:
        self.settings, self.home = settings, home
        self.parts = Parts(home=home)
        self.chain = DevChain(home=home)
        self.rpc: JsonRpc | None = None
        self.saving: asyncio.Task[None] | None = None
        self.screen = Screen(self.parts, self._api_url())

    async def run(self) -> int:
        """See `up`."""
        self._plan()
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for each in SIGNALS:
            loop.add_signal_handler(each, stopped.set)
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
                with self.screen.shown():
                    try:
                        await _first(self._live(session), self._draw(), stopped.wait())
                    finally:
                        await self._end()
        finally:
            self._show_failure()
        return 0

    def _plan(self) -> None:
        """Names the parts; what comes from elsewhere is shown, and not started."""
        given = self.settings
        self.parts.plan("postgres", "redis", "chain", "deployment", "migrate")
        self.parts.plan("indexer", "api", *WORKERS)
        for name, url in (("postgres", given.database_url), ("redis", given.redis_url)):
            if url:
                self.parts.give(name, url)
        if given.rpc_urls:
            self.parts.give("chain", *given.rpc_urls)
            self.parts.give("deployment", str(given.deployment))
        else:
            self.parts.plan("community")
            anvil()
            deploy_script()

    async def _live(self, session: aiohttp.ClientSession) -> None:
        """Starts everything, then watches it; returns never."""
        database, broker, (rpc, deployment) = await _together(
            self._database(), self._broker(), self._chain(session)
        )
        env = self._environment(database, broker, rpc, deployment)
        await self.parts.finished(self.parts.command("migrate", "migrate", env))
        self.parts.command("indexer", "index", env)
        api = self.parts.command("api", "serve", env, self._api_url())
        for name, verb in WORKERS.items():
            self.parts.command(name, verb, env)
        if "community" in self.parts.all:
            self.parts.command("community", "community", env)
        await until(lambda: _answers(session, self._api_url()), api, seconds=START_SECONDS)
        await self.parts.watch()

    async def _database(self) -> str:
        given = self.settings.database_url
        return given or await self.parts.serve("postgres", embedded_postgres(self.home.path))

    async def _broker(self) -> str:
        given = self.settings.redis_url
        return given or await self.parts.serve("redis", embedded_redis(self.home.path))

    async def _chain(self, session: aiohttp.ClientSession) -> tuple[str, str]:
        """The endpoints and the deployment, as settings."""
        if self.settings.rpc_urls:
            return ",".join(self.settings.rpc_urls), str(self.settings.deployment)
        port = free_port()
        self.rpc = rpc = JsonRpc(f"http://127.0.0.1:{port}", session)
        part = self.parts.adopt("chain", self.chain.start(port), rpc.url)
        await until(self._chain_answers, part, seconds=START_SECONDS)
        deployment = self.parts.all["deployment"]
        deployment.state = "running"
        path = await deployed(self.home, rpc)
        deployment.state, deployment.where = "done", str(path)
        self.saving = asyncio.create_task(self.chain.save_forever(rpc))
        return rpc.url, str(path)

    async def _chain_answers(self) -> bool:
        assert self.rpc is not None
        try:
            return bool(await self.rpc.call("eth_chainId"))
        except (NodeUnavailable, Refused):
            return False

    def _flags(self) -> dict[str, str]:
        """What was set for this command, for those that it starts."""
        told = self.settings.model_dump(mode="json", exclude_unset=True, exclude={"rpc_urls"})
        return {f"{PREFIX}{name.upper()}": str(value) for name, value in told.items()}

    def _environment(
        self, database: str, broker: str, rpc: str, deployment: str
    ) -> Mapping[str, str]:
        return {
            **os.environ,
            **self._flags(),
            "PYTHONUNBUFFERED": "1",
            "NO_COLOR": "1",
            "DCHAT_RPC_URLS": rpc,
            "DCHAT_DEPLOYMENT": deployment,
            "DCHAT_DATABASE_URL": database,
            "DCHAT_REDIS_URL": broker,
            "DCHAT_HOME": str(self.home.path),
            "DCHAT_HOST": self.settings.host,
            "DCHAT_PORT": str(self.settings.port),
        }

    def _api_url(self) -> str:
        host = self.settings.host
        host = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.settings.port}/graphql"

    async def _draw(self) -> None:
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                api = self.parts.all["api"]
                if api.state == "ready" and (seen := await look(session, self._api_url())):
                    self.screen.snapshot = seen
                self.screen.draw()
                await asyncio.sleep(0.5 if api.state == "ready" else 0.1)

    async def _end(self) -> None:
        if self.saving is not None:
            self.saving.cancel()
        await self.parts.end({"chain": self._save})
        self.screen.draw()

    def _show_failure(self) -> None:
        """The last lines of the part that ended by itself, for the reason to come after them."""
        if self.parts.failed is not None and (lines := self.parts.failed.last_lines()):
            with suppress(OSError):
                print(*lines, sep="\n", file=sys.stderr, flush=True)

    async def _save(self) -> None:
        if self.rpc is not None:
            with suppress(Refused, NodeUnavailable):
                await self.chain.save(self.rpc)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    return await look(session, url) is not None


async def _first(*work: Coroutine[Any, Any, Any]) -> None:
    """Ends all when one ends; raises what that one raised."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await _cancel(tasks)


async def _together(*work: Coroutine[Any, Any, Any]) -> list[Any]:
    """All results in order; raises the first failure as it is, and cancels the others then."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        await _cancel(tasks)


async def _cancel(tasks: Iterable[asyncio.Future[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
