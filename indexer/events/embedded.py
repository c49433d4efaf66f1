"""Calls that lie within other calldata: a multisig's, a bundle's, a batch's, at any depth.

Whoever passes a call on has its calldata in full, mostly after its length in 32 bytes (ABI `bytes`,
and the packed form of Safe's MultiSend). Where there is no length, the call has to be laid out as
compilers do it, so that its end is known.
"""

from collections.abc import Collection, Iterator
from typing import Final

from indexer.events.abi import Input
from indexer.events.calls import CALLS, Call, CallSpec
from indexer.events.definitions import Contract
from indexer.events.inputs import CAUSES, decode_input

DYNAMIC: Final = {"string": 1, "address[]": 32}
"""The bytes of an element."""
BUDGET: Final = 4
"""How often its own length an input may be read: calls that hold each other cost no more."""

SPECS: Final[dict[type[Call], CallSpec]] = {spec.cls: spec for spec in CALLS}
CAUSING: Final[dict[type[Call], CallSpec]] = {
    cls: spec for cls, spec in SPECS.items() if any(cls in calls for calls in CAUSES.values())
}


def embedded(
    contract: Contract, data: bytes, kinds: Collection[type[Call]]
) -> Iterator[tuple[bytes, Call]]:
    """The calls of these kinds that can be read in `data`: calldata and call, by their places.

    Takes time in proportion to the length of `data`, whatever is in it.
    """
    left = BUDGET * len(data)
    for start, spec in sorted(_places(data, kinds), key=lambda found: found[0]):
        for end in _ends(data, start, spec):
            left -= end - start
            if left < 0:
                return
            calldata = data[start:end]
            call = decode_input(contract, calldata)
            if call is not None:
                yield calldata, call
                break


def _places(data: bytes, kinds: Collection[type[Call]]) -> Iterator[tuple[int, CallSpec]]:
    for kind in kinds:
        spec = SPECS[kind]
        at = data.find(spec.selector)
        while at >= 0:
            yield at, spec
            at = data.find(spec.selector, at + 1)


def _ends(data: bytes, start: int, spec: CallSpec) -> Iterator[int]:
    """Where the calldata that begins at `start` may end."""
    least = 4 + 32 * len(spec.inputs)
    if start >= 32:
        told = int.from_bytes(data[start - 32 : start])
        if least <= told <= len(data) - start:
            yield start + told
    if size := canonical_size(spec.inputs, data, start + 4):
        yield min(start + 4 + size, len(data))


def canonical_size(inputs: tuple[Input, ...], data: bytes, at: int) -> int | None:
    """The bytes that arguments at `at` take, tail after tail; None where they lie otherwise."""
    size = 32 * len(inputs)
    for place, item in enumerate(inputs):
        if item.type in DYNAMIC:
            if int.from_bytes(data[at + 32 * place : at + 32 * place + 32]) != size:
                return None
            length = int.from_bytes(data[at + size : at + size + 32]) * DYNAMIC[item.type]
            if at + size + 32 + length > len(data):
                return None
            size += 32 + -(-length // 32) * 32
    return size
