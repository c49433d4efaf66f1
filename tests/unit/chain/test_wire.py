"""The JSON-RPC envelope."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.chain.refusals import Refusal
from indexer.chain.wire import Answer, Call, answers, decode, encode
from indexer.errors import BadAnswer

ONE = [Call(method="eth_a")]
TWO = [Call(method="eth_a"), Call(method="eth_b", params=(1,))]


def said(calls: Sequence[Call], body: object) -> list[Answer] | Refusal:
    return answers(calls, 5, msgspec.json.encode(body))


def good(number: Any, result: Any = "0x1") -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "result": result}


def test_one_call_is_an_object_and_several_are_an_array() -> None:
    assert msgspec.json.decode(encode(ONE, 5)) == {
        "jsonrpc": "2.0",
        "id": 5,
        "method": "eth_a",
        "params": [],
    }
    assert [one["id"] for one in msgspec.json.decode(encode(TWO, 5))] == [5, 6]


def test_answers_of_a_batch_are_put_into_the_order_of_the_calls() -> None:
    found = said(TWO, [good(6, "second"), good(5, "first")])
    assert isinstance(found, list)
    assert [bytes(one.raw()) for one in found] == [b'"first"', b'"second"']


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([good(5)], "answered 1 of 2 calls"),
        ([good(5), good(7)], "foreign id 7"),
        ([good(5), good("6")], "foreign id '6'"),
        ([good(5), good(True)], "foreign id True"),
        ([good(5), good(5)], "id 5 twice"),
        ([good(5), good(6), good(6)], "id 6 twice"),
        ([good(5), {"id": 6}], "neither a result nor an error"),
        (good(5), "one object that is no error"),
        ([1, 2], "Expected `object`"),
        ([], "answered 0 of 2 calls"),
    ],
)
def test_a_batch_that_does_not_match_its_calls_is_not_believed(body: object, reason: str) -> None:
    with pytest.raises(BadAnswer, match=reason):
        said(TWO, body)


@pytest.mark.parametrize("number", [6, "5", None, 5.0, True, [5]])
def test_an_answer_with_a_foreign_id_is_not_believed(number: object) -> None:
    with pytest.raises(BadAnswer, match="in place of 5"):
        said(ONE, good(number))


def test_an_error_without_an_id_is_the_error_of_the_only_call() -> None:
    found = said(ONE, {"id": None, "error": {"code": -32700, "message": "parse error"}})
    assert isinstance(found, list)
    assert found[0].refusal == Refusal(code=-32700, text="parse error")


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one]])
def test_a_batch_refused_as_a_whole_is_one_refusal(wrap: Any) -> None:
    body = wrap({"id": None, "error": {"code": -32600, "message": "no batches"}})
    assert said(TWO, body) == Refusal(code=-32600, text="no batches")


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        ("plain words", Refusal(code=0, text="plain words")),
        ({"code": "-1", "message": None}, Refusal(code=0, text="None")),
        (
            {"code": -32602, "message": "invalid params", "data": {"payload": "range limit 2000"}},
            Refusal(code=-32602, text="invalid params {'payload': 'range limit 2000'}"),
        ),
        ({"message": "x" * 5_000_000}, Refusal(code=0, text="x" * 1000)),
    ],
)
def test_an_error_of_any_shape_is_read_within_bounds(error: object, refusal: Refusal) -> None:
    found = said(ONE, {"id": 5, "error": error})
    assert isinstance(found, list)
    assert found[0].refusal == refusal


def test_a_null_error_beside_a_result_is_no_error() -> None:
    found = said(ONE, good(5) | {"error": None})
    assert isinstance(found, list)
    assert bytes(found[0].raw()) == b'"0x1"'


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"id":"\xff"}', b"[" * 100_000, b"<html>", b'"\\ud800"', b"null"]
)
def test_bytes_that_are_no_answer_are_refused(body: bytes) -> None:
    for calls in (ONE, TWO):
        with pytest.raises(BadAnswer, match="eth_a"):
            answers(calls, 5, body)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_bad_answer(body: bytes) -> None:
    try:
        decode("eth_a", msgspec.json.Decoder(list[str]), body)
    except BadAnswer as error:
        assert "\n" not in str(error)


def test_a_result_of_a_wrong_type_names_method_and_field() -> None:
    found = said(ONE, good(5, {"number": 1}))
    assert isinstance(found, list)
    with pytest.raises(BadAnswer, match=r"eth_a: .*Expected `str`, got `int` - at `\$\[\.\.\.\]`"):
        found[0].read(msgspec.json.Decoder(dict[str, str]))
