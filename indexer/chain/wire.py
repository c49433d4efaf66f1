"""The JSON-RPC 2.0 envelope: calls out, answers in, matched by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from indexer.chain.refusals import Refusal, error_of
from indexer.errors import BadAnswer

T = TypeVar("T")

_NOTHING: Final = (b"", b"null")
_TEXT: Final = 1000
"""Characters of a node's own words that are read: it may send megabytes of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One method and its positional parameters."""

    method: str
    params: tuple[object, ...] = ()


class _Response(msgspec.Struct, gc=False):
    id: Any = None
    result: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()


_one: Final = msgspec.json.Decoder(_Response)
_many: Final = msgspec.json.Decoder(list[_Response])


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a node said to one call: the JSON of its result, or a refusal."""

    method: str
    result: msgspec.Raw
    refusal: Refusal | None = None

    def raw(self) -> msgspec.Raw:
        """The JSON of the result; raises what the refusal means."""
        if self.refusal is not None:
            raise error_of(self.method, self.refusal)
        return self.result

    def read(self, decoder: msgspec.json.Decoder[T]) -> T:
        """The typed result; raises BadAnswer naming the method and the field."""
        return decode(self.method, decoder, self.raw())


def decode(method: str, decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    """The typed value of JSON; raises BadAnswer (also on bad UTF-8 and bottomless nesting)."""
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0][:200]
        raise BadAnswer(f"{method}: the node's answer is not what it should be: {reason}") from None


def encode(calls: Sequence[Call], first_id: int) -> bytes:
    """The body of a request: one object for one call, an array for several."""
    requests = [
        {"jsonrpc": "2.0", "id": first_id + place, "method": call.method, "params": call.params}
        for place, call in enumerate(calls)
    ]
    return msgspec.json.encode(requests[0] if len(requests) == 1 else requests)


def answers(calls: Sequence[Call], first_id: int, body: bytes) -> list[Answer] | Refusal:
    """The answers in the order of the calls, or the one refusal of a whole batch.

    Raises BadAnswer on ids that are missing, foreign or there twice.
    """
    names = _names(calls)
    if len(calls) == 1:
        return [_single(calls[0], first_id, decode(names, _one, body))]
    if body[:80].lstrip()[:1] != b"[":
        return _refusal(names, decode(names, _one, body))
    responses = decode(names, _many, body)
    if len(responses) == 1 and responses[0].id is None:
        return _refusal(names, responses[0])
    return _matched(calls, first_id, responses)


def _names(calls: Sequence[Call]) -> str:
    return ", ".join(dict.fromkeys(call.method for call in calls))


def _single(call: Call, wanted: int, response: _Response) -> Answer:
    answer = _answer(call, response)
    told = response.id
    if not _is(told, wanted) and not (told is None and answer.refusal):
        raise BadAnswer(f"{call.method}: the node answered id {told!r:.40} in place of {wanted}")
    return answer


def _matched(calls: Sequence[Call], first_id: int, responses: list[_Response]) -> list[Answer]:
    found: list[Answer | None] = [None] * len(calls)
    for response in responses:
        place = response.id - first_id if type(response.id) is int else -1
        if not 0 <= place < len(calls):
            raise BadAnswer(f"{_names(calls)}: the node answered a foreign id {response.id!r:.40}")
        if found[place] is not None:
            raise BadAnswer(f"{calls[place].method}: the node answered id {response.id} twice")
        found[place] = _answer(calls[place], response)
    whole = [answer for answer in found if answer is not None]
    if len(whole) != len(calls):
        lost = calls[found.index(None)].method
        raise BadAnswer(f"{lost}: the node answered {len(whole)} of {len(calls)} calls of a batch")
    return whole


def _is(told: object, wanted: int) -> bool:
    return type(told) is int and told == wanted


def _answer(call: Call, response: _Response) -> Answer:
    if bytes(response.error) not in _NOTHING:
        return Answer(method=call.method, result=response.result, refusal=_words(response.error))
    if not memoryview(response.result).nbytes:
        raise BadAnswer(f"{call.method}: the node's answer has neither a result nor an error")
    return Answer(method=call.method, result=response.result)


def _refusal(names: str, response: _Response) -> Refusal:
    if bytes(response.error) in _NOTHING:
        raise BadAnswer(f"{names}: the node answered a batch with one object that is no error")
    return _words(response.error)


def _words(error: msgspec.Raw) -> Refusal:
    """The code and the words of an error of any shape; what `data` says counts too (Tenderly)."""
    told = decode("error", msgspec.json.Decoder(), error)
    if not isinstance(told, dict):
        return Refusal(code=0, text=str(told)[:_TEXT])
    code = told.get("code")
    parts = [str(told.get("message", ""))[:_TEXT]]
    if told.get("data") is not None:
        parts.append(str(told["data"])[:_TEXT])
    return Refusal(code=code if type(code) is int else 0, text=" ".join(parts))
