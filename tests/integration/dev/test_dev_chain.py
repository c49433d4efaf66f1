"""A real dev chain with our contracts, and the community that uses them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from indexer.dev.chain import DevChain, height
from indexer.dev.community import Community, community_of
from indexer.dev.community.calls import Call
from indexer.dev.community.history import CALLS
from indexer.dev.deployment import addresses, deployed
from indexer.dev.home import Home
from indexer.dev.jsonrpc import JsonRpc, Refused, connected
from indexer.dev.ports import free_port
from indexer.dev.process import stop
from indexer.errors import NodeUnavailable


@asynccontextmanager
async def running(home: Home, *, killed: bool = False) -> AsyncIterator[JsonRpc]:
    port = free_port()
    process = DevChain(home=home).start(port)
    try:
        async with connected(f"http://127.0.0.1:{port}") as rpc:
            while True:
                try:
                    await rpc.call("eth_chainId")
                    break
                except NodeUnavailable:
                    await asyncio.sleep(0.02)
            yield rpc
    finally:
        process.kill() if killed else stop(process)
        process.wait()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A chain with a history, ended in order."""
    home = Home.open(tmp_path_factory.mktemp("chain"))
    asyncio.run(_settle(home))
    return home


async def _settle(home: Home) -> None:
    async with running(home) as rpc:
        await (await settled(home, rpc)).settle()


async def settled(home: Home, rpc: JsonRpc) -> Community:
    return await community_of(rpc, await deployed(home, rpc), seed=1)


async def test_the_history_holds_some_of_everything(home: Home) -> None:
    async with running(home) as rpc:
        world = (await settled(home, rpc)).world
    pots, packets = world.pots.values(), world.packets.values()
    assert world.turn >= CALLS
    assert len(world.groups) >= 20
    assert {pot.kind for pot in pots if pot.completed()} == {0, 1, 2}
    assert any(pot.cancelled and pot.payers for pot in pots)
    assert any(pot.withdrawn for pot in pots)
    assert any(packet.left == 0 for packet in packets)
    assert any(packet.refunded for packet in packets)
    assert any(packet.recipients for packet in packets)
    assert any(group.requests for group in world.groups.values())


async def test_the_history_lies_in_the_past_and_ends_now(home: Home) -> None:
    async with running(home) as rpc:
        first = await rpc.call("eth_getBlockByNumber", "0x1", False)
        community = await settled(home, rpc)
        now = await community.sender.now()
    assert time.time() - int(first["timestamp"], 16) > 20 * 86_400
    assert abs(time.time() - now) < 60


async def test_a_second_start_goes_on_with_the_same_blocks(home: Home) -> None:
    async with running(home) as rpc:
        newest = await rpc.call("eth_getBlockByNumber", "latest", False)
        path = await deployed(home, rpc)
        made = path.stat().st_mtime_ns
    async with running(home) as rpc:
        again = await rpc.call("eth_getBlockByNumber", newest["number"], False)
        assert again["hash"] == newest["hash"]
        assert (await deployed(home, rpc)).stat().st_mtime_ns == made
        assert await rpc.number("eth_blockNumber") >= int(newest["number"], 16)


async def test_a_killed_chain_goes_on_from_what_was_saved(home: Home) -> None:
    chain = DevChain(home=home)
    async with running(home, killed=True) as rpc:
        await chain.save(rpc)
        saved = height(chain.saved)
        kept = await rpc.call("eth_getBlockByNumber", hex(saved), False)
        await rpc.call("anvil_mine", "0x5")
    async with running(home) as rpc:
        assert saved <= await rpc.number("eth_blockNumber") < saved + 5
        assert (await rpc.call("eth_getBlockByNumber", hex(saved), False))["hash"] == kept["hash"]


async def test_the_community_remembers_what_it_did_and_goes_on(home: Home) -> None:
    async with running(home) as rpc:
        community = await settled(home, rpc)
        calls = [await community.act() for _ in range(4)]
        assert (community.accepted, community.refused) == (4, 0)
        again = await settled(home, rpc)
    assert len(calls) == 4
    assert again.world == community.world


async def test_a_refused_call_is_counted_and_told_and_life_goes_on(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(home) as rpc:
        community = await settled(home, rpc)
        bad = Call(sender=community.users[0], name="joinGroup", args=("no such group",))
        with monkeypatch.context() as patch:
            patch.setattr("indexer.dev.community.life.next_call", lambda *_, **__: bad)
            assert await community.act() == bad
        assert (community.accepted, community.refused) == (0, 1)
        with pytest.raises(Refused):
            await community.sender.send(bad)
        await community.act()
        assert community.accepted == 1


async def test_contracts_that_the_chain_has_forgotten_are_deployed_again(
    home: Home, tmp_path: Path
) -> None:
    other = Home.open(tmp_path)
    source = home.room("deployments") / "31337.json"
    (other.room("deployments") / source.name).write_text(source.read_text())
    async with running(other) as rpc:
        path = await deployed(other, rpc)
        for address in addresses(path).values():
            assert await rpc.call("eth_getCode", address, "latest") != "0x"
