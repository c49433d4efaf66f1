"""The benchmark's node answers what the indexer's validated client believes."""

import json
from collections.abc import Collection, Sequence

import pytest

from benchmarks.archive import Archive
from benchmarks.server import Served
from indexer.chain.node import Node
from indexer.chain.rpc import Rpc
from indexer.chain.validate import check_links
from indexer.chain.wire import Call
from indexer.errors import BadAnswer, NodeBehind, RangeTooLarge
from indexer.events.definitions import Contract
from indexer.sync.deployment import find
from indexer.units import Address, BlockNumber, Hash32, to_hex

UNKNOWN = Hash32(b"\x99" * 32)


@pytest.fixture
def ours(archive: Archive) -> Collection[Address]:
    return {archive.meta.address(contract) for contract in Contract}


def last_of(archive: Archive, logs: int) -> BlockNumber:
    return BlockNumber(archive.reach(0, logs))


async def test_it_tells_its_chain_and_its_heads(node: Node, archive: Archive) -> None:
    assert await node.chain_id() == 31337
    heads = await node.heads()
    head = archive.head
    assert (heads.latest, heads.safe, heads.finalized) == (head, head - 32, head - 64)


async def test_headers_are_linked_up_to_the_head(node: Node, archive: Archive) -> None:
    headers = await node.headers([BlockNumber(n) for n in range(archive.head + 1)])
    check_links(headers)
    assert await node.header_by_hash(headers[7].hash) == headers[7]


async def test_what_it_does_not_have_it_does_not_tell(
    node: Node, rpc: Rpc, archive: Archive
) -> None:
    with pytest.raises(NodeBehind):
        await node.headers([BlockNumber(archive.head + 1)])
    assert await node.header_by_hash(UNKNOWN) is None
    for method in ("eth_getTransactionByHash", "eth_getTransactionReceipt"):
        assert bytes(await rpc.call(method, [to_hex(UNKNOWN)])) == b"null"


async def test_a_range_within_the_limit_has_all_its_logs(
    node: Node, archive: Archive, ours: Collection[Address]
) -> None:
    last = last_of(archive, 10_000)
    logs = await node.logs(BlockNumber(0), last, ours)
    assert len(logs) == archive.events_before(last + 1) > 9_500
    rest = await node.logs(BlockNumber(last + 1), BlockNumber(archive.head), ours)
    assert len(logs) + len(rest) == archive.meta.events


async def test_a_range_over_the_limit_is_refused_with_one_that_is_allowed(
    node: Node, archive: Archive, ours: Collection[Address]
) -> None:
    last = last_of(archive, 10_000)
    with pytest.raises(RangeTooLarge) as refused:
        await node.logs(BlockNumber(0), BlockNumber(last + 1), ours)
    assert refused.value.suggested == last + 1


async def test_the_logs_of_a_block_by_its_hash_are_those_by_its_number(
    node: Node, ours: Collection[Address]
) -> None:
    [header] = await node.headers([BlockNumber(9)])
    assert await node.block_logs(header, ours) == await node.logs(
        BlockNumber(9), BlockNumber(9), ours
    )


async def test_the_logs_of_one_contract_or_topic_are_those_of_all_that_are_its(
    node: Node, rpc: Rpc, archive: Archive, ours: Collection[Address]
) -> None:
    span = (BlockNumber(0), BlockNumber(30))
    logs = await node.logs(*span, ours)
    one = archive.meta.address(Contract.RED_PACKET)
    assert await node.logs(*span, [one]) == [log for log in logs if log.address == one] != []
    topic = logs[-1].topics[0]
    query = {"fromBlock": "0x0", "toBlock": hex(30), "topics": [[to_hex(topic)]]}
    told = json.loads(bytes(await rpc.call("eth_getLogs", [query])))
    assert len(told) == sum(log.topics[0] == topic for log in logs)


async def test_the_transactions_of_logs_are_in_their_blocks(
    node: Node, ours: Collection[Address]
) -> None:
    logs = await node.logs(BlockNumber(0), BlockNumber(20), ours)
    blocks = {log.transaction_hash: log.block_hash for log in logs}
    transactions = await node.transactions(blocks.keys())
    assert {hash_: one.block_hash for hash_, one in transactions.items()} == blocks


async def test_a_whole_block_holds_its_transactions(rpc: Rpc, archive: Archive) -> None:
    whole = json.loads(bytes(await rpc.call("eth_getBlockByNumber", ["0x9", True])))
    short = json.loads(bytes(await rpc.call("eth_getBlockByNumber", ["0x9", False])))
    assert [one["hash"] for one in whole["transactions"]] == short["transactions"] != []
    empty = json.loads(bytes(await rpc.call("eth_getBlockByNumber", ["0x0", True])))
    assert empty["transactions"] == []


async def test_a_receipt_holds_the_logs_of_its_transaction(
    node: Node, rpc: Rpc, ours: Collection[Address]
) -> None:
    log = (await node.logs(BlockNumber(9), BlockNumber(9), ours))[-1]
    hash_ = to_hex(log.transaction_hash)
    receipt = json.loads(bytes(await rpc.call("eth_getTransactionReceipt", [hash_])))
    assert {one["transactionHash"] for one in receipt["logs"]} == {hash_}
    assert receipt["logs"][-1]["logIndex"] == hex(log.log_index)


async def test_the_deployment_names_the_creations(
    node: Node, archive: Archive, folder: str
) -> None:
    deployment = find(f"{folder}/deployment.json")
    for contract, place in deployment.places.items():
        assert place.address == archive.meta.address(contract)
        assert place.creation_tx is not None
        assert await node.creation_block(place.creation_tx) == 1


async def test_nonsense_is_refused_and_does_not_end_it(rpc: Rpc) -> None:
    nonsense: tuple[tuple[str, list[object]], ...] = (
        ("eth_mystery", []),
        ("eth_getBlockByNumber", ["nonsense"]),
        ("eth_getBlockByNumber", []),
        ("eth_getTransactionByHash", ["0x12"]),
        ("eth_getLogs", [{"topics": 5}]),
    )
    for method, params in nonsense:
        with pytest.raises(BadAnswer):
            await refused(rpc, method, params)
    assert await rpc.chain_id() == 31337


async def refused(rpc: Rpc, method: str, params: Sequence[object]) -> None:
    """Asks without the client's patience hiding what the node said."""
    endpoint = rpc.pool.endpoints[0]
    [answer] = await endpoint.send(rpc.pool.http(), [Call(method=method, params=tuple(params))])
    answer.raw()


async def test_it_counts_requests_calls_and_bytes(node: Node, server: Served) -> None:
    before = server.stats()
    await node.headers([BlockNumber(1), BlockNumber(2), BlockNumber(3)])
    after = server.stats()
    name = "eth_getBlockByNumber"
    assert after.calls[name] - before.calls.get(name, 0) == 3
    assert after.requests - before.requests == 2  # and eth_chainId, once
    assert after.sent - before.sent > 3 * 512
    assert 0 < after.first <= before.first or before.first == 0
