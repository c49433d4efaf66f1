"""Subsquid: batches of blocks, entities of TypeORM."""

from collections.abc import Mapping
from typing import Final

from benchmarks.peers.peer import ABIS, Peer, Task
from indexer.events.definitions import Contract


def _environment(task: Task) -> Mapping[str, str]:
    return {
        "RPC_URL": task.node_url,
        "DB_URL": task.database_url,
        "ADDRESSES": ",".join(task.address(contract) for contract in Contract),
        "LAST_BLOCK": str(task.archive.head),
    }


SUBSQUID: Final = Peer(
    name="Subsquid",
    package="@subsquid/evm-processor",
    build=(
        ("squid-typeorm-codegen",),
        ("squid-evm-typegen", "src/abi", *(f"{ABIS}/{c.solidity_name}.json" for c in Contract)),
        ("tsc",),
    ),
    prepare=(
        ("rm", "-rf", "db/migrations"),
        ("squid-typeorm-migration-generate",),
        ("squid-typeorm-migration-apply",),
    ),
    command=("node", "lib/main.js"),
    environment=_environment,
    table=lambda name: f"public.{name}",
)
