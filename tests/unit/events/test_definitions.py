"""Definitions, committed ABIs and the written-out interface say the same, word for word."""

import json
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from indexer.events.calls import CALLS, CallSpec
from indexer.events.definitions import EVENTS, Contract, EventSpec
from tests.unit.events import interface
from tests.unit.events.interface import Declaration, declarations

ABIS = Path(__file__).parents[3] / "contracts" / "abi"


def declared(
    specs: tuple[EventSpec, ...] | tuple[CallSpec, ...], contract: Contract
) -> list[Declaration]:
    return sorted(
        Declaration(spec.name, tuple((i.type, i.indexed, i.name) for i in spec.inputs))
        for spec in specs
        if spec.contract is contract
    )


def compiled(contract: Contract, kind: str) -> list[Declaration]:
    """What the compiler's ABI says; of the functions, those that change state."""
    entries = json.loads((ABIS / f"{contract.solidity_name}.json").read_text())
    return sorted(
        Declaration(
            entry["name"],
            tuple((i["type"], i.get("indexed", False), i["name"]) for i in entry["inputs"]),
        )
        for entry in entries
        if entry["type"] == kind and entry.get("stateMutability") not in ("view", "pure")
    )


@pytest.mark.parametrize("contract", Contract)
def test_the_events_defined_are_those_of_the_interface(contract: Contract) -> None:
    expected = declarations(interface.EVENTS[contract.solidity_name])
    assert declared(EVENTS, contract) == expected


@pytest.mark.parametrize("contract", Contract)
def test_the_events_compiled_are_those_of_the_interface(contract: Contract) -> None:
    expected = declarations(interface.EVENTS[contract.solidity_name])
    assert compiled(contract, "event") == expected


@pytest.mark.parametrize("contract", Contract)
def test_the_functions_defined_are_those_of_the_interface(contract: Contract) -> None:
    expected = declarations(interface.FUNCTIONS[contract.solidity_name])
    assert declared(CALLS, contract) == expected


@pytest.mark.parametrize("contract", Contract)
def test_the_functions_compiled_are_those_of_the_interface(contract: Contract) -> None:
    """By signature: what a function calls its arguments is no part of the interface."""
    written = declarations(interface.FUNCTIONS[contract.solidity_name])
    assert {function.signature for function in compiled(contract, "function")} == {
        function.signature for function in written
    }


@pytest.mark.parametrize("contract", Contract)
def test_every_topic_0_is_the_keccak_of_the_written_signature(contract: Contract) -> None:
    written = declarations(interface.EVENTS[contract.solidity_name])
    topics = {spec.topic0 for spec in EVENTS if spec.contract is contract}
    assert topics == {keccak(text=event.signature) for event in written}


@pytest.mark.parametrize("contract", Contract)
def test_every_selector_begins_the_keccak_of_the_written_signature(contract: Contract) -> None:
    written = declarations(interface.FUNCTIONS[contract.solidity_name])
    selectors = {spec.selector for spec in CALLS if spec.contract is contract}
    assert selectors == {keccak(text=function.signature)[:4] for function in written}


def test_openzeppelins_events_have_the_topics_that_the_world_knows() -> None:
    known = {
        "Paused": "62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a258",
        "Unpaused": "5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa",
        "OwnershipTransferred": "8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0",
    }
    for name, topic0 in known.items():
        assert {spec.topic0.hex() for spec in EVENTS if spec.name == name} == {topic0}


def test_the_fields_of_a_definition_stand_in_the_order_of_its_arguments() -> None:
    specs: list[EventSpec | CallSpec] = [*EVENTS, *CALLS]
    for spec in specs:
        names = [field.replace("_", "") for field in spec.cls.__struct_fields__]
        arguments = [i.name.lower() for i in spec.inputs]
        assert names == [
            "groupkey" if i.indexed and i.name == "groupId" else argument
            for argument, i in zip(arguments, spec.inputs, strict=True)
        ]


@pytest.mark.parametrize("contract", Contract)
def test_money_can_be_sent_along_with_the_payable_functions(contract: Contract) -> None:
    entries = json.loads((ABIS / f"{contract.solidity_name}.json").read_text())
    payable = {entry["name"] for entry in entries if entry.get("stateMutability") == "payable"}
    assert {c.name for c in CALLS if c.contract is contract and c.payable} == payable
