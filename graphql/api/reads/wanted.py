"""The event filter as a question to one row: what `reads.events` says in SQL, for live events."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from api.reads.events import CREATIONS, TOPICS, UNKNOWN, topics_of
from indexer.events.definitions import Contract

if TYPE_CHECKING:
    from api.types.inputs import EventFilter

Test = Callable[[Any], bool]


def wanted(where: "EventFilter | None") -> Test:
    """Whether a row is in the filtered list; raises BAD_USER_INPUT where the list does."""
    tests = () if where is None else tuple(_tests(where))
    return lambda row: all(test(row) for test in tests)


def _tests(where: "EventFilter") -> Iterator[Test]:
    if where.contract is not None:
        yield _equals("contract", where.contract.value)
    if where.name is not None:
        yield _named("where.name", [where.name])
    if where.name_in is not None:
        yield _named("where.nameIn", where.name_in)
    if where.transaction_hash is not None:
        yield _equals("transaction_hash", where.transaction_hash)
    if where.group_key is not None:
        yield _of_group(where.group_key)
    if where.address is not None:
        yield _naming(bytes(12) + where.address)
    yield from _between(where.block_gte, where.block_lte)


def _equals(column: str, value: object) -> Test:
    return lambda row: getattr(row, column) == value


def _named(argument: str, names: Sequence[str]) -> Test:
    topics = {topic for name in names for topic in topics_of(argument, name)}
    unknown = UNKNOWN in names
    return lambda row: row.topic0 in topics if row.decoded else unknown


def _of_group(key: bytes) -> Test:
    creations = {topic for name in CREATIONS for topic in TOPICS[name]}

    def test(row: Any) -> bool:
        if row.contract == Contract.GROUP_CHAT.value:
            return bool(row.topic1 == key)
        return row.topic0 in creations and row.topic2 == key

    return test


def _naming(topic: bytes) -> Test:
    return lambda row: topic in (row.topic1, row.topic2, row.topic3)


def _between(least: int | None, most: int | None) -> Iterator[Test]:
    if least is not None:
        yield lambda row: row.block_number >= least
    if most is not None:
        yield lambda row: row.block_number <= most
