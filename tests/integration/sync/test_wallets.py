"""On a real EVM: whoever passes a call on, the index knows what it said, trace or no trace."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from eth_abi.abi import encode

from indexer.dev.chain import DevChain
from indexer.dev.deployment import addresses, deployed
from indexer.dev.home import Home
from indexer.dev.jsonrpc import JsonRpc, connected
from indexer.dev.ports import free_port
from indexer.dev.process import stop
from indexer.engine import index as run_index
from indexer.errors import NodeUnavailable
from indexer.events.abi import selector
from indexer.events.calls.group_chat import CreateGroup, UpdateGroupSettings
from indexer.events.calls.group_payment import CreateCrowdfunding, CreateGroupCollection
from indexer.events.calls.red_packet import CreateExclusiveRedPacket
from indexer.settings import Settings
from indexer.units import Address
from tests.fakes.proxy import lacking
from tests.integration.indexing import Index
from tests.unit.events.encodings import calldata

ARTIFACTS: Final = Path(__file__).parents[3] / "hardhat" / "artifacts" / "test-contracts"
EMOJI: Final = "🍜".encode() * 75
ADA, BOB = Address(b"\xad" * 20), Address(b"\xb0" * 20)
ETHER: Final = 10**18
TRACE: Final = "debug_traceTransaction"


def tea(avatar: bytes, most: int = 9) -> CreateGroup:
    return CreateGroup(b"tea", avatar, b"", True, most)


def settings(most: int) -> UpdateGroupSettings:
    return UpdateGroupSettings(b"group_1", False, False, True, most, True)


class Wallets:
    """Our contracts on a chain of its own, a multisig and a batcher."""

    def __init__(self, rpc: JsonRpc, deployment: Path) -> None:
        self.rpc, self.deployment = rpc, deployment
        self.ours = addresses(deployment)
        self.places: dict[str, str] = {}

    async def deploy(self, name: str) -> None:
        artifact = json.loads((ARTIFACTS / f"{name}.sol" / f"{name}.json").read_text())
        receipt = await self.send(None, bytes.fromhex(artifact["bytecode"][2:]))
        self.places[name] = receipt["contractAddress"]

    async def send(self, to: str | None, data: bytes, value: int = 0) -> Any:
        [sender, *_] = await self.rpc.call("eth_accounts")
        told = {"from": sender, "data": "0x" + data.hex(), "value": hex(value), "gas": "0x7a1200"}
        sent = await self.rpc.call("eth_sendTransaction", told | ({"to": to} if to else {}))
        await self.rpc.call("evm_mine")
        receipt = await self.rpc.call("eth_getTransactionReceipt", sent)
        assert receipt["status"] == "0x1", data[:4].hex()
        return receipt

    async def multisig(self, contract: str, call: Any, value: int = 0) -> None:
        given = [self.ours[contract], value, calldata(call)]
        await self._wallet("execute(address,uint256,bytes)", given, value)

    async def turned(self, contract: str, call: Any) -> None:
        hidden = bytes(255 - byte for byte in calldata(call))
        await self._wallet("executeTurned(address,bytes)", [self.ours[contract], hidden])

    async def after_failing(self, contract: str, undone: Any, call: Any) -> None:
        given = [self.ours[contract], calldata(undone), calldata(call)]
        await self._wallet("executeAfterFailing(address,bytes,bytes)", given)

    async def batch(self, calls: Sequence[tuple[str, Any]]) -> None:
        given = [(self.ours[contract], calldata(call)) for contract, call in calls]
        data = selector("aggregate((address,bytes)[])") + encode(["(address,bytes)[]"], [given])
        await self.send(self.places["Batcher"], data)

    async def _wallet(self, signature: str, given: list[Any], value: int = 0) -> None:
        types = signature.split("(")[1].rstrip(")").split(",")
        data = selector(signature) + encode(types, given)
        await self.send(self.places["Multisig"], data, value)


@asynccontextmanager
async def wallets(path: Path) -> AsyncIterator[Wallets]:
    home, port = Home.open(path), free_port()
    process = DevChain(home=home).start(port)
    try:
        async with connected(f"http://127.0.0.1:{port}") as rpc:
            while True:
                try:
                    await rpc.call("eth_chainId")
                    break
                except NodeUnavailable:
                    await asyncio.sleep(0.02)
            made = Wallets(rpc, await deployed(home, rpc))
            await rpc.call("evm_setIntervalMining", 0)
            for name in ("Multisig", "Batcher"):
                await made.deploy(name)
            yield made
    finally:
        stop(process)


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Wallets]:
    """A chain on which nobody called our contracts directly."""
    async with wallets(tmp_path / "home") as made:
        chat, payment, packet = "GroupChatV2", "GroupPayment", "RedPacket"
        await made.multisig(chat, tea(b"first"))
        refused = CreateGroup(b"coffee", b"no", b"", True, 1)
        await made.batch([(chat, tea(b"second")), (chat, refused), (chat, tea(b"third"))])
        await made.multisig(chat, settings(50))
        collection = CreateGroupCollection(b"lunch", 5, (ADA, BOB), b"eat", 2**40)
        roof = CreateCrowdfunding(b"group1", 7, 1, b"roof", b"leaks", 2**40)
        await made.batch([(payment, collection), (chat, tea(b"fourth")), (payment, roof)])
        gift = CreateExclusiveRedPacket(EMOJI, (BOB, ADA), b"hi")
        await made.multisig(packet, gift, ETHER)
        yield made


async def indexed(made: Wallets, index: Index, without: Collection[str] = ()) -> None:
    async with AsyncExitStack() as stack:
        url = made.rpc.url
        if without:
            url = await stack.enter_async_context(lacking(url, without))
        told = Settings(rpc_urls=(url,), deployment=str(made.deployment), database_url=index.url)
        audit = "eth_call" not in without
        await asyncio.to_thread(run_index, told, index.url, to_block=None, once=True, audit=audit)


def seen(index: Index) -> list[list[tuple[Any, ...]]]:
    """What the events alone do not tell."""
    queries = (
        "SELECT group_id, avatar, max_members::int FROM groups ORDER BY created_block, group_id",
        "SELECT group_id, title, description, deadline_seconds::text FROM payments ORDER BY kind",
        "SELECT group_id, message FROM red_packets",
        "SELECT address FROM recipients ORDER BY position",
    )
    return [index.rows(query) for query in queries]


def words(index: Index) -> set[str]:
    rows = index.rows("SELECT DISTINCT input_source FROM events WHERE input IS NOT NULL")
    return {str(source) for (source,) in rows}


EXPECTED: Final = [
    [
        ("group_1", "first", 50),
        ("group_2", "second", 9),
        ("group_3", "third", 9),
        ("group_4", "fourth", 9),
    ],
    [("lunch", None, "eat", str(2**40)), ("group1", "roof", "leaks", str(2**40))],
    [(EMOJI.decode(), "hi")],
    [(BOB,), (ADA,)],
]


async def test_what_passes_through_other_contracts_is_known_with_and_without_traces(
    made: Wallets, new_index: Callable[[], Index]
) -> None:
    people = "SELECT address FROM participants ORDER BY position"
    for without, source in (((), "1"), ((TRACE,), "2")):
        index = new_index()
        await indexed(made, index, without)
        assert seen(index) == EXPECTED
        assert index.rows(people) == [(ADA,), (BOB,)]
        assert words(index) == {source}


async def test_a_call_that_was_undone_is_not_taken_for_the_one_that_was_not(
    made: Wallets, new_index: Callable[[], Index]
) -> None:
    await made.after_failing("GroupChatV2", settings(70), settings(60))
    for without, source in (((), "trace"), ((TRACE,), "view"), ((TRACE, "eth_call"), "unknown")):
        index = new_index()
        await indexed(made, index, without)
        [(most, sources)] = index.rows(
            "SELECT max_members::int, sources FROM groups WHERE group_id = 'group_1'"
        )
        assert sources["maxMembers"] == source
        assert most == (50 if source == "unknown" else 60)


async def test_what_the_input_does_not_show_is_seen_in_the_trace_or_in_the_views(
    tmp_path: Path, new_index: Callable[[], Index]
) -> None:
    async with wallets(tmp_path / "home") as made:
        await made.turned("GroupChatV2", tea(b"turned", 33))
        await made.turned("GroupChatV2", settings(44))
        roof = CreateCrowdfunding(EMOJI, 7, 1, b"roof", b"leaks", 2**40)
        await made.turned("GroupPayment", roof)
        for without, source in (((), "1"), ((TRACE,), "3")):
            index = new_index()
            await indexed(made, index, without)
            groups, payments, *_ = seen(index)
            assert groups == [("group_1", "turned", 44)]
            assert payments == [(EMOJI.decode(), "roof", "leaks", str(2**40))]
            assert words(index) == {source}
        index = new_index()
        await indexed(made, index, (TRACE, "eth_call"))
        assert words(index) == set()
