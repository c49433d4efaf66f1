"""Ponder: one function an event, the node's answers kept in Postgres."""

from collections.abc import Mapping
from typing import Final

from benchmarks.peers.peer import ABIS, Peer, Task
from indexer.events.definitions import Contract

DONE: Final = """
SELECT substr(latest_checkpoint, 27, 16)::bigint >= {head} FROM ponder._ponder_checkpoint
"""
"""A checkpoint is made of decimals: the time in 10, the chain in 16, the block in 16, …"""


def _environment(task: Task) -> Mapping[str, str]:
    return {
        "RPC_URL": task.node_url,
        "CHAIN_ID": str(task.archive.meta.chain_id),
        "DATABASE_URL": task.database_url,
        "DATABASE_SCHEMA": "ponder",
        "ADDRESSES": ",".join(task.address(contract) for contract in Contract),
        "PONDER_TELEMETRY_DISABLED": "true",
        "PORT": "0",
    }


PONDER: Final = Peer(
    name="Ponder",
    package="ponder",
    build=(("node", "abis.js", *(f"{ABIS}/{c.solidity_name}.json" for c in Contract)),),
    command=("ponder", "start", "--log-level", "warn"),
    environment=_environment,
    table=lambda name: f"ponder.{name}",
    done=DONE,
    forget="DROP SCHEMA IF EXISTS compared CASCADE; DROP SCHEMA ponder CASCADE",
)
