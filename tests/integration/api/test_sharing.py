"""What many hear alike is executed once, and each hears it as if alone."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from api.accounts.viewer import Viewer
from api.context import Context
from api.metrics import OPERATIONS
from api.sharing import Ear, Sharing, Told, key_of
from indexer.units import Address
from tests.integration.api.conftest import Client
from tests.integration.api.engine import Chain
from tests.integration.api.listener import Listener, joined
from tests.integration.api.rows import group, put

GROUPS = "subscription { groupUpdated { event { id } group { groupId memberCount } reverted } }"
ONE = "subscription($id: String) { groupUpdated(groupId: $id) { group { groupId } } }"


@pytest.fixture(autouse=True)
def watched(database: Engine) -> None:
    put(database, groups=[group(1)])


def executed() -> float:
    return float(OPERATIONS._value.get())


async def hearing(client: Client, count: int) -> list[Listener]:
    listeners = [Listener(client, GROUPS) for _ in range(count)]
    async with asyncio.timeout(10):
        while client.index.sharing.subscribers < count or not client.index.broker.subscribers:
            await asyncio.sleep(0.01)
    return listeners


async def test_many_hear_the_same_of_one_execution(client: Client, chain: Chain) -> None:
    before = executed()
    listeners = await hearing(client, 30)
    assert (executed() - before, client.index.broker.subscribers) == (1, 1)
    chain.grow(events=[joined(11, 0)])
    told = [await one.until(1) for one in listeners]
    assert told[0][0]["groupUpdated"]["event"] == {"id": "11-0"}
    assert all(one == told[0] for one in told)
    chain.reorg(1, 2, events=[joined(11, 0)])
    told = [await one.until(3) for one in listeners]
    assert [item["groupUpdated"]["reverted"] for item in told[0]] == [False, True, False]
    assert all(one == told[0] for one in told)
    for one in listeners:
        await one.stop()
    assert (client.index.sharing.streams, client.index.broker.subscribers) == (0, 0)


async def test_who_leaves_takes_nothing_from_the_others(client: Client, chain: Chain) -> None:
    first, second = await hearing(client, 2)
    await first.stop()
    chain.grow(events=[joined(11, 0)])
    assert len(await second.until(1)) == 1
    await second.stop()
    [third] = await hearing(client, 1)
    chain.grow(events=[joined(12, 0)])
    assert (await third.until(1))[0]["groupUpdated"]["event"] == {"id": "12-0"}
    await third.stop()


async def test_what_a_document_is_refused_for_all_who_ask_are_told(client: Client) -> None:
    for refused in (
        "{ groupUpdated { nothing } }",
        '{ groupUpdated(groupId: "a", key: "0x") {gone} }',
    ):
        told = await asyncio.gather(*(_all(client, f"subscription {refused}") for _ in range(3)))
        assert all(len(results) == 1 and results[0].errors for results in told)
    assert client.index.sharing.streams == 0


async def _all(client: Client, query: str) -> list[Any]:
    return [result async for result in client.stream(query)]


def test_only_what_is_the_same_for_everybody_is_shared() -> None:
    assert key_of(GROUPS, None, {}) == key_of(GROUPS, None, {})
    assert len({key_of(ONE, None, {"id": id_}) for id_ in "ab"} - {None}) == 2
    for text in (
        "subscription { events { reverted } }",
        "subscription { ...More } fragment More on Subscription { meta { lag } }",
        "{ meta { lag } }",
        "subscription A { meta { lag } } subscription B { meta { lag } }",
        "subscription { meta { lag } ",
    ):
        assert key_of(text, None, {}) is None


async def test_who_signed_in_has_an_execution_of_ones_own(client: Client, chain: Chain) -> None:
    [other] = await hearing(client, 1)
    viewer = replace(Viewer(), address=Address(b"\1" * 20))
    context = Context(client.index, viewer=viewer)
    stream = await client._schema.stream(GROUPS, context_value=context)
    step = asyncio.ensure_future(anext(aiter(stream)))
    async with asyncio.timeout(10):
        while client.index.broker.subscribers < 2:
            await asyncio.sleep(0.01)
    assert client.index.sharing.subscribers == 1
    chain.grow(events=[joined(11, 0)])
    assert not isinstance((await step).data, Told)
    await stream.aclose()
    await other.stop()


async def test_who_is_too_slow_is_told_so_and_the_others_go_on() -> None:
    ear = Ear(size=2)
    for number in range(3):
        ear.put(number)
    [told] = [one async for one in ear.results()]
    assert told.errors[0].extensions["code"] == "SLOW_CLIENT"


async def test_what_an_execution_breaks_with_everybody_hears() -> None:
    async def broken() -> Any:
        await asyncio.sleep(0.01)
        raise ValueError("broken")

    async def heard() -> str:
        with pytest.raises(ValueError, match="broken"):
            async for _ in sharing.heard(("", None, b""), broken):
                pass
        return "so"

    sharing = Sharing(size=10)
    for _ in range(2):
        assert [*await asyncio.gather(heard(), heard())] == ["so", "so"]
        assert sharing.streams == 0
