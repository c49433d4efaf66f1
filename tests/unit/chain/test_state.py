"""An answer, a contract's refusal and a node's silence are three things, by whatever words."""

import msgspec
import pytest

from indexer.chain import state
from indexer.chain.refusals import Refusal
from indexer.chain.state import Answered, NoState, Refused, Told, Unanswered
from indexer.chain.wire import Answer
from indexer.errors import NodeBehind, Retryable, Throttled, Unserved
from indexer.units import Address, Hash32

TO, BLOCK = Address(b"\xc0" * 20), Hash32(b"\7" * 32)


def refusal(text: str, code: int = -32000) -> Answer:
    refused = Refusal(code=code, text=text)
    return Answer(method="eth_call", result=msgspec.Raw(b""), refusal=refused)


def answer(result: object, method: str = "eth_call") -> Answer:
    return Answer(method=method, result=msgspec.Raw(msgspec.json.encode(result)))


def one(told: Answer) -> Told:
    [found, _] = state.read([told, answer("0x")])
    return found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("execution reverted", 3),
        ("execution reverted: rate limit exceeded", 3),
        ("execution reverted", -32000),
        ("Execution reverted 0x08c379a0", -32000),
        ("VM execution error. Reverted 0x", -32015),
        ("VM execution error. Bad instruction fe", -32015),
        ("invalid opcode: INVALID", -32000),
        ("EVM error InvalidFEOpcode", -32003),
        ("VM Exception while processing transaction: reverted with a custom error", -32603),
        ("VM Exception while processing transaction: revert", -32000),
    ],
)
def test_a_contract_that_refuses_has_answered(text: str, code: int) -> None:
    assert one(refusal(text, code)) == Refused()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("out of gas", -32000),
        ("VM execution error. Out of gas", -32015),
        ("gas required exceeds allowance (50000000)", -32000),
        ("execution aborted (timeout = 5s)", -32000),
        ("missing trie node 1234 (path ) state 0x1234 is not available", -32000),
        ("header for 0x12 has no historical state: pruned", -32000),
        ("something that nobody has heard of", -1),
    ],
)
def test_what_keeps_the_node_from_answering_is_no_refusal(text: str, code: int) -> None:
    found = one(refusal(text, code))
    assert isinstance(found, Unanswered) and text in found.why


@pytest.mark.parametrize(
    ("text", "code", "error"),
    [
        ("too many requests", 429, Throttled),
        ("header for hash not found", -32000, NodeBehind),
        ("the method eth_call does not exist", -32601, Unserved),
        ("internal error", -32603, Retryable),
    ],
)
def test_what_another_node_or_time_may_change_is_raised(
    text: str, code: int, error: type[Retryable]
) -> None:
    with pytest.raises(error):
        one(refusal(text, code))


def test_a_state_that_is_gone_for_all_questions_is_looked_for_elsewhere() -> None:
    gone = refusal("missing trie node 1 (path ) state 0x1 is not available")
    with pytest.raises(NoState):
        state.read([gone, gone])


@pytest.mark.parametrize("nonsense", [None, 7, "12", "0x1", {"a": 1}])
def test_an_answer_that_makes_no_sense_is_none(nonsense: object) -> None:
    found = one(answer(nonsense))
    assert isinstance(found, Unanswered) and "no sense" in found.why


def test_answers_are_bytes_and_balances_32_of_them() -> None:
    assert one(answer("0x")) == Answered(b"")
    assert one(answer("0x01ff")) == Answered(b"\1\xff")
    assert one(answer("0x0", "eth_getBalance")) == Answered(bytes(32))
    assert one(answer("0xde0b6b3a7640000", "eth_getBalance")) == Answered((10**18).to_bytes(32))


def test_questions_name_the_block_by_its_hash() -> None:
    at = {"blockHash": "0x" + "07" * 32}
    to = "0x" + "c0" * 20
    assert state.call(TO, b"\1", BLOCK).params == ({"to": to, "data": "0x01"}, at)
    asked = state.call(TO, b"", BLOCK, Address(b"\xad" * 20))
    assert asked.params == ({"to": to, "data": "0x", "from": "0x" + "ad" * 20}, at)
    assert state.balance(TO, BLOCK).params == state.code(TO, BLOCK).params == (to, at)
