"""The answers of the views that are lists, numbers and flags. Each raises Malformed."""

from typing import Any, Final, NamedTuple, cast

from indexer.events import reference
from indexer.events.abi import Input
from indexer.events.reference import Malformed
from indexer.units import Address, Hash32

ADDRESSES: Final = (Input(type="address[]"),)
NUMBER: Final = (Input(type="uint256"),)
FLAG: Final = (Input(type="bool"),)
RECORD: Final = 5 * 32


class ClaimRecord(NamedTuple):
    """One of `getClaimRecords`."""

    packet_id: Hash32
    claimer: Address
    amount: int
    claimed_at: int
    order: int


def number(answer: bytes) -> int:
    return _one(NUMBER, answer)  # type: ignore[no-any-return]


def flag(answer: bytes) -> bool:
    return _one(FLAG, answer)  # type: ignore[no-any-return]


def addresses(answer: bytes) -> tuple[Address, ...]:
    return cast(tuple[Address, ...], _one(ADDRESSES, answer))


def ids(answer: bytes) -> tuple[Hash32, ...]:
    """`bytes32[]`."""
    start, count = _list(answer)
    words = _bytes(answer, start, 32 * count)
    return tuple(Hash32(words[at : at + 32]) for at in range(0, len(words), 32))


def strings(answer: bytes) -> tuple[bytes, ...]:
    """`string[]`: where each begins is counted from behind the list's length."""
    start, count = _list(answer)
    _bytes(answer, start, 32 * count)
    within = answer[start:]
    places = [_number(within, 32 * n) for n in range(count)]
    return tuple(_bytes(within, at + 32, _number(within, at)) for at in places)


def claim_records(answer: bytes) -> tuple[ClaimRecord, ...]:
    start, count = _list(answer)
    words = _bytes(answer, start, RECORD * count)
    return tuple(_record(words[at : at + RECORD]) for at in range(0, len(words), RECORD))


def _record(words: bytes) -> ClaimRecord:
    types = [Input(type=one) for one in ("bytes32", "address", "uint256", "uint256", "uint256")]
    return ClaimRecord(*cast(Any, reference.values(types, words)))


def _one(types: tuple[Input, ...], answer: bytes) -> Any:
    return reference.values(types, answer)[0]


def _list(answer: bytes) -> tuple[int, int]:
    """Where the elements of the only value begin, and how many there are."""
    tail = _number(answer, 0)
    return tail + 32, _number(answer, tail)


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(_bytes(data, at, 32))


def _bytes(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise Malformed(f"{size} bytes at {at} end beyond {len(data)}")
    return data[at : at + size]
