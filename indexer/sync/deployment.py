"""The deployment that is indexed: which contracts, on which chain, from which block."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from indexer.errors import DeploymentError
from indexer.events.definitions import Contract
from indexer.units import Address, BlockNumber, Hash32, address, hash32

FOLDER: Final = Path(__file__).parents[2] / "contracts" / "deployments"
NAMES: Final = {"mainnet": 1, "sepolia": 11155111, "hardhat": 31337, "anvil": 31337}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a contract is. One of `start_block` and `creation_tx` is known."""

    address: Address
    start_block: BlockNumber | None
    creation_tx: Hash32 | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The three contracts of one chain."""

    chain_id: int
    places: dict[Contract, Place]


def find(wanted: str | None) -> Deployment:
    """The deployment of this chain id, name or path. Raises DeploymentError."""
    if not wanted:
        raise DeploymentError(
            "DCHAT_DEPLOYMENT is not set: give a chain id, a name or the path of a deployments file"
        )
    path = _path(wanted)
    try:
        told = json.loads(path.read_text())
    except FileNotFoundError:
        raise DeploymentError(
            f"DCHAT_DEPLOYMENT={wanted}: there is no file {path} (known: {_known()})"
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise DeploymentError(f"DCHAT_DEPLOYMENT: {path} can't be read: {error}") from None
    try:
        return _deployment(told)
    except ValueError as error:
        raise DeploymentError(f"DCHAT_DEPLOYMENT: {path}: {error}") from None


def _path(wanted: str) -> Path:
    if wanted.isdigit():
        return FOLDER / f"{wanted}.json"
    if wanted.lower() in NAMES:
        return FOLDER / f"{NAMES[wanted.lower()]}.json"
    path = Path(wanted)
    if path.suffix or path.parent != Path("."):
        return path
    return FOLDER / f"{wanted}.json"


def _known() -> str:
    files = sorted(path.stem for path in FOLDER.glob("*.json"))
    return ", ".join([*files, *(name for name, id_ in NAMES.items() if str(id_) in files)])


def _deployment(told: Any) -> Deployment:
    if not isinstance(told, dict):
        raise ValueError("is not a JSON object")
    chain_id = told.get("chainId")
    if type(chain_id) is not int or not 0 < chain_id < 2**63:
        raise ValueError(f"chainId is {chain_id!r}, not a positive integer")
    contracts = told.get("contracts")
    if not isinstance(contracts, dict):
        raise ValueError('"contracts" is missing')
    places = {contract: _place(contract, contracts) for contract in Contract}
    if len({place.address for place in places.values()}) < len(places):
        raise ValueError("two contracts have the same address")
    return Deployment(chain_id=chain_id, places=places)


def _place(contract: Contract, contracts: dict[str, Any]) -> Place:
    name = contract.solidity_name
    told = contracts.get(name)
    if not isinstance(told, dict):
        raise ValueError(f'"contracts" has no "{name}"')
    start, creation = told.get("startBlock"), told.get("creationTx")
    if start is None and creation is None:
        raise ValueError(f"{name} has neither startBlock nor creationTx")
    if start is not None and (type(start) is not int or not 0 <= start < 2**63):
        raise ValueError(f"{name}.startBlock is {start!r}, not a block number")
    return Place(
        address=Address(_field(name, "address", told.get("address"), address)),
        start_block=None if start is None else BlockNumber(start),
        creation_tx=None
        if creation is None
        else Hash32(_field(name, "creationTx", creation, hash32)),
    )


def _field(contract: str, name: str, told: Any, read: Any) -> bytes:
    if not isinstance(told, str):
        raise ValueError(f"{contract}.{name} is {told!r}, not a hex string")
    try:
        return bytes(read(told))
    except ValueError as error:
        raise ValueError(f"{contract}.{name}: {error}") from None
