"""A trace tells which calls took effect; one that makes no sense is as good as none."""

from typing import Any

import msgspec
import pytest

from indexer.chain.blocks import Transaction
from indexer.chain.refusals import Refusal
from indexer.chain.traces import calls_to, read_answers, read_traces
from indexer.chain.wire import Answer
from indexer.errors import BadAnswer, NodeBehind, Throttled, Unserved
from indexer.units import Address, BlockNumber, Hash32, Wei

US, WALLET = Address(b"\xc0" * 20), Address(b"\xee" * 20)
HASH = Hash32(b"\7" * 32)
SENT = Transaction(
    hash=HASH,
    block_hash=HASH,
    block_number=BlockNumber(1),
    index=0,
    sender=US,
    to=WALLET,
    input=b"\xb6",
    value=Wei(0),
)


def frame(to: bytes, data: bytes, *calls: Any, type: str = "CALL", **more: Any) -> dict[str, Any]:
    told = {"type": type, "to": "0x" + to.hex(), "input": "0x" + data.hex(), **more}
    return told | {"calls": list(calls)} if calls else told


def answer(told: object) -> Answer:
    return Answer(method="debug_traceTransaction", result=msgspec.Raw(msgspec.json.encode(told)))


def refused(text: str, code: int = -32000) -> Answer:
    refusal = Refusal(code=code, text=text)
    return Answer(method="debug_traceTransaction", result=msgspec.Raw(b""), refusal=refusal)


def calls(told: object) -> list[bytes] | None:
    [trace] = read_traces([answer(told)], [SENT])
    return None if trace is None else list(calls_to(trace, US))


def test_calls_come_in_the_order_of_execution_and_only_those_that_took_effect() -> None:
    failed = {"error": "execution reverted"}
    told = frame(
        WALLET,
        b"\xb6",
        frame(US, b"\1"),
        frame(WALLET, b"", frame(US, b"\2", frame(US, b"\3")), frame(US, b"\4")),
        frame(WALLET, b"", frame(US, b"\5", frame(US, b"\6")), **failed),
        frame(US, b"\7", **failed),
        frame(US, b"\x08", type="DELEGATECALL"),
        frame(US, b"\x09", type="STATICCALL"),
        frame(WALLET, b"\x0a"),
        {"type": "CREATE", "calls": [frame(US, b"\x0b")]},
        {"type": "SELFDESTRUCT", "to": "0x" + US.hex()},
    )
    assert calls(told) == [b"\1", b"\2", b"\3", b"\4", b"\x0b"]


def test_nothing_of_a_transaction_that_failed_took_effect() -> None:
    assert calls(frame(WALLET, b"\xb6", frame(US, b"\1"), error="out of gas")) == []


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        {"type": 1},
        {"structLogs": []},
        frame(US, b"\xb6"),
        frame(WALLET, b"\xb7"),
        frame(WALLET, b"\xb6", {"to": "no type"}),
        frame(WALLET, b"\xb6") | {"calls": {"0": 1}},
    ],
    ids=str,
)
def test_a_trace_of_something_else_or_of_no_shape_is_none(told: object) -> None:
    assert calls(told) is None


def test_a_trace_without_a_bottom_is_none() -> None:
    told = b'{"type":"CALL","calls":[' * 100_000 + b"]}" * 100_000
    [trace] = read_traces([Answer(method="debug", result=msgspec.Raw(told))], [SENT])
    assert trace is None


def test_an_input_that_is_no_hex_is_no_call() -> None:
    told = frame(US, b"\1") | {"input": "0xzz"}
    assert calls(frame(WALLET, b"\xb6", told, frame(US, b"\2"))) == [b"\2"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("the method debug_traceTransaction does not exist/is not available", -32601),
        ("Method not found", -32601),
        ("debug_traceTransaction is not available on the Free tier - upgrade", -32600),
        ("the method is disabled", -32000),
        ("Unsupported method: debug_traceTransaction", -32004),
        ("historical state unavailable in path scheme, state is pruned", -32000),
        ("required historical state unavailable (reexec=128)", -32000),
        ("missing trie node 12ab (path ) state 0x12ab is not available", -32000),
    ],
)
def test_a_node_that_does_not_trace_is_told_from_one_that_failed(text: str, code: int) -> None:
    with pytest.raises(Unserved):
        read_traces([refused(text, code)], [SENT])
    with pytest.raises(Unserved):
        read_answers([refused(text, code)])


def test_what_waiting_helps_against_is_raised() -> None:
    for text, code, error in (
        ("rate limit exceeded", -32005, Throttled),
        ("header for hash not found", -32000, NodeBehind),
        ("internal error", -32603, BadAnswer),
    ):
        with pytest.raises(error):
            read_traces([refused(text, code)], [SENT])


def test_what_only_concerns_one_transaction_leaves_the_others_alone() -> None:
    good = frame(WALLET, b"\xb6", frame(US, b"\1"))
    for text in ("execution timeout", "transaction not found", "missing trie node 00"):
        first, second = read_traces([refused(text), answer(good)], [SENT, SENT])
        assert first is None
        assert second is not None


@pytest.mark.parametrize(
    ("told", "data"), [("0x", b""), ("0x01", b"\1"), ("0x1", None), (None, None), ({}, None)]
)
def test_an_answer_of_a_view_is_bytes_or_nothing(told: object, data: bytes | None) -> None:
    assert read_answers([answer(told)]) == [data]
    assert read_answers([refused("execution reverted", 3), answer("0x02")]) == [None, b"\2"]
