"""JSON-RPC over several endpoints: the first that is well is asked, the others stand by."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import aiohttp
import msgspec

from indexer.chain.attempt import Attempt
from indexer.chain.blocks import read_quantity
from indexer.chain.endpoint import Endpoint, TooLong, TooSlow, shown
from indexer.chain.health import Causes
from indexer.chain.wire import Answer, Call
from indexer.errors import (
    BadAnswer,
    ChainMismatch,
    ConfigError,
    NodeBehind,
    NodeUnavailable,
    RangeTooLarge,
    Retryable,
    Throttled,
    Unserved,
)
from indexer.log import get_logger

T = TypeVar("T")
Reader = Callable[[list[Answer]], T]

log = get_logger(__name__)
_PROBE: Final = 5.0
"""Seconds that a look at an endpoint's chain id or head may take."""
_CHAIN_ID: Final = (Call(method="eth_chainId"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointState:
    """How an endpoint is doing: `cause` is why it rests, `pause` for how many seconds still."""

    name: str
    well: bool
    cause: str | None
    pause: float


class _Rests(Exception):
    """The endpoint failed for somebody else while we waited for our turn."""


class Rpc:
    """Many endpoints as one. A failing one rests with growing pauses and comes back when well.

    `patience` is how many seconds an operation waits for any of them. An endpoint is believed only
    after its chain id was seen to be `expected_chain_id` (None: that of the first that answers).
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        expected_chain_id: int | None = None,
        timeout: float = 30.0,
        patience: float = 300.0,
        concurrency: int = 4,
        max_bytes: int = 256 << 20,
    ) -> None:
        if not urls:
            raise ConfigError("DCHAT_RPC_URLS is empty: give the URL of at least one node")
        self.expected_chain_id = expected_chain_id
        self.patience = patience
        self._endpoints = tuple(
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

    async def call(self, method: str, params: Sequence[object] = ()) -> msgspec.Raw:
        """The JSON of a result."""
        call = Call(method=method, params=tuple(params))
        return await self.ask([call], lambda answers: answers[0].raw())

    async def batch(self, calls: Sequence[Call]) -> list[msgspec.Raw]:
        """The JSON of each result, all of one endpoint; raises on the first that was refused."""
        return await self.ask(calls, lambda answers: [answer.raw() for answer in answers])

    async def ask(
        self,
        calls: Sequence[Call],
        read: Reader[T],
        *,
        divisible: bool = False,
        tries: int | None = None,
    ) -> T:
        """What `read` makes of the answers of one endpoint.

        Where `read` raises BadAnswer or NodeBehind another endpoint is asked. Raises NodeBehind
        when every endpoint that is well is behind, RangeTooLarge when `divisible` and the node
        wants or needs a smaller request, NodeUnavailable when patience ends, ChainMismatch, and
        Unserved when it failed `tries` times, or took too long, though the nodes were well.
        """
        attempt = Attempt(deadline=time.monotonic() + self.patience, divisible=divisible)
        while True:
            endpoint = await self._next(attempt)
            attempt.tried.add(endpoint)
            began = time.monotonic()
            try:
                return await self._once(endpoint, calls, read)
            except _Rests:
                continue
            except NodeBehind as error:
                attempt.behind[endpoint] = error
            except ChainMismatch as error:
                self._failed(endpoint, BadAnswer(str(error)), began)
            except Retryable as error:
                if divisible and isinstance(error, RangeTooLarge | TooLong):
                    raise _smaller(error) from error
                self._failed(endpoint, error, began)
                self._give_up_on_size(attempt, endpoint, error)
                attempt.failures += not isinstance(error, Throttled)
                if tries and (attempt.failures == tries or isinstance(error, TooSlow)):
                    raise Unserved(str(error)) from error

    async def poll(self, calls: Sequence[Call], read: Reader[T]) -> list[T]:
        """What `read` makes of the answers of every endpoint that is well; at least one."""
        now = time.monotonic()
        well = [e for e in self._endpoints if e.health.verified and e.health.ready(now)]
        found: list[T] = []
        if len(well) > 1:
            told = await asyncio.gather(*(self._quietly(one, calls, read) for one in well))
            found = [answer for one in told for answer in one]
        return found or [await self.ask(calls, read)]

    async def chain_id(self) -> int:
        """The chain that the endpoints serve; asks the first that answers."""
        return await self.ask(_CHAIN_ID, lambda answers: read_quantity(answers[0]))

    def endpoints(self) -> list[EndpointState]:
        """How each endpoint is doing now."""
        now = time.monotonic()
        return [
            EndpointState(
                name=one.name,
                well=one.health.verified and one.health.ready(now),
                cause=one.health.cause,
                pause=max(0.0, one.health.rests_until - now),
            )
            for one in self._endpoints
        ]

    async def close(self) -> None:
        """Ends what is under way in the background and closes the connections."""
        for probe in tuple(self._probes):
            probe.cancel()
        await asyncio.gather(*self._probes, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _once(
        self, endpoint: Endpoint, calls: Sequence[Call], read: Reader[T], limit: float | None = None
    ) -> T:
        began = time.monotonic()
        async with endpoint.slots:
            if not endpoint.health.verified:
                raise _Rests
            answers = await endpoint.send(self._http(), calls, limit)
        found = read(answers)
        if endpoint.health.succeeded(began=began):
            log.info("a node is well again", node=endpoint.name)
        return found

    async def _quietly(self, endpoint: Endpoint, calls: Sequence[Call], read: Reader[T]) -> list[T]:
        began = time.monotonic()
        try:
            return [await self._once(endpoint, calls, read, min(_PROBE, endpoint.timeout))]
        except (_Rests, NodeBehind):
            return []
        except ChainMismatch as error:
            self._failed(endpoint, BadAnswer(str(error)), began)
        except Retryable as error:
            self._failed(endpoint, error, began)
        return []

    async def _next(self, attempt: Attempt) -> Endpoint:
        """The endpoint to ask, after waiting for one if need be."""
        while True:
            now = time.monotonic()
            ready = [e for e in self._endpoints if attempt.may_ask(e, now)]
            known = [e for e in ready if e.health.verified]
            if known:
                self._probe_later([e for e in ready if not e.health.verified])
                return known[0]
            if ready:
                attempt.probed.add(ready[0])
                await self._verify(ready[0])
            elif attempt.behind:
                raise next(iter(attempt.behind.values()))
            else:
                await self._wait(attempt, now)

    async def _wait(self, attempt: Attempt, now: float) -> None:
        """Sleeps until an endpoint may be asked again; raises when that is not worth it."""
        wrong = [e for e in self._endpoints if e.health.wrong_chain is not None]
        if len(wrong) == len(self._endpoints):
            raise ChainMismatch("; ".join(f"{e.name} {e.health.cause}" for e in wrong))
        if now >= attempt.deadline:
            raise NodeUnavailable(self._why())
        earliest = min(e.health.rests_until for e in self._endpoints)
        await asyncio.sleep(max(0.0, min(earliest, attempt.deadline) - now))

    def _why(self) -> str:
        causes = "; ".join(f"{e.name}: {e.health.cause}" for e in self._endpoints if e.health.cause)
        return f"no node answered for {self.patience:g} s (DCHAT_RPC_PATIENCE): {causes}"

    async def _verify(self, endpoint: Endpoint) -> None:
        """Believes the endpoint, lets it rest or sets it aside, by its chain id."""
        async with endpoint.lock:
            began = time.monotonic()
            if endpoint.health.verified or not endpoint.health.ready(began):
                return
            try:
                answers = await endpoint.send(
                    self._http(), _CHAIN_ID, min(_PROBE, endpoint.timeout)
                )
                self._judge(endpoint, read_quantity(answers[0]))
            except Retryable as error:
                self._failed(endpoint, error, began)

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

    def _probe_later(self, resting: list[Endpoint]) -> None:
        """Looks in the background whether endpoints that rested are well again."""
        for endpoint in resting:
            if not endpoint.lock.locked():
                probe = asyncio.create_task(self._verify(endpoint))
                self._probes.add(probe)
                probe.add_done_callback(self._probes.discard)

    def _failed(self, endpoint: Endpoint, error: Retryable, began: float) -> None:
        now, cause = time.monotonic(), str(error)
        pause = endpoint.health.failed(cause, now=now, began=began, least=error.retry_after)
        if self._causes.worth_saying(endpoint.name, cause, now):
            log.warning("a node rests", node=endpoint.name, cause=cause, pause_s=round(pause, 1))

    def _give_up_on_size(self, attempt: Attempt, endpoint: Endpoint, error: Retryable) -> None:
        """Raises RangeTooLarge when every endpoint that could be asked took too long."""
        if not (attempt.divisible and isinstance(error, TooSlow)):
            return
        attempt.slow.add(endpoint)
        now = time.monotonic()
        if not any(e.health.ready(now) and e not in attempt.slow for e in self._endpoints):
            raise _smaller(error) from error

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _smaller(error: Retryable) -> RangeTooLarge:
    suggested = error.suggested if isinstance(error, RangeTooLarge) else None
    return RangeTooLarge(str(error), suggested=suggested)
