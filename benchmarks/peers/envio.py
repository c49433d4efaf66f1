"""Envio HyperIndex: one handler an event, run twice to read in batches; from RPC, not HyperSync."""

import socket
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from benchmarks.peers.peer import ABIS, Peer, Task
from indexer.events.definitions import Contract

NAMES: Final = {
    Contract.GROUP_CHAT: "ENVIO_GROUP_CHAT",
    Contract.GROUP_PAYMENT: "ENVIO_GROUP_PAYMENT",
    Contract.RED_PACKET: "ENVIO_RED_PACKET",
}


def _environment(task: Task) -> Mapping[str, str]:
    database = urlsplit(task.database_url)
    return {
        **{name: task.address(contract) for contract, name in NAMES.items()},
        "ENVIO_RPC_URL": task.node_url,
        "ENVIO_CHAIN_ID": str(task.archive.meta.chain_id),
        "ENVIO_LAST_BLOCK": str(task.archive.head),
        "ENVIO_PG_HOST": str(database.hostname),
        "ENVIO_PG_PORT": str(database.port),
        "ENVIO_PG_USER": str(database.username),
        "ENVIO_PG_PASSWORD": unquote(str(database.password)),
        "ENVIO_PG_DATABASE": database.path.lstrip("/"),
        "ENVIO_PG_PUBLIC_SCHEMA": "envio",
        "ENVIO_PG_SSL_MODE": "false",
        "ENVIO_HASURA": "false",
        "ENVIO_INDEXER_PORT": str(_free_port()),
        "TUI_OFF": "true",
        "LOG_LEVEL": "warn",
        "LOG_STRATEGY": "console-raw",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _table(name: str) -> str:
    return f'envio."{name.title().replace("_", "")}"'


ENVIO: Final = Peer(
    name="Envio",
    package="envio",
    build=(
        ("mkdir", "-p", "abis"),
        ("cp", *(f"{ABIS}/{contract.solidity_name}.json" for contract in Contract), "abis"),
    ),
    # The node's address and the last block become part of the generated code.
    prepare=(
        ("envio", "codegen"),
        ("ln", "-sfn", "../generated", "node_modules/generated"),
        ("npm", "run", "--prefix", "generated", "db-up"),
    ),
    command=("ts-node", "--transpile-only", "generated/src/Index.res.js"),
    environment=_environment,
    table=_table,
    done="SELECT progress_block >= {head} FROM envio.envio_chains",
)
