"""Who fetches history: what `dchat index` asks by, and what `dchat worker` answers with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from indexer.errors import ConfigError
from indexer.flags import broker, database
from indexer.log import get_logger
from indexer.settings import Settings
from indexer.sync.spread.asking import Carrier

log = get_logger(__name__)


@contextmanager
def fetchers(settings: Settings) -> Iterator[Carrier | None]:
    """The way to workers that listen, where they are to fetch. Raises WorkersUnavailable."""
    if settings.fetchers == "local":
        yield None
        return
    from workers.app import create_app
    from workers.fetching.carrier import CeleryCarrier

    with broker(settings) as redis:
        carrier = CeleryCarrier(create_app(redis, settings.database_url or ""), redis)
        log.info("workers fetch history", workers=carrier.check())
        yield carrier


def giver(settings: Settings, queues: str) -> Callable[[bytes], bytes] | None:
    """Fetches what an indexer asks for, in a worker of that queue. Raises ConfigError."""
    from workers.app import FETCHING

    if FETCHING not in queues.split(","):
        return None
    if not settings.rpc_urls:
        raise ConfigError(f"DCHAT_RPC_URLS is not set: the queue {FETCHING} needs nodes to ask")
    from indexer.sync.spread.giving import Giver

    return Giver(settings).give


@contextmanager
def reaching(settings: Settings, queues: str) -> Iterator[str]:
    """The URL of the database that a worker of these queues needs: none where it only fetches."""
    from workers.app import FETCHING

    with nullcontext("") if queues == FETCHING else database(settings) as url:
        yield url
