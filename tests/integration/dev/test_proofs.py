"""Blocks of a real EVM node prove themselves: their hashes, their receipts, what is missing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from indexer.db.completeness import Proof
from indexer.dev.chain import CHAIN_ID
from indexer.dev.deployment import addresses, deployed
from indexer.dev.home import Home
from indexer.dev.jsonrpc import JsonRpc
from indexer.events.definitions import Contract
from indexer.sync.fetch import Fetcher
from indexer.units import Address, BlockNumber, address, keccak
from tests.fakes.proxy import lacking
from tests.integration.dev.test_dev_chain import running, settled

TYPES: list[dict[str, Any]] = [
    {"type": "0x0", "gasPrice": "0x77359400"},
    {"type": "0x1", "gasPrice": "0x77359400", "accessList": []},
    {"type": "0x2", "maxFeePerGas": "0x77359400", "maxPriorityFeePerGas": "0x1"},
]
CREATE = "0x" + keccak(b"createGroup(string,string,string,bool,uint256)")[:4].hex()


@asynccontextmanager
async def village(folder: Path) -> AsyncIterator[tuple[JsonRpc, dict[Address, Contract]]]:
    """A chain with a history, and our contracts on it."""
    home = Home.open(folder)
    async with running(home) as rpc:
        await (await settled(home, rpc)).settle()
        told = addresses(await deployed(home, rpc))
        yield rpc, {address(told[one.solidity_name]): one for one in Contract}


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Node]:
    node = Node(Rpc([url], expected_chain_id=CHAIN_ID, timeout=10, patience=10))
    try:
        yield node
    finally:
        await node.close()


async def _send(rpc: JsonRpc, group_chat: str, count: int) -> None:
    """A block with transactions of every type, of which every second one fails."""
    [sender, *_] = await rpc.call("eth_accounts")
    await rpc.call("evm_setAutomine", False)
    await rpc.call("evm_setIntervalMining", 0)
    for place in range(count):
        kind = TYPES[place % len(TYPES)]
        call = {"data": CREATE, "to": group_chat} if place % 2 else {"to": sender, "value": "0x1"}
        await rpc.call("eth_sendTransaction", {"from": sender, "gas": "0x186a0", **kind, **call})
    await rpc.call("evm_mine")


async def test_every_block_of_a_community_proves_that_nothing_is_missing(tmp_path: Path) -> None:
    async with village(tmp_path / "home") as (rpc, ours), connected(rpc.url) as node:
        await rpc.call("anvil_mine", "0x2")
        fetcher, head = Fetcher(node, ours), await rpc.number("eth_blockNumber")
        events, known = 0, set[Proof]()
        for first in range(1, head + 1, 64):
            last = BlockNumber(min(first + 63, head))
            batch = await fetcher.linked(BlockNumber(first), last)
            assert [one.first for one in batch.proofs] == list(range(first, last + 1))
            known |= {one.proof for one in batch.proofs}
            events += len(batch.events)
        assert known == {Proof.BLOOM, Proof.RECEIPTS}
        assert events == len(await node.logs(BlockNumber(1), BlockNumber(head), ours)) > 500


@pytest.mark.parametrize("count", [1, 2, 17, 130, 300])
async def test_transactions_of_every_type_and_failing_ones_are_proven(
    count: int, tmp_path: Path
) -> None:
    home = Home.open(tmp_path / "home")
    async with running(home) as rpc, connected(rpc.url) as node:
        told = addresses(await deployed(home, rpc))[Contract.GROUP_CHAT.solidity_name]
        await _send(rpc, told, count)
        head = BlockNumber(await rpc.number("eth_blockNumber"))
        receipts = await rpc.call("eth_getBlockReceipts", hex(head))
        assert len(receipts) == count
        assert {one["status"] for one in receipts} == ({"0x0", "0x1"} if count > 1 else {"0x1"})
        assert {one["type"] for one in receipts} == {kind["type"] for kind in TYPES[:count]}
        strand = await node.strand(head, head, {address(told)}, whole=True)
        assert strand.bodies[0].receipts_root is not None
        assert await node.witnesses.receipts(strand.bodies, {address(told)}) == [[]]


async def test_a_real_node_without_receipts_is_taken_at_its_word(tmp_path: Path) -> None:
    async with village(tmp_path / "home") as (rpc, ours):
        head = BlockNumber(await rpc.number("eth_blockNumber"))
        first = BlockNumber(head - 40)
        async with connected(rpc.url) as node:
            proven = await Fetcher(node, ours).linked(first, head)
        async with lacking(rpc.url, ["eth_getBlockReceipts"]) as url, connected(url) as node:
            told = await Fetcher(node, ours).linked(first, head)
    assert told.events == proven.events and told.blocks == proven.blocks
    assert {one.proof for one in told.proofs} <= {Proof.NODE, Proof.BLOOM}
