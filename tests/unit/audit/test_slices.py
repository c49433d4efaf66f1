"""All entities, or a sample of those in a row, each of them once."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from indexer.audit.differences import GroupName
from indexer.audit.slices import PAGE, pages

KEYS = st.lists(st.binary(min_size=1, max_size=3), unique=True, max_size=80).map(sorted)


def taken(keys: Sequence[bytes], sample: int | None, start: bytes | None = None) -> list[bytes]:
    def ahead(after: bytes | None, limit: int) -> list[GroupName]:
        assert 0 < limit <= PAGE
        return [GroupName(key) for key in keys if key > (after or b"")][:limit]

    return [one.key for page in pages(ahead, sample, start=start) for one in page]


@given(KEYS)
def test_all_are_all_in_order(keys: list[bytes]) -> None:
    assert taken(keys, None) == keys


@given(KEYS, st.integers(1, 100), st.binary(min_size=1, max_size=3))
def test_a_sample_is_so_many_from_a_key_on_and_around(
    keys: list[bytes], sample: int, start: bytes
) -> None:
    around = [key for key in keys if key > start] + [key for key in keys if key <= start]
    assert taken(keys, sample, start) == around[:sample]


@given(KEYS)
def test_a_sample_begins_anywhere(keys: list[bytes]) -> None:
    assert sorted(taken(keys, 200)) == keys
