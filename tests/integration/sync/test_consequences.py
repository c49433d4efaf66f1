"""What a batch leads to is written with it, and taken back with it."""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest

from indexer.db.outbox import State
from indexer.effects.effect import Kind
from indexer.events.calls.group_chat import InviteMember
from indexer.events.definitions import Contract
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from indexer.sync.store import Store
from indexer.units import Address, to_hex
from tests.fakes import FakeChain, FakeNode, Sent
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import mine, sent
from tests.unit.projections.chance import IDS, PEOPLE, THINGS

EVER = 1e10
KEY = next(key for key, name in IDS.items() if name == b"group_1")
ANN, BOB, *_ = PEOPLE
THING = THINGS[0]


def removal(who: Address = BOB) -> Sent:
    return sent(Contract.GROUP_CHAT, chat.MemberRemoved(KEY, who, ANN, 1_700_000_000))


def rows(index: Index, columns: str = "key, block_number, state") -> list[tuple[Any, ...]]:
    return index.rows(f"SELECT {columns} FROM outbox ORDER BY id")


def begin(index: Index, *, state: State = State.SENT, webhook: int = 1) -> None:
    """As if every effect were of a webhook, and begun."""
    index.rows(
        "UPDATE outbox SET state = %s, webhook = %s, attempts = 1 WHERE retracts IS NULL"
        " RETURNING id",
        state,
        webhook,
    )


