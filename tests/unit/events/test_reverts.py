"""Every refusal of the contracts is said in words, and no answer of a contract breaks that."""

import json
from pathlib import Path

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from indexer.events.definitions import Contract
from indexer.events.reverts import BY_SELECTOR, ERROR, ERRORS, PANIC, ErrorSpec, reason
from tests.unit.events import encodings

ABIS = Path(__file__).parents[3] / "contracts" / "abi"


def declared() -> set[str]:
    """The signatures of the errors of the committed ABIs."""
    entries = [
        entry
        for contract in Contract
        for entry in json.loads((ABIS / f"{contract.solidity_name}.json").read_text())
        if entry["type"] == "error"
    ]
    return {f"{e['name']}({','.join(i['type'] for i in e['inputs'])})" for e in entries}


def test_the_errors_are_those_of_the_contracts() -> None:
    assert {one.signature for one in ERRORS} == declared()
    assert len(BY_SELECTOR) == len(ERRORS)


@pytest.mark.parametrize("spec", ERRORS, ids=lambda spec: spec.name)
@given(data=st.data())
def test_an_error_is_a_sentence_with_its_arguments(spec: ErrorSpec, data: st.DataObject) -> None:
    values = data.draw(encodings.arguments(spec.inputs))
    selector = next(key for key, one in BY_SELECTOR.items() if one is spec)
    told = reason(selector + encodings.encoded(spec.inputs, values))
    assert told.name == spec.name
    assert "{" not in spec.sentence.format(**{item.name: "" for item in spec.inputs})
    numbers = [
        str(v)
        for v, i in zip(values, spec.inputs, strict=True)
        if f"{{{i.name}}}" in spec.sentence and i.type == "uint256"
    ]

    assert all(number in told.words for number in numbers)


def test_an_error_s_arguments_are_shown_as_everywhere() -> None:
    who = bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")
    [spec] = [one for one in ERRORS if one.name == "NotMember"]
    selector = next(key for key, one in BY_SELECTOR.items() if one is spec)
    told = reason(selector + encodings.encoded(spec.inputs, [b"group_1", who]))
    assert told.words == (
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed is not a member of the group group_1"
    )


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (ERROR + encode(["string"], ["Sender only"]), None, "Sender only"),
        (ERROR + encode(["bytes"], [b"\xff\0"]), None, "\ufffd\ufffd"),
        (ERROR + encode(["string"], [""]), None, "the contract gave no reason"),
        (ERROR + b"x", None, "an error that is not known here (0x08c379a0)"),
        (PANIC + encode(["uint256"], [0x11]), "Panic", "a number became too large or too small"),
        (PANIC + encode(["uint256"], [0x99]), "Panic", "panic 0x99"),
        (b"", None, "the contract gave no reason"),
        (b"\x01\x02\x03\x04", None, "an error that is not known here (0x01020304)"),
    ],
)
def test_what_solidity_and_others_say_is_told(data: bytes, name: str | None, words: str) -> None:
    told = reason(data)
    assert (told.name, told.words) == (name, words)


@given(st.binary(max_size=300), st.sampled_from([*BY_SELECTOR, ERROR, PANIC, b""]))
def test_no_answer_of_a_contract_breaks_the_telling(data: bytes, selector: bytes) -> None:
    assert 0 < len(reason(selector + data).words) <= 500
