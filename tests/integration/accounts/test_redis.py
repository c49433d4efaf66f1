"""Where there is no Redis: one of our own, or it is said what to set."""

from pathlib import Path
from typing import Any

from redis import Redis
from structlog.testing import capture_logs

from indexer.flags import redis
from indexer.settings import Settings
from tests.integration.accounts.conftest import calling
from tests.integration.accounts.wallets import CHALLENGE, Wallet


def test_who_serves_without_any_setting_shares_the_home_s_redis(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / ".dchat")
    with redis(settings) as url, redis(settings) as again:
        assert url == again
        with Redis.from_url(url or "") as client:
            assert client.ping()


async def test_a_server_with_a_database_alone_serves_and_says_what_signing_in_needs(
    settings: Settings,
) -> None:
    alone = settings.model_copy(update={"redis_url": None})
    with capture_logs() as logs, redis(alone) as url:
        assert url is None
    told: list[Any] = [one.get("set") for one in logs]
    assert told == ["DCHAT_REDIS_URL"]
    async with calling(alone) as caller:
        await caller.data("{ meta { chainId } }")
        error = await caller.error(CHALLENGE, address=Wallet().shown)
    assert error["code"] == "SERVICE_UNAVAILABLE"
    assert "DCHAT_REDIS_URL" in error["message"]
