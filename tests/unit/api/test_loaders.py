"""Loaders ask once for many, and one waiter's trouble is not another's."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from api.loaders import Loader


class Reads:
    """What was asked of the database; even keys are there."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def __call__(self, keys: Sequence[int]) -> Mapping[int, str]:
        self.batches.append(list(keys))
        await asyncio.sleep(0.01)
        return {key: f"row {key}" for key in keys if key % 2 == 0}


async def test_keys_asked_together_are_read_together_and_once() -> None:
    reads = Reads()
    load = Loader(reads, "nothing")
    found = await asyncio.gather(*(load(key) for key in (2, 3, 2, 4)))
    assert found == ["row 2", "nothing", "row 2", "row 4"]
    assert await load(3) == "nothing"
    assert await load(6) == "row 6"
    assert reads.batches == [[2, 3, 4], [6]]


async def test_a_cancelled_waiter_takes_nothing_from_the_others() -> None:
    load = Loader(Reads(), "nothing")
    first, second = asyncio.create_task(load(2)), asyncio.create_task(load(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "row 2"
    assert first.cancelled()


async def test_a_failed_read_fails_for_all_who_asked() -> None:
    async def broken(_keys: Sequence[int]) -> Mapping[int, str]:
        raise ValueError("down")

    load = Loader(broken, "nothing")
    for result in await asyncio.gather(load(1), load(2), return_exceptions=True):
        assert isinstance(result, ValueError)
    with pytest.raises(ValueError):
        await load(1)
