"""From an event to an endpoint, through reorgs: what left the chain does not happen, or is taken
back."""

from collections.abc import Callable, Iterator

import pytest

from indexer.db import dispatch, webhooks
from indexer.db.connection import connect
from indexer.events.definitions import Contract
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from tests.fakes import FakeChain, FakeNode, Sent
from tests.integration.indexing import Index, follow
from tests.integration.sync.histories import sent
from tests.integration.workers.effects import Receiver, receiving
from tests.unit.projections.chance import IDS, PEOPLE, THINGS
from workers.tasks.effects import QUEUES, Doer
from workers.terms import Terms

EVER = 1e10
ANN, BOB, *_ = PEOPLE
KEY = next(key for key, name in IDS.items() if name == b"group_1")

Work = Callable[[], None]


@pytest.fixture
def receiver(index: Index) -> Iterator[Receiver]:
    """An endpoint that hears of everything."""
    with receiving() as one:
        with connect(index.url) as connection, connection.cursor() as db:
            webhooks.add(db, one.url, "s3cret", None, None)
        yield one


@pytest.fixture
def work(index: Index) -> Iterator[Work]:
    """Does what is due until nothing is."""
    doer = Doer(index.url, Terms(private=True))

    def claimed() -> list[dispatch.Task]:
        with connect(index.url) as connection, connection.cursor() as db:
            lanes = [dispatch.claim(db, channel, most=999, lease=60) for channel in QUEUES]
        return [task for lane in lanes for task in lane]

    def run() -> None:
        while tasks := claimed():
            for task in tasks:
                doer.do(task)

    yield run
    doer.close()


def removal() -> Sent:
    return sent(Contract.GROUP_CHAT, chat.MemberRemoved(KEY, BOB, ANN, 1_700_000_000))


def completion() -> Sent:
    return sent(Contract.GROUP_PAYMENT, pay.PaymentCompleted(THINGS[0], 5, 1_700_000_000))


def heard(receiver: Receiver) -> list[tuple[str, int, bool]]:
    said = [one.said for one in receiver.heard]
    return [(one["kind"], one["block"]["number"], "retracts" in one) for one in said]


async def test_an_effect_that_waits_happens_once_its_block_is_safe(
    chain: FakeChain, fake: FakeNode, index: Index, receiver: Receiver, work: Work
) -> None:
    chain.mine(transactions=[completion()])
    chain.mine_empty(3)
    await follow(index, fake, age=EVER)
    work()
    assert heard(receiver) == []
    chain.mine_empty(1)
    await follow(index, fake, age=EVER)
    work()
    assert heard(receiver) == [("PAYMENT_COMPLETED", 1, False)]


async def test_an_effect_whose_block_leaves_before_its_finality_never_happens(
    chain: FakeChain, fake: FakeNode, index: Index, receiver: Receiver, work: Work
) -> None:
    chain.mine(transactions=[completion()])
    chain.mine_empty(2)
    await follow(index, fake, age=EVER)
    work()
    chain.fork(3)
    chain.mine_empty(30)
    await follow(index, fake, age=EVER)
    work()
    assert heard(receiver) == []
    assert index.rows("SELECT * FROM outbox") == index.rows("SELECT * FROM notifications") == []


async def test_an_effect_whose_block_leaves_after_it_is_taken_back_and_told_where_it_went(
    chain: FakeChain, fake: FakeNode, index: Index, receiver: Receiver, work: Work
) -> None:
    chain.mine(transactions=[removal()])
    await follow(index, fake, age=EVER)
    work()
    chain.fork(1)
    chain.mine_empty(1)
    chain.mine(transactions=[removal()])
    await follow(index, fake, age=EVER)
    work()
    assert heard(receiver)[0] == ("REMOVED", 1, False)
    assert sorted(heard(receiver)[1:]) == [("REMOVED", 1, True), ("REMOVED", 2, False)]
    [retraction] = [one for one in receiver.heard if "retracts" in one.said]
    assert retraction.said["retracts"] == receiver.heard[0].key
    assert index.rows("SELECT recipient, block_number FROM notifications") == [(BOB, 2)]


async def test_a_chain_that_goes_to_and_fro_leaves_the_endpoint_with_what_stands(
    chain: FakeChain, fake: FakeNode, index: Index, receiver: Receiver, work: Work
) -> None:
    chain.mine(transactions=[removal()])
    block = chain[1]
    for _ in range(2):
        await follow(index, fake, age=EVER)
        work()
        chain.fork(1)
        chain.mine_empty(1)
        await follow(index, fake, age=EVER)
        work()
        chain.fork(1)
        chain._append(block)
    await follow(index, fake, age=EVER)
    work()
    told = {one.key for one in receiver.heard if "retracts" not in one.said}
    gone = {one.said["retracts"] for one in receiver.heard if "retracts" in one.said}
    assert (len(told), len(gone), len(told - gone)) == (3, 2, 1)
    assert index.rows("SELECT recipient FROM notifications") == [(BOB,)]
