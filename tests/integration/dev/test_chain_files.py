"""The dev chain goes on from the newest state that is whole, and programs that lack are named."""

import json
import stat
from pathlib import Path

import pytest

from indexer.dev.chain import DevChain, height
from indexer.dev.deployment import addresses
from indexer.dev.home import Home
from indexer.dev.identity import enterable
from indexer.dev.node import anvil, deploy_script, version_of
from indexer.errors import DeploymentError, MissingTool


@pytest.fixture
def chain(tmp_path: Path) -> DevChain:
    return DevChain(home=Home.open(tmp_path))


def state(number: int) -> str:
    return json.dumps({"block": {"number": hex(number)}, "blocks": []})


def test_the_state_written_at_exit_is_taken_when_it_is_newer(chain: DevChain) -> None:
    chain.saved.write_text(state(5))
    chain.exit.write_text(state(7))
    chain.settle()
    assert height(chain.saved) == 7
    assert not chain.exit.exists()


def test_a_state_that_broke_off_is_not_taken(chain: DevChain) -> None:
    chain.saved.write_text(state(5))
    chain.exit.write_text(state(7)[:-3])
    chain.settle()
    assert height(chain.saved) == 5
    assert not chain.exit.exists()


def test_with_no_whole_state_the_chain_begins_anew(chain: DevChain) -> None:
    chain.saved.write_text("{")
    chain.settle()
    assert not chain.saved.exists()


def test_a_chain_is_lost_when_only_its_deployment_is_left(chain: DevChain) -> None:
    assert not chain.lost()
    (chain.home.room("deployments") / "31337.json").write_text("{}")
    assert chain.lost()
    chain.exit.write_text(state(1))
    assert not chain.lost()


def test_a_missing_dev_chain_says_make_setup(tmp_path: Path) -> None:
    with pytest.raises(MissingTool, match="make setup"):
        anvil(tmp_path)


def test_contracts_that_are_not_compiled_say_make_setup(tmp_path: Path) -> None:
    with pytest.raises(MissingTool, match="make setup"):
        deploy_script(tmp_path)


def test_a_node_that_does_not_run_has_no_version(tmp_path: Path) -> None:
    broken = tmp_path / "node"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert version_of(broken) == ()
    broken.write_text("#!/bin/sh\necho v24.1.0\n")
    assert version_of(broken) == (24, 1, 0)


@pytest.mark.parametrize("text", ["", "[]", '{"contracts": 1}', '{"contracts": {"A": {}}}'])
def test_a_file_that_is_no_deployment_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "31337.json"
    file.write_text(text)
    with pytest.raises(DeploymentError, match=r"31337\.json"):
        addresses(file)


def test_a_private_folder_on_the_way_keeps_others_out(tmp_path: Path) -> None:
    inner = tmp_path / "private" / "inner"
    inner.mkdir(parents=True)
    other = 54321
    inner.parent.chmod(stat.S_IRWXU)
    assert not enterable(inner, other)
    assert enterable(Path("/"), other)
