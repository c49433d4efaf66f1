"""A deployments file is right, or one line names what is wrong with it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import DeploymentError
from indexer.events.definitions import Contract
from indexer.sync.deployment import find

HASH = "0x" + "77" * 32


def good() -> dict[str, Any]:
    return {
        "chainId": 31337,
        "contracts": {
            "GroupChatV2": {"address": "0x" + "c0" * 20, "startBlock": 0},
            "GroupPayment": {"address": "0x" + "c1" * 20, "creationTx": HASH},
            "RedPacket": {"address": "0x" + "c2" * 20, "startBlock": 7, "creationTx": HASH},
        },
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.json"


def test_a_file_is_found_by_its_path(file: Path) -> None:
    file.write_text(json.dumps(good()))
    found = find(str(file))
    assert found.chain_id == 31337
    assert [(found.places[c].start_block, found.places[c].creation_tx) for c in Contract] == [
        (0, None),
        (None, bytes.fromhex(HASH[2:])),
        (7, bytes.fromhex(HASH[2:])),
    ]
    assert found.places[Contract.RED_PACKET].address == b"\xc2" * 20


@pytest.mark.parametrize("wanted", ["11155111", "sepolia", "Sepolia"])
def test_sepolia_is_found_by_its_number_and_its_name(wanted: str) -> None:
    found = find(wanted)
    assert found.chain_id == 11155111
    assert all(place.creation_tx for place in found.places.values())


Damage = Callable[[dict[str, Any]], Any]


def put(path: str, value: Any) -> Damage:
    """Sets a field, `contracts.RedPacket.address` style."""

    def damage(told: dict[str, Any]) -> None:
        *way, last = path.split(".")
        for name in way:
            told = told[name]
        told[last] = value

    return damage


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (put("chainId", None), "chainId is None, not a positive integer"),
        (put("chainId", "31337"), "chainId is '31337'"),
        (put("chainId", True), "chainId is True"),
        (put("chainId", 0), "chainId is 0"),
        (put("chainId", 2**63), "chainId is 9223372036854775808"),
        (put("chainId", 1.0), "chainId is 1.0"),
        (put("contracts", []), '"contracts" is missing'),
        (lambda told: told.pop("contracts"), '"contracts" is missing'),
        (lambda told: told["contracts"].pop("RedPacket"), '"contracts" has no "RedPacket"'),
        (put("contracts.GroupPayment", "0x"), '"contracts" has no "GroupPayment"'),
        (put("contracts.GroupChatV2.address", None), "GroupChatV2.address is None"),
        (put("contracts.GroupChatV2.address", "0x12"), "GroupChatV2.address: '0x12' is not 0x and"),
        (put("contracts.GroupChatV2.address", "0x" + "zz" * 20), "not a hex digit"),
        (
            put("contracts.RedPacket.address", "0x4F93AEaAE5981fd6C95cFA8096D31D3d92ae2F28"),
            "RedPacket.address: 0x4F93AEaAE5981fd6C95cFA8096D31D3d92ae2F28 has a wrong EIP-55",
        ),
        (put("contracts.RedPacket.address", "0x" + "c0" * 20), "two contracts have the same"),
        (put("contracts.GroupChatV2.startBlock", None), "neither startBlock nor creationTx"),
        (put("contracts.GroupChatV2.startBlock", -1), "GroupChatV2.startBlock is -1"),
        (put("contracts.GroupChatV2.startBlock", "5"), "GroupChatV2.startBlock is '5'"),
        (put("contracts.GroupChatV2.startBlock", True), "GroupChatV2.startBlock is True"),
        (put("contracts.GroupChatV2.startBlock", 2**63), "GroupChatV2.startBlock is 92233"),
        (put("contracts.GroupPayment.creationTx", 5), "GroupPayment.creationTx is 5"),
        (put("contracts.GroupPayment.creationTx", "0x77"), "GroupPayment.creationTx: '0x77'"),
    ],
)
def test_a_malformed_field_is_named_in_one_line(file: Path, damage: Damage, reason: str) -> None:
    told = good()
    damage(told)
    file.write_text(json.dumps(told))
    with pytest.raises(DeploymentError) as caught:
        find(str(file))
    line = str(caught.value)
    assert reason in line
    assert line.startswith(f"DCHAT_DEPLOYMENT: {file}: ")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "can't be read"),
        (b"{", "can't be read"),
        (b"\xff\xfe", "can't be read"),
        (b"[" * 100_000, "can't be read"),
        (b"[]", "is not a JSON object"),
        (b"null", "is not a JSON object"),
    ],
    ids=["empty", "cut", "binary", "deep", "list", "null"],
)
def test_a_file_that_is_no_deployment_is_named(file: Path, content: bytes, reason: str) -> None:
    file.write_bytes(content)
    with pytest.raises(DeploymentError, match=reason):
        find(str(file))


@pytest.mark.parametrize("wanted", [None, ""])
def test_a_deployment_has_to_be_given(wanted: str | None) -> None:
    with pytest.raises(DeploymentError, match="DCHAT_DEPLOYMENT is not set"):
        find(wanted)


@pytest.mark.parametrize("wanted", ["5", "mainet", "mainnet", "./nowhere.json", "²"])
def test_an_unknown_deployment_is_answered_with_the_known_ones(wanted: str) -> None:
    with pytest.raises(DeploymentError, match=r"there is no file .*known: .*11155111.*sepolia"):
        find(wanted)


def test_a_folder_is_no_deployment(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="can't be read"):
        find(str(tmp_path))
