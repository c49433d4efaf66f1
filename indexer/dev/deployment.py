"""Our contracts on a dev chain, deployed once."""

import asyncio
import json
import os
from pathlib import Path
from typing import Final

from indexer.dev.chain import CHAIN_ID
from indexer.dev.home import Home
from indexer.dev.jsonrpc import JsonRpc
from indexer.dev.node import deploy_script, node
from indexer.dev.process import last_lines, reap, spawn, stop
from indexer.errors import DeploymentError, PartDied

PATIENCE: Final = 120.0


async def deployed(home: Home, rpc: JsonRpc) -> Path:
    """The deployments file of the contracts that live on that chain; deploys them if need be."""
    path = home.room("deployments") / f"{CHAIN_ID}.json"
    if not await _lives(path, rpc):
        await _deploy(home, rpc.url)
    return path


def addresses(path: Path) -> dict[str, str]:
    """Contract name → address, as the file has them. Raises DeploymentError."""
    try:
        contracts = json.loads(path.read_text())["contracts"]
        return {name: str(contract["address"]) for name, contract in contracts.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeploymentError(f"{path} is not a deployments file: {error!r}") from None


async def _lives(path: Path, rpc: JsonRpc) -> bool:
    if not path.exists():
        return False
    found = [await rpc.call("eth_getCode", each, "latest") for each in addresses(path).values()]
    return all(code != "0x" for code in found)


async def _deploy(home: Home, url: str) -> None:
    log = home.log("deployment")
    start = log.stat().st_size if log.exists() else 0
    script, program = deploy_script(), await asyncio.to_thread(node)
    folder = str(home.room("deployments"))
    env = {**os.environ, "RPC_URL": url, "DEPLOYMENTS_DIR": folder}
    process = spawn([program, script], log=log, env=env, cwd=script.parent)
    try:
        async with asyncio.timeout(PATIENCE):
            while process.poll() is None:
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise PartDied(f"deploying took more than {PATIENCE:.0f} s (log: {log})") from None
    finally:
        if process.poll() is None:
            stop(process)
    if reap(process, grace=0) != 0:
        reason = " | ".join(last_lines(log, 3, start))
        raise PartDied(f"the contracts were not deployed: {reason} (log: {log})")
