"""Many views in one call: Multicall3's `aggregate3`, at the one address that it has everywhere."""

from collections.abc import Sequence
from typing import Final

from indexer.events.abi import selector
from indexer.events.reference import Malformed
from indexer.units import Address

MULTICALL3: Final = Address(bytes.fromhex("ca11bde05977b3631167028862be2a173976ca11"))
AGGREGATE: Final = selector("aggregate3((address,bool,bytes)[])")


def together(calls: Sequence[tuple[Address, bytes]]) -> bytes:
    """The calldata that makes all of these calls, each of which may fail by itself."""
    parts = [_part(to, data) for to, data in calls]
    place, places = 32 * len(parts), b""
    for part in parts:
        places += place.to_bytes(32)
        place += len(part)
    return AGGREGATE + (32).to_bytes(32) + len(parts).to_bytes(32) + places + b"".join(parts)


def _part(to: Address, data: bytes) -> bytes:
    words = (to.rjust(32, b"\0"), (1).to_bytes(32), (96).to_bytes(32), len(data).to_bytes(32))
    return b"".join(words) + data.ljust(-(-len(data) // 32) * 32, b"\0")


def apart(answer: bytes, count: int) -> list[tuple[bool, bytes]]:
    """(whether it succeeded, what it returned) for each call. Raises Malformed."""
    start = _number(answer, 0) + 32
    if _number(answer, start - 32) != count:
        raise Malformed(f"answers to {_number(answer, start - 32)} calls in place of {count}")
    return [_result(answer, start + _number(answer, start + 32 * n)) for n in range(count)]


def _result(answer: bytes, at: int) -> tuple[bool, bytes]:
    success, place = _number(answer, at), at + _number(answer, at + 32)
    size = _number(answer, place)
    if success > 1:
        raise Malformed(f"success is {success}")
    return success == 1, _bytes(answer, place + 32, size)


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(_bytes(data, at, 32))


def _bytes(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise Malformed(f"{size} bytes at {at} end beyond {len(data)}")
    return data[at : at + size]
