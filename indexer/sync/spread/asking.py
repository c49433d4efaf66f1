"""The indexer's side: stretches are asked of workers, and fetched here where none gives them."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from indexer.errors import BadAnswer, RangeTooLarge, WorkersUnavailable
from indexer.events.definitions import Contract
from indexer.log import get_logger
from indexer.sync.batch import Batch
from indexer.sync.fetch import Fetcher
from indexer.sync.spread.parcel import Wanted, asked, unpacked
from indexer.units import Address, BlockNumber

log = get_logger(__name__)

TRIES: Final = 2
"""How often a stretch is asked of workers: the first may have been killed over it."""
LONGEST_REST: Final = 600.0


class Carrier(Protocol):
    """Brings what is asked to workers, and what they answer back."""

    async def ask(self, key: str, message: bytes, *, seconds: float) -> None:
        """Gives it to whichever worker is free within that time. Raises WorkersUnavailable."""

    async def answer(self, key: str, *, seconds: float) -> bytes | None:
        """The answer under that key; None where none came in time. Raises WorkersUnavailable."""

    async def close(self) -> None:
        """Ends the connections."""


@dataclass(slots=True)
class Rest:
    """How long workers are not asked, after they gave nothing."""

    least: float
    pause: float = 0.0
    until: float = 0.0

    def begin(self) -> bool:
        """Begins one, longer than the last; False where one was begun already."""
        now = time.monotonic()
        if now < self.until:
            return False
        self.pause = min(max(self.least, 2 * self.pause), LONGEST_REST)
        self.until = now + self.pause
        return True

    def over(self) -> bool:
        return time.monotonic() >= self.until

    def forget(self) -> None:
        """Workers are well."""
        self.pause = self.until = 0.0


class Spread:
    """Fetches like the fetcher that it stands on, which does whatever workers do not.

    `lease`: seconds after which a worker that was asked is taken for dead.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        carrier: Carrier,
        *,
        chain_id: int,
        addresses: Mapping[Address, Contract],
        cross_check: bool,
        lease: float,
    ) -> None:
        self._fetcher = fetcher
        self._carrier = carrier
        self._like = Wanted(
            chain_id=chain_id,
            contracts=tuple(addresses.items()),
            cross_check=cross_check,
            seconds=TRIES * lease,
        )
        self._lease = lease
        self._rest = Rest(lease)

    async def stretch(self, first: BlockNumber, last: BlockNumber) -> Batch:
        """The blocks, as `Fetcher.stretch`. Raises Retryable."""
        if self._rest.over():
            try:
                if (batch := await self._elsewhere(first, last)) is not None:
                    return batch
            except RangeTooLarge:
                if first < last:
                    raise
        return await self._fetcher.stretch(first, last)

    async def _elsewhere(self, first: BlockNumber, last: BlockNumber) -> Batch | None:
        """What a worker gives; None where none does. Raises RangeTooLarge."""
        wanted = self._like.at(first, last)
        try:
            batch = unpacked(await self._answered(asked(wanted)), wanted)
        except (WorkersUnavailable, BadAnswer) as error:
            if self._rest.begin():
                pause = round(self._rest.pause, 1)
                log.warning("workers do not fetch: done here", cause=str(error), pause_s=pause)
            return None
        self._rest.forget()
        return batch

    async def _answered(self, message: bytes) -> bytes:
        key = secrets.token_hex(16)
        for _ in range(TRIES):
            await self._carrier.ask(key, message, seconds=self._lease)
            answer = await self._carrier.answer(key, seconds=self._lease)
            if answer is not None:
                return answer
        raise WorkersUnavailable(f"no worker answered within {TRIES * self._lease:g} seconds")
