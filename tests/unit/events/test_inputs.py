"""Calldata becomes typed calls exactly when the contract would understand it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.events.calls import CALLS, CallSpec
from indexer.events.calls.group_chat import CreateGroup, JoinGroup, TransferGroupOwnership
from indexer.events.calls.group_payment import ClaimRefund, CreateAAPayment
from indexer.events.calls.ownable import TransferOwnership
from indexer.events.calls.red_packet import CreateExclusiveRedPacket
from indexer.events.definitions import Contract
from indexer.events.inputs import decode_input
from tests.unit.events import oracle
from tests.unit.events.encodings import arguments, damaged, encoded

every_call = pytest.mark.parametrize(
    "spec", {spec.cls: spec for spec in CALLS}.values(), ids=lambda spec: spec.signature
)
SELECTOR = {spec.cls: spec.selector for spec in CALLS}
WHO, OTHER = bytes(range(1, 21)), b"\xff" * 20


def word(value: int | bytes) -> bytes:
    return (value if isinstance(value, bytes) else value.to_bytes(32)).rjust(32, b"\0")


@every_call
@given(data=st.data())
@settings(max_examples=50)
def test_what_callers_encode_comes_back_value_for_value(
    spec: CallSpec, data: st.DataObject
) -> None:
    values = data.draw(arguments(spec.inputs))
    call = decode_input(spec.contract, spec.selector + encoded(spec.inputs, values))
    assert type(call) is spec.cls
    assert tuple(getattr(call, field) for field in call.__struct_fields__) == values


@every_call
@given(data=st.data())
def test_our_reading_and_eth_abi_agree_on_every_input(spec: CallSpec, data: st.DataObject) -> None:
    input = encoded(spec.inputs, data.draw(arguments(spec.inputs)))
    for _ in range(data.draw(st.integers(0, 3))):
        input = data.draw(damaged(input))
    assert decode_input(spec.contract, spec.selector + input) in readings_of_eth_abi(spec, input)


def readings_of_eth_abi(spec: CallSpec, input: bytes) -> list[Any]:
    """What eth_abi makes of an input. Where it minds only the padding, Solidity minds nothing."""
    make: Any = spec.cls
    try:
        return [make(*oracle.values(spec.inputs, input, strict=True))]
    except oracle.Refused:
        pass
    try:
        return [None, make(*oracle.values(spec.inputs, input, strict=False))]
    except oracle.Refused:
        return [None]


@given(st.sampled_from(Contract), st.sampled_from(CALLS), st.binary(max_size=400))
def test_no_bytes_whatever_raise(contract: Contract, spec: CallSpec, data: bytes) -> None:
    assert decode_input(contract, data) is None
    assert isinstance(decode_input(spec.contract, spec.selector + data), spec.cls | None)


def test_bytes_after_the_arguments_are_ignored() -> None:
    calldata = SELECTOR[JoinGroup] + word(32) + word(7) + b"group_1".ljust(32, b"\0")
    assert decode_input(Contract.GROUP_CHAT, calldata + b"referrer") == JoinGroup(b"group_1")
    assert decode_input(Contract.GROUP_PAYMENT, SELECTOR[ClaimRefund] + b"!") == ClaimRefund()


def test_padding_may_hold_anything_or_be_absent() -> None:
    head = SELECTOR[JoinGroup] + word(32) + word(7) + b"group_1"
    assert decode_input(Contract.GROUP_CHAT, head + b"\xff" * 25) == JoinGroup(b"group_1")
    assert decode_input(Contract.GROUP_CHAT, head) == JoinGroup(b"group_1")


def test_a_string_that_ends_beyond_the_input_is_refused() -> None:
    head = SELECTOR[JoinGroup] + word(32)
    assert decode_input(Contract.GROUP_CHAT, head + word(7) + b"group_") is None
    assert decode_input(Contract.GROUP_CHAT, head + word(2**256 - 1) + b"group_1") is None
    assert decode_input(Contract.GROUP_CHAT, SELECTOR[JoinGroup] + word(2**256 - 32)) is None


def test_tails_may_overlap_and_lie_inside_the_heads() -> None:
    calldata = SELECTOR[CreateGroup] + word(128) * 3 + word(1) + word(6) + b"shared"
    assert decode_input(Contract.GROUP_CHAT, calldata) == CreateGroup(
        b"shared", b"shared", b"shared", True, 6
    )


def test_a_list_of_addresses_keeps_its_order_and_its_duplicates() -> None:
    people = word(3) + word(WHO) + word(OTHER) + word(WHO)
    head = word(160) + word(10**18) + word(192) + word(160) + word(2**256 - 1)
    call = decode_input(Contract.GROUP_PAYMENT, SELECTOR[CreateAAPayment] + head + word(0) + people)
    assert isinstance(call, CreateAAPayment)
    assert call.participants == (WHO, OTHER, WHO)
    assert (call.total_amount, call.deadline) == (10**18, 2**256 - 1)


@pytest.mark.parametrize(
    "people", [word(2) + word(WHO), word(1) + b"\1" * 32, word(2**255) + word(WHO)]
)
def test_a_list_that_is_short_or_holds_no_addresses_is_refused(people: bytes) -> None:
    head = word(96) + word(128) + word(96) + word(0)
    calldata = SELECTOR[CreateExclusiveRedPacket] + head + people
    assert decode_input(Contract.RED_PACKET, calldata) is None


def test_the_two_functions_named_transferOwnership_are_told_apart() -> None:
    group = SELECTOR[TransferGroupOwnership] + word(64) + word(WHO) + word(1) + b"g"
    contract = SELECTOR[TransferOwnership] + word(WHO)
    assert decode_input(Contract.GROUP_CHAT, group) == TransferGroupOwnership(b"g", WHO)  # type: ignore[arg-type]
    assert decode_input(Contract.GROUP_CHAT, contract) == TransferOwnership(WHO)  # type: ignore[arg-type]
    assert decode_input(Contract.RED_PACKET, group) is None


def test_no_input_and_half_a_selector_are_no_call() -> None:
    assert decode_input(Contract.GROUP_CHAT, b"") is None
    assert decode_input(Contract.GROUP_CHAT, SELECTOR[JoinGroup][:3]) is None
