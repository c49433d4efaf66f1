"""JSON-RPC over several endpoints: the first that is well is asked, the others stand by."""

import asyncio
import time
from collections.abc import Collection, Coroutine, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from indexer.chain.attempt import Attempt
from indexer.chain.blocks import read_quantity
from indexer.chain.endpoint import Endpoint, TooLong, TooSlow
from indexer.chain.health import FIRST_SILENCE
from indexer.chain.pool import CHAIN_ID, PROBE, EndpointState, Pool, Reader, Rests
from indexer.chain.wire import Call
from indexer.errors import (
    BadAnswer,
    ChainMismatch,
    NodeBehind,
    NodeUnavailable,
    RangeTooLarge,
    Retryable,
    Throttled,
    Unserved,
)

T = TypeVar("T")

ANSWER_BYTES: Final = 64 << 20
"""The largest answer that is read: some 80,000 logs. What is larger is asked for in parts."""
IMPATIENCE: Final = 5.0
"""Seconds that an answer may take while somebody else could be asked who is well."""
STRAGGLERS: Final = 1.0
"""Seconds that the other nodes' heads are waited for once one is known."""
LIARS_REST: Final = FIRST_SILENCE
"""Seconds for which a node that lied is not asked, where there are others."""


class Said(NamedTuple, Generic[T]):
    """What was answered, and who answered it."""

    value: T
    by: Endpoint


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
        self.patience = patience
        self._late: dict[asyncio.Task[object], Endpoint] = {}
        self.pool = Pool(
            urls,
            expected_chain_id=expected_chain_id,
            timeout=timeout,
            concurrency=concurrency,
            max_bytes=max_bytes,
        )

    @property
    def expected_chain_id(self) -> int | None:
        """The chain that is wanted; None until it is known."""
        return self.pool.expected_chain_id

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
        """What `read` makes of the answers of one endpoint, as `hear`."""
        return (await self.hear(calls, read, divisible=divisible, tries=tries)).value

    async def hear(
        self,
        calls: Sequence[Call],
        read: Reader[T],
        *,
        divisible: bool = False,
        tries: int | None = None,
    ) -> Said[T]:
        """What `read` makes of the answers of one endpoint, and which that was.

        Where `read` raises BadAnswer or NodeBehind another endpoint is asked, and where one that
        is well is there, after `IMPATIENCE`. Raises NodeBehind
        when every endpoint that is well is behind, RangeTooLarge when `divisible` and the node
        wants or needs a smaller request, NodeUnavailable when patience ends, ChainMismatch, and
        Unserved when it failed `tries` times, or took too long, though the nodes were well.
        """
        attempt = Attempt(deadline=time.monotonic() + self.patience, divisible=divisible)
        while True:
            endpoint = await self._next(attempt)
            attempt.tried.add(endpoint)
            began, limit = time.monotonic(), self._limit(attempt, endpoint)
            try:
                found = await self.pool.once(endpoint, calls, read, limit)
            except Rests:
                continue
            except NodeBehind as error:
                attempt.behind[endpoint] = error
            except ChainMismatch as error:
                self.pool.failed(endpoint, BadAnswer(str(error)), began)
            except Retryable as error:
                if divisible and isinstance(error, RangeTooLarge | TooLong):
                    raise _smaller(error) from error
                self._failed(attempt, endpoint, error, began)
                attempt.failures += not isinstance(error, Throttled)
                gave_up = isinstance(error, TooSlow) and limit is None
                if tries and (attempt.failures == tries or gave_up):
                    raise Unserved(str(error)) from error
            else:
                endpoint.health.worked()
                return Said(found, endpoint)

    def _limit(self, attempt: Attempt, endpoint: Endpoint) -> float | None:
        """Seconds to wait for this endpoint; None: as long as it may ever take."""
        now = time.monotonic()
        others = (
            one
            for one in self.pool.well()
            if one is not endpoint
            and attempt.may_ask(one, now)
            and one not in attempt.overtaxed
            and not one.health.limps(now)
        )
        return min(IMPATIENCE, endpoint.timeout) if any(others) else None

    def _failed(self, attempt: Attempt, endpoint: Endpoint, error: Retryable, began: float) -> None:
        """Lets it rest; raises RangeTooLarge where only smaller questions are left to be asked."""
        now = time.monotonic()
        self.pool.failed(endpoint, error, began)
        endpoint.health.limped(now=now, slow=isinstance(error, TooSlow))
        if attempt.too_much(endpoint, error, self.pool.endpoints, now):
            raise _smaller(error) from error

    def others(self, heard: Collection[Endpoint]) -> list[Endpoint]:
        """The endpoints that are well, or were not asked anything yet, other than those."""
        return [one for one in self.pool.well(fresh=True) if one not in heard]

    async def asked(
        self, endpoint: Endpoint, calls: Sequence[Call], read: Reader[T], limit: float | None = None
    ) -> Said[T] | None:
        """What this very endpoint answers now, None where it does not. Raises RangeTooLarge."""
        began = time.monotonic()
        if endpoint.health.fresh:
            await self.pool.verify(endpoint)
        try:
            return Said(await self.pool.once(endpoint, calls, read, limit), endpoint)
        except (Rests, NodeBehind):
            return None
        except ChainMismatch as error:
            self.pool.failed(endpoint, BadAnswer(str(error)), began)
        except (RangeTooLarge, TooLong) as error:
            raise _smaller(error) from error
        except Retryable as error:
            self.pool.failed(endpoint, error, began)
        return None

    def blame(self, endpoint: Endpoint, error: Retryable, *, liar: bool = False) -> None:
        """Lets an endpoint rest for what came out after it had answered; a liar for longer."""
        if liar and self.others({endpoint}):
            error.retry_after = LIARS_REST
        self.pool.failed(endpoint, error, time.monotonic())

    async def poll(self, calls: Sequence[Call], read: Reader[T]) -> list[Said[T]]:
        """What `read` makes of the answers of every endpoint that is well; at least one.

        Whoever takes longer than the others is not waited for, nor asked again meanwhile.
        """
        well = [one for one in self.pool.well() if one not in self._late.values()]
        found: list[Said[T]] = []
        if len(well) > 1:
            found = await self._first([self._quickly(one, calls, read) for one in well], well)
        return found or [await self.hear(calls, read)]

    async def _first(
        self, asking: Sequence[Coroutine[None, None, Said[T] | None]], whom: Sequence[Endpoint]
    ) -> list[Said[T]]:
        """What comes in until a moment after the first answer."""
        tasks = [asyncio.create_task(one) for one in asking]
        for task, endpoint in zip(tasks, whom, strict=True):
            self._late[task] = endpoint
            task.add_done_callback(lambda done: self._late.pop(done, None))
        found, left = list[Said[T]](), set(tasks)
        while left and not found:
            done, left = await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
            found += [said for task in done if (said := task.result()) is not None]
        if left:
            done, _ = await asyncio.wait(left, timeout=STRAGGLERS)
            found += [said for task in done if (said := task.result()) is not None]
        return found

    async def _quickly(
        self, endpoint: Endpoint, calls: Sequence[Call], read: Reader[T]
    ) -> Said[T] | None:
        began = time.monotonic()
        try:
            return await self.asked(endpoint, calls, read, min(PROBE, endpoint.timeout))
        except RangeTooLarge as error:
            self.pool.failed(endpoint, error, began)
            return None

    async def chain_id(self) -> int:
        """The chain that the endpoints serve; asks the first that answers."""
        return await self.ask(CHAIN_ID, lambda answers: read_quantity(answers[0]))

    def endpoints(self) -> list[EndpointState]:
        """How each endpoint is doing now."""
        return self.pool.states()

    async def close(self) -> None:
        """Ends what is under way in the background and closes the connections."""
        late = list(self._late)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await self.pool.close()

    async def _next(self, attempt: Attempt) -> Endpoint:
        """The endpoint to ask, after waiting for one if need be."""
        while True:
            now = time.monotonic()
            ready = [e for e in self.pool.endpoints if attempt.may_ask(e, now)]
            known = [e for e in ready if e.health.verified]
            if known:
                self.pool.verify_later([e for e in ready if not e.health.verified])
                return min(known, key=lambda e: (e in attempt.overtaxed, e.health.limps(now)))
            if ready:
                attempt.probed.add(ready[0])
                await self.pool.verify(ready[0])
            elif attempt.behind:
                raise next(iter(attempt.behind.values()))
            else:
                await self._wait(attempt, now)

    async def _wait(self, attempt: Attempt, now: float) -> None:
        """Sleeps until an endpoint may be asked again; raises when that is not worth it."""
        endpoints = self.pool.endpoints
        wrong = [e for e in endpoints if e.health.wrong_chain is not None]
        if len(wrong) == len(endpoints):
            raise ChainMismatch("; ".join(f"{e.name} {e.health.cause}" for e in wrong))
        if now >= attempt.deadline:
            raise NodeUnavailable(self._why())
        earliest = min(e.health.rests_until for e in endpoints)
        await asyncio.sleep(max(0.0, min(earliest, attempt.deadline) - now))

    def _why(self) -> str:
        endpoints = self.pool.endpoints
        causes = "; ".join(f"{e.name}: {e.health.cause}" for e in endpoints if e.health.cause)
        return f"no node answered for {self.patience:g} s (DCHAT_RPC_PATIENCE): {causes}"


def _smaller(error: Retryable) -> RangeTooLarge:
    if isinstance(error, RangeTooLarge):
        return RangeTooLarge(str(error), suggested=error.suggested, certain=error.certain)
    return RangeTooLarge(str(error), certain=isinstance(error, TooLong))
