"""Values, logs and calldata as hypothesis draws them: canonical, unusual and broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from hypothesis import strategies as st

from indexer.events.abi import Input
from indexer.events.calls import CALLS, Call
from indexer.events.definitions import EventSpec

EDGES = [0, 1, 2, 3, 31, 32, 33, 64, 96, 2**64 - 1, 2**160 - 1, 2**160, 2**255, 2**256 - 1]
numbers = st.sampled_from(EDGES) | st.integers(0, 2**256 - 1)
words = numbers.map(lambda n: n.to_bytes(32))
addresses = st.binary(min_size=20, max_size=20)
strings = st.binary(max_size=100) | st.text(max_size=30).map(str.encode)


@dataclass(frozen=True, slots=True)
class Log:
    """The topics after topic 0, and the data."""

    topics: tuple[bytes, ...]
    data: bytes


def wire(item: Input) -> str:
    """The type for eth_abi, which reads a `string` as strict UTF-8 but lays it out like `bytes`."""
    return "bytes" if item.type == "string" else item.type


def value(item: Input) -> st.SearchStrategy[Any]:
    """Any value that the argument can have; an indexed string is its hash."""
    match item.type:
        case "string" if not item.indexed:
            return strings
        case "string" | "bytes32":
            return words
        case "address":
            return addresses
        case "address[]":
            return st.lists(addresses, max_size=4).map(tuple)
        case "bool":
            return st.booleans()
        case "uint8":
            return st.integers(0, item.most or 0)
        case _:
            return numbers


def arguments(inputs: Sequence[Input]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(*map(value, inputs))


def encoded(inputs: Sequence[Input], values: Sequence[Any]) -> bytes:
    return encode([wire(item) for item in inputs], list(values))


def log(spec: EventSpec, values: Sequence[Any]) -> Log:
    """The log that Solidity would write."""
    pairs = list(zip(spec.inputs, values, strict=True))
    topics = [
        v if i.type in ("string", "bytes32") else encode([i.type], [v])
        for i, v in pairs
        if i.indexed
    ]
    plain = [(i, v) for i, v in pairs if not i.indexed]
    return Log(tuple(topics), encoded([i for i, _ in plain], [v for _, v in plain]))


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """The data with a word replaced, a byte changed, an end cut off or something added."""
    match draw(st.sampled_from(["word", "byte", "cut", "add"])):
        case "word" if len(data) >= 32:
            at = 32 * draw(st.integers(0, len(data) // 32 - 1))
            return data[:at] + draw(words) + data[at + 32 :]
        case "byte" if data:
            at = draw(st.integers(0, len(data) - 1))
            return data[:at] + draw(st.binary(min_size=1, max_size=1)) + data[at + 1 :]
        case "cut":
            return data[: draw(st.integers(0, len(data)))]
        case _:
            return data + draw(st.binary(max_size=70))


@st.composite
def logs(draw: st.DrawFn, spec: EventSpec) -> Log:
    """A log of this event that may be canonical, unusual or broken."""
    whole = log(spec, draw(arguments(spec.inputs)))
    data, topics = whole.data, whole.topics
    for _ in range(draw(st.integers(0, 2))):
        data = draw(damaged(data))
    match draw(st.sampled_from(["whole", "damaged", "fewer", "more"])):
        case "damaged":
            topics = tuple(draw(damaged(topic)) for topic in topics)
        case "fewer":
            topics = topics[: draw(st.integers(0, len(topics)))]
        case "more":
            topics = (*topics, draw(words))[:3]
        case _:
            pass
    return Log(topics, data)


def calldata(call: Call) -> bytes:
    """The input with which the call is made."""
    spec = next(spec for spec in CALLS if spec.cls is type(call))
    values = [getattr(call, field) for field in call.__struct_fields__]
    return spec.selector + encoded(spec.inputs, values)
