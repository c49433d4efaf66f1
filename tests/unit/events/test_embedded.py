"""Calls are found wherever they lie in an input, and nothing else is taken for one."""

from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.events.calls import CALLS, Call, CallSpec
from indexer.events.calls.group_chat import CreateGroup
from indexer.events.calls.group_payment import CreateGroupCollection
from indexer.events.definitions import Contract
from indexer.events.embedded import CAUSING, embedded
from indexer.events.inputs import CAUSES, decode_input
from indexer.units import Address
from tests.unit.events.encodings import arguments, calldata, encoded

WHO = "0x" + "ab" * 20
TEA = CreateGroup(b"tea", b"ipfs://a", "茶".encode() * 20, True, 9)
COFFEE = CreateGroup(b"coffee", b"", b"", False, 2)
POT = CreateGroupCollection(b"lunch", 5, (Address(b"\xaa" * 20),) * 3, b"eat", 7)
SELECTOR = calldata(TEA)[:4]

every_cause = pytest.mark.parametrize("spec", CAUSING.values(), ids=lambda spec: spec.name)


def found(data: bytes, kind: Any = CreateGroup) -> list[tuple[bytes, Any]]:
    return list(embedded(CAUSING[kind].contract, data, [kind]))


def execute(data: bytes) -> bytes:
    return b"\xb6\x1d\x27\xf6" + encode(["address", "uint256", "bytes"], [WHO, 0, data])


def handle_ops(data: bytes) -> bytes:
    """An ERC-4337 bundle of one operation: handleOps(PackedUserOperation[],address)."""
    kind = "(address,uint256,bytes,bytes,bytes32,uint256,bytes32,bytes,bytes)[]"
    operation = (WHO, 0, b"", execute(data), b"\1" * 32, 0, b"\2" * 32, b"paid", b"signed")
    return b"\x76\x5e\x82\x7f" + encode([kind, "address"], [[operation], WHO])


def multi_send(*datas: bytes) -> bytes:
    """Safe's packed form within `bytes`: nothing is aligned."""
    packed = b"".join(
        b"\0" + bytes(20) + bytes(32) + len(data).to_bytes(32) + data for data in datas
    )
    return b"\x8d\x80\xff\x0a" + encode(["bytes"], [packed])


def aggregate(*datas: bytes) -> bytes:
    calls = [(WHO, data) for data in datas]
    return b"\x25\x2d\xba\x42" + encode(["(address,bytes)[]"], [calls])


@every_cause
@pytest.mark.parametrize("wrap", [execute, handle_ops, multi_send, aggregate])
@given(data=st.data())
@settings(max_examples=10)
def test_what_wallets_and_bundles_pass_on_is_found_exactly(
    wrap: Any, spec: CallSpec, data: st.DataObject
) -> None:
    inner = spec.selector + encoded(spec.inputs, data.draw(arguments(spec.inputs)))
    told = found(execute(wrap(inner)), spec.cls)
    assert [calldata for calldata, _ in told] == [inner]
    assert type(told[0][1]) is spec.cls


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_call_without_its_length_before_it_is_found_too(before: bytes, after: bytes) -> None:
    inner = calldata(TEA)
    assert (inner, TEA) in found(before + inner + after)
    assert [call for _, call in found(b"\1" + calldata(POT) + after, CreateGroupCollection)]


def test_several_are_found_in_their_order() -> None:
    first, second = calldata(TEA), calldata(COFFEE)
    for wrap in (multi_send, aggregate):
        assert found(execute(wrap(first, second, first))) == [
            (first, TEA),
            (second, COFFEE),
            (first, TEA),
        ]


def test_an_input_that_breaks_off_holds_no_call() -> None:
    whole = execute(calldata(TEA))
    assert found(whole[:250]) == []
    assert found(b"") == found(SELECTOR) == found(SELECTOR * 100) == []


@given(st.binary(max_size=300), st.integers(0, 300))
def test_no_input_whatever_raises(noise: bytes, at: int) -> None:
    for kind in CAUSING:
        list(embedded(Contract.GROUP_CHAT, noise[:at] + CAUSING[kind].selector + noise, [kind]))


def test_however_hostile_no_more_is_read_than_four_times_the_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thousands of calls that each claim the rest of the input for themselves."""
    read: list[int] = []

    def counting(contract: Contract, data: bytes) -> Call | None:
        read.append(len(data))
        return decode_input(contract, data)

    monkeypatch.setattr("indexer.events.embedded.decode_input", counting)
    piece, count = len(SELECTOR) + 64, 2000
    claims = ((count - n) * piece - 32 for n in range(count))
    hostile = b"".join(rest.to_bytes(32) + SELECTOR + (160).to_bytes(32) for rest in claims)
    found(hostile + bytes(400))
    assert len(read) > 3
    assert sum(read) <= 4 * len(hostile + bytes(400))


def test_every_call_that_an_event_leaves_to_be_read_can_be_found() -> None:
    assert set(CAUSING) == {call for calls in CAUSES.values() for call in calls}
    # canonical_size knows these; another type would need its own line there.
    types = {item.type for spec in CALLS if spec.cls in CAUSING for item in spec.inputs}
    assert types == {"string", "address[]", "uint256", "bool"}
