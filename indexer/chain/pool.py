"""The endpoints themselves: who is well, who rests and why, who is of another chain."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import aiohttp

from indexer.chain.blocks import read_quantity
from indexer.chain.endpoint import Endpoint, shown
from indexer.chain.health import Causes
from indexer.chain.wire import Answer, Call
from indexer.errors import ConfigError, Retryable
from indexer.log import get_logger

T = TypeVar("T")
Reader = Callable[[list[Answer]], T]

log = get_logger(__name__)
PROBE: Final = 5.0
"""Seconds that a look at an endpoint's chain id or head may take."""
CHAIN_ID: Final = (Call(method="eth_chainId"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointState:
    """How an endpoint is doing: `cause` is why it rests, `pause` for how many seconds still."""

    name: str
    well: bool
    cause: str | None
    pause: float


class Rests(Exception):
    """The endpoint failed for somebody else while we waited for our turn."""


class Pool:
    """An endpoint is believed only after its chain id was seen to be `expected_chain_id`.

    None is that of the first that answers.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        expected_chain_id: int | None,
        timeout: float,
        concurrency: int,
        max_bytes: int,
    ) -> None:
        if not urls:
            raise ConfigError("DCHAT_RPC_URLS is empty: give the URL of at least one node")
        self.expected_chain_id = expected_chain_id
        self.endpoints = tuple(
            Endpoint(
                url=url,
                name=shown(url, place),
                timeout=timeout,
                max_bytes=max_bytes,
                slots=asyncio.Semaphore(concurrency),
            )
            for place, url in enumerate(urls, 1)
        )
        self._causes = Causes()
        self._probes: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def well(self, *, fresh: bool = False) -> list[Endpoint]:
        """The endpoints that are believed and may be asked now, in their order.

        With `fresh`, also those about which nothing is known yet.
        """
        now = time.monotonic()
        return [
            one
            for one in self.endpoints
            if one.health.ready(now) and (one.health.verified or (fresh and one.health.fresh))
        ]

    def states(self) -> list[EndpointState]:
        """How each endpoint is doing now."""
        now = time.monotonic()
        return [
            EndpointState(
                name=one.name,
                well=one.health.verified and one.health.ready(now),
                cause=one.health.cause,
                pause=max(0.0, one.health.rests_until - now),
            )
            for one in self.endpoints
        ]

    async def once(
        self, endpoint: Endpoint, calls: Sequence[Call], read: Reader[T], limit: float | None = None
    ) -> T:
        """What `read` makes of the endpoint's answers; raises Rests where its turn did not come."""
        began = time.monotonic()
        async with endpoint.slots:
            if not endpoint.health.verified:
                raise Rests
            answers = await endpoint.send(self.http(), calls, limit)
        found = read(answers)
        if endpoint.health.succeeded(began=began):
            log.info("a node is well again", node=endpoint.name)
        return found

    def failed(self, endpoint: Endpoint, error: Retryable, began: float) -> None:
        """Lets the endpoint rest; says why, once for each cause."""
        now, cause = time.monotonic(), str(error)
        pause = endpoint.health.failed(cause, now=now, began=began, least=error.retry_after)
        if self._causes.worth_saying(endpoint.name, cause, now):
            log.warning("a node rests", node=endpoint.name, cause=cause, pause_s=round(pause, 1))

    async def verify(self, endpoint: Endpoint) -> None:
        """Believes the endpoint, lets it rest or sets it aside, by its chain id."""
        async with endpoint.lock:
            began = time.monotonic()
            if endpoint.health.verified or not endpoint.health.ready(began):
                return
            try:
                answers = await endpoint.send(self.http(), CHAIN_ID, min(PROBE, endpoint.timeout))
                self._judge(endpoint, read_quantity(answers[0]))
            except Retryable as error:
                self.failed(endpoint, error, began)

    def verify_later(self, resting: Sequence[Endpoint]) -> None:
        """Looks in the background whether endpoints that rested are well again."""
        for endpoint in resting:
            if not endpoint.lock.locked():
                probe = asyncio.create_task(self.verify(endpoint))
                self._probes.add(probe)
                probe.add_done_callback(self._probes.discard)

    def _judge(self, endpoint: Endpoint, told: int) -> None:
        if self.expected_chain_id is None:
            self.expected_chain_id = told
        if told == self.expected_chain_id:
            endpoint.health.verify()
            return
        cause = f"is of chain {told}, and chain {self.expected_chain_id} is wanted"
        if endpoint.health.wrong_chain != told:
            log.error("a node was set aside", node=endpoint.name, cause=cause)
        endpoint.health.set_aside(told, cause, now=time.monotonic())

    def http(self) -> aiohttp.ClientSession:
        """The connections, opened when they are needed first."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        """Ends what is under way in the background and closes the connections."""
        for probe in tuple(self._probes):
            probe.cancel()
        await asyncio.gather(*self._probes, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None