async def test_each_event_is_followed_by_its_effect_with_the_key_of_its_place(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.mine(transactions=[removal(), removal(ANN)])
    await follow(index, fake, age=EVER)
    found = index.rows("SELECT kind, block_number, block_hash, log_index, state FROM outbox")
    hash_ = chain[1].hash
    assert sorted(found) == [(Kind.REMOVED, 1, hash_, log, State.QUEUED) for log in (0, 1)]
    assert index.value("SELECT payload -> 'people' ->> 0 FROM outbox ORDER BY id") == to_hex(BOB)


async def test_history_notifies_nobody(chain: FakeChain, fake: FakeNode, index: Index) -> None:
    mine(chain, Random(1), 30, busy=1.0)
    await follow(index, fake, age=86_400)
    assert rows(index) == []


async def test_who_was_invited_by_a_call_is_told_so(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    joined = chat.MemberJoined(KEY, BOB, 1_700_000_000)
    call = InviteMember(b"group_1", BOB)
    chain.mine(transactions=[sent(Contract.GROUP_CHAT, joined, call=call)])
    chain.mine(transactions=[sent(Contract.GROUP_CHAT, joined)])
    await follow(index, fake, age=EVER)
    assert rows(index, "kind, block_number") == [(Kind.INVITED, 1), (Kind.JOINED, 2)]


def gifts(*amounts: int) -> Sent:
    backed = (pay.CrowdfundingBacked(THING, BOB, amount, 1_700_000_000) for amount in amounts)
    return sent(Contract.GROUP_PAYMENT, *backed)


@pytest.mark.parametrize("cut", [False, True])
async def test_one_contribution_reaches_the_target(
    chain: FakeChain, fake: FakeNode, index: Index, cut: bool
) -> None:
    created = pay.CrowdfundingCreated(THING, KEY, ANN, 10, 1_700_000_000)
    chain.mine(transactions=[sent(Contract.GROUP_PAYMENT, created), gifts(4)])
    if cut:
        await follow(index, fake, age=EVER)
    chain.mine(transactions=[gifts(3, 3, 3)])
    chain.mine(transactions=[gifts(9)])
    await follow(index, fake, age=EVER)
    complete = "SELECT block_number, log_index FROM outbox WHERE kind = %s"
    assert index.rows(complete, Kind.PAYMENT_COMPLETED) == [(2, 1)]


async def test_an_effect_that_was_not_sent_goes_with_its_block(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.mine(transactions=[removal()])
    chain.mine(transactions=[removal(ANN)])
    await follow(index, fake, age=EVER)
    [kept, _] = rows(index)
    chain.fork(1)
    chain.mine_empty(1)
    await follow(index, fake, age=EVER)
    assert rows(index) == [kept]


async def test_the_same_transaction_in_another_block_is_another_effect(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.mine(transactions=[removal()])
    await follow(index, fake, age=EVER)
    [(before, *_)] = rows(index)
    chain.fork(1)
    chain.mine_empty(1)
    chain.mine(transactions=[removal()])
    await follow(index, fake, age=EVER)
    [(after, block, state)] = rows(index)
    assert (block, state) == (2, State.QUEUED)
    assert after != before


@pytest.mark.parametrize("state", [State.SENT, State.DONE, State.DEAD])
async def test_an_effect_that_was_begun_is_followed_by_its_retraction(
    chain: FakeChain, fake: FakeNode, index: Index, state: State
) -> None:
    chain.mine(transactions=[removal()])
    chain.mine(transactions=[removal(ANN)])
    await follow(index, fake, age=EVER)
    begin(index, state=state)
    chain.fork(2)
    chain.mine_empty(1)
    await follow(index, fake, age=EVER)
    effects = rows(index, "id, key, state, retracts")
    assert [(state, retracts) for *_, state, retracts in effects] == [
        (State.RETRACTED, None),
        (State.RETRACTED, None),
        (State.QUEUED, effects[0][0]),
        (State.QUEUED, effects[1][0]),
    ]
    told = index.rows("SELECT payload ->> 'retracts' FROM outbox WHERE retracts IS NOT NULL")
    assert sorted(told) == sorted((key.hex(),) for _, key, *_ in effects[:2])
    assert len({key for _, key, *_ in effects}) == 4


async def test_what_people_were_told_of_a_block_goes_with_it(
    chain: FakeChain, fake: FakeNode, index: Index
) -> None:
    chain.mine(transactions=[removal()])
    chain.mine(transactions=[removal(ANN)])
    await follow(index, fake, age=EVER)
    index.rows(
        "INSERT INTO notifications (recipient, key, kind, arguments, block_number, block_hash,"
        " log_index) SELECT key, key, kind, '{}', block_number, block_hash, log_index FROM outbox"
        " RETURNING 1"
    )
    chain.fork(1)
    chain.mine_empty(1)
    await follow(index, fake, age=EVER)
    assert index.rows("SELECT block_number FROM notifications") == [(1,)]


def flip(chain: FakeChain, blocks: Iterable[Any]) -> None:
    """Puts these blocks in the place of the newest ones."""
    chain.fork(1)
    for block in blocks:
        chain._append(block)


@pytest.mark.parametrize("gone_out", [False, True])
async def test_a_block_that_comes_back_brings_its_effect_back(
    chain: FakeChain, fake: FakeNode, index: Index, gone_out: bool
) -> None:
    chain.mine(transactions=[removal()])
    first = chain[1]
    await follow(index, fake, age=EVER)
    [(key, *_)] = rows(index)
    begin(index, state=State.DONE)
    flip(chain, ())
    chain.mine_empty(1)
    await follow(index, fake, age=EVER)
    if gone_out:
        index.rows("UPDATE outbox SET attempts = 1 WHERE retracts IS NOT NULL RETURNING id")
    flip(chain, [first])
    await follow(index, fake, age=EVER)
    found = index.rows("SELECT key, state, retracts FROM outbox WHERE webhook = 1 ORDER BY id")
    if gone_out:
        assert [(state, bool(retracts)) for _, state, retracts in found] == [
            (State.QUEUED, False),
            (State.QUEUED, True),
        ]
        assert key not in [one for one, *_ in found]
    else:
        assert found == [(key, State.QUEUED, None)]


async def test_an_index_that_goes_back_and_on_tells_nobody_twice(
    chain: FakeChain, fake: FakeNode, new_index: Callable[[], Index]
) -> None:
    index = new_index()
    chain.mine(transactions=[removal()])
    chain.mine(transactions=[removal(ANN)])
    await follow(index, fake, age=EVER)
    before = rows(index)
    rewind(index, 0)
    assert rows(index) == before
    chain.fork(1)
    chain.mine_empty(2)
    await follow(index, fake, age=EVER)
    assert rows(index) == before[:1]


def rewind(index: Index, number: int) -> None:
    store = Store(index.url)
    store.rewind(number, None)
    store.close()
