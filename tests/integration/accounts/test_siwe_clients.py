"""What dapps sign in with works with us: one Node program, with npm's siwe and viem."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from api import app
from api.accounts import challenges
from api.app import listening
from indexer.settings import Settings
from indexer.units import checksum
from tests.integration.accounts.conftest import Caller
from tests.integration.accounts.evm import Evm
from tests.integration.accounts.wallets import CHALLENGE, SIGN_IN, Wallet
from tests.integration.api.conftest import SHORT
from tests.integration.api.test_websocket import Server

ROOT = Path(__file__).parents[3]
SUITES = {"siwe", "viem", "tampered", "domains", "stolen", "contracts"}


async def test_siwe_and_viem_sign_in_and_nothing_else_does(settings: Settings, evm: Evm) -> None:
    wallet = Wallet()
    made = app.create_app(settings.model_copy(update={"rpc_urls": (evm.node.url,)}), SHORT)
    given = {
        "rpc": evm.node.url,
        "key": wallet.key.to_hex(),
        "wallet": checksum(evm.wallet(wallet.address)),
        "factory": checksum(evm.factory),
    }
    server = Server(made, timeout_graceful_shutdown=1)
    async with server.running(listening("127.0.0.1", 0)) as port:
        told = await said({**given, "url": f"http://127.0.0.1:{port}/graphql"})
    assert told == dict.fromkeys(SUITES)


async def said(given: dict[str, str]) -> dict[str, Any]:
    """What the program said of each of its suites."""
    program = (ROOT / ".venv/bin/node", ROOT / "tests/clients/accounts.js", json.dumps(given))
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(120):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return {each["name"]: each["error"] for each in map(json.loads, out.splitlines())}


@pytest.mark.parametrize(("kept", "field"), [(False, "nonce"), (True, "expiration-time")])
async def test_a_nonce_is_late_after_its_life_even_where_redis_still_has_it(
    caller: Caller, redis_url: str, monkeypatch: pytest.MonkeyPatch, kept: bool, field: str
) -> None:
    wallet = Wallet()
    assert challenges.LIFE.total_seconds() == 300
    monkeypatch.setattr(challenges, "LIFE", challenges.LIFE / 300)
    made = (await caller.data(CHALLENGE, address=wallet.shown))["signInChallenge"]
    with Redis.from_url(redis_url) as redis:
        [key] = redis.keys("dchat:nonce:*")
        assert 0 < redis.pttl(key) <= 1000
        if kept:
            redis.persist(key)
        await asyncio.sleep(1.1)
        assert redis.exists(key) == kept
    given = {"message": made["message"], "signature": wallet.sign(made["message"])}
    assert (await caller.error(SIGN_IN, **given))["field"] == field
