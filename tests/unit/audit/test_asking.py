"""However little a node manages at once, each question gets its answer, or none."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from eth_abi.abi import decode

from indexer.audit.asking import AT_FIRST, MOST, Asker, Size
from indexer.audit.check import Check, Control, of_address, value
from indexer.audit.differences import Whole
from indexer.audit.multicall import MULTICALL3
from indexer.chain.state import Answered, NoState, Refused, State, Told, Unanswered
from indexer.chain.wire import Call
from indexer.errors import NodeBehind, Unserved
from indexer.events.definitions import Contract
from indexer.units import Address, Hash32, to_hex
from tests.unit.audit.model import told

BLOCK = Hash32(b"\7" * 32)
ADDRESSES = {contract: Address(bytes([contract + 1]) * 20) for contract in Contract}
Answer = Callable[[str, bytes], Told]


class Node(State):
    """Answers by `answer(to, calldata)`; fails at more than `most` at once; notes what it got."""

    def __init__(self, answer: Answer, *, most: int = 10_000, code: bytes = b"") -> None:
        self.answer, self.most, self.code = answer, most, code
        self.requests: list[int] = []
        self.senders: list[str] = []

    async def told(self, calls: Sequence[Call]) -> list[Told]:
        self.requests.append(len(calls))
        if len(calls) > self.most:
            raise Unserved("too much at once")
        return [self._one(call) for call in calls]

    def _one(self, call: Call) -> Told:
        if call.method == "eth_getCode":
            return Answered(self.code)
        said: Any = call.params[0]
        self.senders += [said["from"]] if "from" in said else []
        return self.answer(said["to"], bytes.fromhex(said["data"][2:]))


def check(number: int, **changes: Any) -> Check:
    view = "getUserSentRedPackets"
    return Check(
        subject=Whole(str(number)),
        view=view,
        calldata=of_address(view, Address(number.to_bytes(20))),
        judge=value("list", None, bytes),
        **changes,
    )


def ask(node: Node, checks: Sequence[Check]) -> list[Told]:
    return asyncio.run(Asker(node, ADDRESSES).ask(BLOCK, checks))


def echo(to: str, data: bytes) -> Told:
    return Answered(data)


def mirrored(checks: Sequence[Check]) -> list[Told]:
    return [Answered(one.calldata) for one in checks if one.calldata is not None]


@pytest.mark.parametrize("most", [1, 7, 10_000])
def test_each_question_gets_its_own_answer(most: int) -> None:
    checks = [check(number) for number in range(500)]
    node = Node(echo, most=most)
    assert ask(node, checks) == mirrored(checks)
    assert max(size for size in node.requests if size <= most) <= MOST


def test_sizes_grow_with_success_and_halve_with_failure() -> None:
    size = Size()
    for _ in range(40):
        size.well(size.now)
    assert size.now == MOST
    size.badly(MOST)
    assert size.now == MOST // 2
    size.well(3)
    assert size.now == MOST // 2
    size.badly(1)
    assert size.now == 1


def test_a_question_at_which_the_node_fails_alone_is_not_answered() -> None:
    def odd(to: str, data: bytes) -> Told:
        if data[-1] == 5:
            raise Unserved("took too long")
        return Answered(data)

    checks = [check(number) for number in range(9)]
    found = ask(Node(odd), checks)
    assert found[5] == Unanswered("took too long")
    assert found[:5] + found[6:] == mirrored(checks[:5] + checks[6:])


def test_a_state_that_is_gone_is_asked_for_once() -> None:
    class Pruned(Node):
        async def told(self, calls: Sequence[Call]) -> list[Told]:
            self.requests.append(len(calls))
            raise NoState("no state that old")

    node = Pruned(echo)
    found = ask(node, [check(number) for number in range(AT_FIRST)])
    assert found == [Unanswered("no state that old")] * AT_FIRST
    assert node.requests == [1, AT_FIRST]


def test_a_block_that_no_node_knows_is_said_to_be_so() -> None:
    def unknown(to: str, data: bytes) -> Told:
        raise NodeBehind("header for hash not found")

    with pytest.raises(NodeBehind):
        ask(Node(unknown), [check(1)])


def test_nothing_is_asked_where_nothing_can_be() -> None:
    node = Node(echo)
    unknown = Check(
        subject=Whole("x"), view="getGroup", calldata=None, judge=value("x", 1, bytes), why="no id"
    )
    assert ask(node, [unknown, check(1)]) == [Unanswered("no id"), *mirrored([check(1)])]
    assert ask(node, []) == []


def test_a_contract_that_is_not_there_has_not_answered() -> None:
    [found] = ask(Node(lambda to, data: Answered(b"")), [check(1)])
    assert isinstance(found, Unanswered) and "no contract" in found.why


def aggregated(inner: Answer) -> Answer:
    """Multicall3's answers, and those of the contracts themselves."""

    def answer(to: str, data: bytes) -> Told:
        if to != to_hex(MULTICALL3):
            return inner(to, data)
        [calls] = decode(["(address,bool,bytes)[]"], data[4:])
        results = [inner(to, calldata) for to, _, calldata in calls]
        parts = [(isinstance(one, Answered), getattr(one, "data", b"\1")) for one in results]
        return Answered(told("(bool,bytes)[]", parts))

    return answer


def test_many_views_are_one_call_where_multicall3_is() -> None:
    checks = [check(number) for number in range(AT_FIRST)]
    node = Node(aggregated(echo), code=b"\x60")
    assert ask(node, checks) == mirrored(checks)
    assert node.requests == [1, 1]


def test_what_reverts_with_reason_within_one_call_has_refused() -> None:
    def refuses(to: str, data: bytes) -> Told:
        return Refused()

    node = Node(aggregated(refuses), code=b"\x60")
    assert ask(node, [check(1), check(2)]) == [Refused(), Refused()]
    assert node.requests == [1, 1]


def test_what_fails_without_a_word_within_one_call_is_asked_alone() -> None:
    def answer(to: str, data: bytes) -> Told:
        if to == to_hex(MULTICALL3):
            return Answered(told("(bool,bytes)[]", [(True, b"\2"), (False, b"")]))
        return Answered(b"\3")

    node = Node(answer, code=b"\x60")
    assert ask(node, [check(1), check(2)]) == [Answered(b"\2"), Answered(b"\3")]


@pytest.mark.parametrize("nonsense", [Answered(b"\1"), Refused(), Unanswered("out of gas")])
def test_where_multicall3_fails_each_is_asked_alone(nonsense: Told) -> None:
    def answer(to: str, data: bytes) -> Told:
        return nonsense if to == to_hex(MULTICALL3) else Answered(data)

    checks = [check(number) for number in range(5)]
    assert ask(Node(answer, code=b"\x60"), checks) == mirrored(checks)


def test_calls_in_somebody_s_name_go_alone_and_beside_their_control() -> None:
    who = Address(b"\xad" * 20)
    yes, no = Control(b"yes", lambda data: True), Control(b"no", lambda data: False)
    checks = [check(1, sender=who, control=yes), check(2, sender=who, control=no)]
    node = Node(aggregated(lambda to, data: Answered(b"")), code=b"\x60")
    held, unheld = ask(node, checks)
    assert held == Answered(b"")
    assert isinstance(unheld, Unanswered)
    assert node.senders == [to_hex(who)] * 2
