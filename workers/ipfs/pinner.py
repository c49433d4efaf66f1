"""One content pinned, verified and unpinned, whatever is set to do it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from indexer.errors import BadContent, BlockMissing, ConfigError, CorruptBlock
from indexer.ipfs import car
from indexer.ipfs.cid import Cid
from indexer.ipfs.pinset import PinSet
from indexer.ipfs.reading import walk
from indexer.ipfs.store import BlockStore
from indexer.settings import Settings
from workers.ipfs.fetching import Gateway, Source, fetch
from workers.ipfs.http import Http
from workers.ipfs.providers import Car, Kubo, Pinata, PinningService, Progress, Provider

HOLDER: Final = "index"
"""Who holds the pins that the table `pins` asks for."""
KUBO: Final = "http://127.0.0.1:5001"
PINATA: Final = "https://api.pinata.cloud"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`size`: bytes of all blocks, verified; None where only the provider has seen them."""

    size: int | None


class Pending:
    """The provider is at it: ask again later."""


class Pinner:
    """Keeps content at a provider, if one is set, and a verified copy in the store."""

    def __init__(
        self, settings: Settings, provider: Provider | None, sources: Sequence[Source]
    ) -> None:
        self.pins = PinSet(BlockStore(settings.ipfs_folder))
        self.private = PinSet(BlockStore(settings.private_folder))
        self._provider = provider
        self._sources = sources
        self._most = settings.pin_max_size
        self._seconds = settings.pin_timeout

    async def pin(self, cid: Cid) -> Kept | Pending:
        """Pins, or tells that it is under way. Raises BadContent, Retryable or ConfigError."""
        if self._provider is not None:
            holdings = self._car(cid) if await self._held(cid) else None
            if await self._provider.pin(cid, holdings) is Progress.PENDING:
                return Pending()
            if holdings is None and not self._sources:
                return Kept(size=None)
        return Kept(size=await self._copy(cid))

    async def keep_private(self, cid: Cid) -> Kept:
        """Keeps a private file where it was put, and gives it to nobody. Raises BlockMissing."""
        return Kept(size=await asyncio.to_thread(self.private.pin, cid, HOLDER, most=self._most))

    async def publish(self, cid: Cid) -> None:
        """Puts what was private among what everybody may have, where it is wanted there now."""
        with suppress(BlockMissing):
            for one, block in walk(cid, self.private.store.get, most=self._most):
                await asyncio.to_thread(self.pins.store.put, one, block)

    async def unpin(self, cid: Cid) -> None:
        """Gives the content up; the stores' own sweeps remove its blocks."""
        if self._provider is not None and HOLDER not in self.private.holders(cid):
            await self._provider.unpin(cid)
        for pins in (self.pins, self.private):
            await asyncio.to_thread(pins.unpin, cid, HOLDER)

    async def _copy(self, cid: Cid) -> int:
        """Fetches what the store lacks, and holds it; the walk verifies each block."""
        await asyncio.to_thread(self.pins.hold, cid, HOLDER)
        try:
            return await fetch(
                cid, self.pins.store, self._sources, most=self._most, seconds=self._seconds
            )
        except BadContent:
            await asyncio.to_thread(self.pins.unpin, cid, HOLDER)
            raise

    async def _held(self, cid: Cid) -> bool:
        try:
            await asyncio.to_thread(self.pins.verify, cid, most=self._most)
        except (BlockMissing, CorruptBlock):
            return False
        return True

    def _car(self, cid: Cid) -> Car:
        def pieces() -> Iterator[bytes]:
            return car.encode(cid, walk(cid, self.pins.store.get, most=self._most))

        return pieces


@asynccontextmanager
async def pinner(settings: Settings) -> AsyncIterator[Pinner]:
    """The pinner that is set. Raises ConfigError where a setting is missing."""
    async with AsyncExitStack() as stack:

        async def http(name: str, url: str, token: str | None = None) -> Http:
            made = Http(name, url, token=token, seconds=settings.pin_timeout)
            return await stack.enter_async_context(made)

        sources: list[Source] = []
        provider: Provider | None = None
        match settings.pin_backend:
            case "kubo":
                provider = kubo = Kubo(await http("Kubo", settings.pin_url or KUBO))
                sources.append(kubo)
            case "service":
                url, token = _needed(settings)
                provider = PinningService(await http("the pinning service", url, token))
            case "pinata":
                url, token = settings.pin_url or PINATA, _token(settings)
                uploads = url.replace("//api.", "//uploads.")
                provider = Pinata(
                    await http("Pinata", url, token), await http("Pinata", uploads, token)
                )
            case "embedded":
                pass
        for place, url in enumerate(settings.ipfs_gateways, 1):
            sources.append(Gateway(await http(f"gateway {place}", url)))
        yield Pinner(settings, provider, sources)


def _needed(settings: Settings) -> tuple[str, str]:
    if settings.pin_url is None:
        raise ConfigError("DCHAT_PIN_BACKEND=service needs DCHAT_PIN_URL, the provider's endpoint")
    return settings.pin_url, _token(settings)


def _token(settings: Settings) -> str:
    if settings.pin_token is None:
        backend = settings.pin_backend
        raise ConfigError(f"DCHAT_PIN_BACKEND={backend} needs DCHAT_PIN_TOKEN, your access token")
    return settings.pin_token
