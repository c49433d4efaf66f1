"""`dchat index` from its settings on: which deployment, which chain, which database."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from indexer.engine import index as run
from indexer.errors import ChainMismatch, ConfigError, DeploymentError, NodeBehind, SchemaError
from indexer.events.definitions import Contract
from indexer.settings import Settings
from indexer.units import to_hex
from tests.fakes import FakeChain, FakeNode, Sent
from tests.integration.conftest import named
from tests.integration.indexing import Index
from tests.integration.sync.histories import ADDRESSES


def deployment(folder: Path, chain_id: int = 31337, **places: Any) -> str:
    """The path of a deployments file; each contract starts in block 1 unless told otherwise."""
    told = {
        contract.solidity_name: {"address": to_hex(address)}
        | places.get(contract.solidity_name, {"startBlock": 1})
        for contract, address in ADDRESSES.items()
    }
    path = folder / "deployment.json"
    path.write_text(json.dumps({"chainId": chain_id, "contracts": told}))
    return str(path)


async def indexed(index: Index, fake: FakeNode | None, wanted: str) -> None:
    urls = () if fake is None else (fake.url,)
    settings = Settings(rpc_urls=urls, deployment=wanted, rpc_patience=0.5)
    await asyncio.to_thread(run, settings, index.url, to_block=None, once=True)


async def test_a_start_known_by_its_creation_transaction_is_looked_up_once(
    chain: FakeChain, fake: FakeNode, index: Index, tmp_path: Path
) -> None:
    chain.mine_empty(4)
    hashes = [chain.mine(transactions=[Sent(to=None)]).transactions[0].hash for _ in Contract]
    places: dict[str, Any] = {
        contract.solidity_name: {"creationTx": to_hex(hash_)}
        for contract, hash_ in zip(Contract, hashes, strict=True)
    }
    wanted = deployment(tmp_path, **places)
    await indexed(index, fake, wanted)
    told = index.rows("SELECT contract, start_block FROM contracts ORDER BY contract")
    assert told == [(0, 5), (1, 6), (2, 7)]
    assert index.value("SELECT min(number) FROM blocks") == 5
    assert fake.methods["eth_getTransactionReceipt"] == 3
    await indexed(index, fake, wanted)
    assert fake.methods["eth_getTransactionReceipt"] == 3


async def test_an_unknown_creation_transaction_is_named(
    fake: FakeNode, index: Index, tmp_path: Path
) -> None:
    wanted = deployment(tmp_path, RedPacket={"creationTx": "0x" + "77" * 32})
    with pytest.raises(NodeBehind, match="knows no transaction 0x7777"):
        await indexed(index, fake, wanted)
    assert index.rows("SELECT * FROM cursor") == []


async def test_a_node_of_another_chain_than_the_deployment_s_is_refused(
    fake: FakeNode, index: Index, tmp_path: Path
) -> None:
    with pytest.raises(ChainMismatch, match="is of chain 31337, and chain 5 is wanted"):
        await indexed(index, fake, deployment(tmp_path, 5))
    assert index.rows("SELECT * FROM cursor") == []


async def test_a_database_of_another_chain_or_deployment_is_refused(
    fake: FakeNode, index: Index, tmp_path: Path
) -> None:
    await indexed(index, fake, deployment(tmp_path))
    elsewhere = {"address": "0x" + "99" * 20, "startBlock": 1}
    with pytest.raises(ChainMismatch, match="indexes RedPacket at 0x"):
        await indexed(index, fake, deployment(tmp_path, RedPacket=elsewhere))
    fake.rpc.chain_id = 5
    with pytest.raises(ChainMismatch, match="this database indexes chain 31337"):
        await indexed(index, fake, deployment(tmp_path, 5))


async def test_a_deployment_and_a_node_have_to_be_given(fake: FakeNode, index: Index) -> None:
    with pytest.raises(DeploymentError, match="DCHAT_DEPLOYMENT is not set"):
        await indexed(index, fake, "")
    with pytest.raises(ConfigError, match="DCHAT_RPC_URLS is not set"):
        await indexed(index, None, "11155111")


async def test_a_database_without_tables_is_refused(
    fake: FakeNode, postgres_url: str, tmp_path: Path
) -> None:
    with pytest.raises(SchemaError, match="run `dchat migrate`"):
        await indexed(Index(named(postgres_url, "postgres")), fake, deployment(tmp_path))
