"""Whatever anybody does, on either revision, the API says what the contracts answer.

The index follows the live chain while it happens. That matters on the deployed revision, where some
changes emit nothing: they are known from their own block on only to an index that watched the
transactions pass; one that comes later knows of them from the block of its audit on.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import psycopg
import pytest

from tests.e2e import oddities, silences, wallets
from tests.e2e.calls import packet, pay
from tests.e2e.chain import Chain, Do, functions
from tests.e2e.commands import eventually
from tests.e2e.compare import assert_equal, compare
from tests.e2e.compare_payments import KINDS
from tests.e2e.revisions import DEPLOYED, HARDENED, Revision
from tests.e2e.stack import Stack, whole_stack
from tests.e2e.views import key_of
from tests.e2e.wallets import BATCHER, MULTISIG
from tests.e2e.workload import Workload

SEEDS: Final = (101, 202, 303)
ROUNDS: Final = 8
"""Of each seed; the index is awaited after each, so that it stays close to the head."""
BLOCKS: Final = 8
"""Of a round."""
CROWD: Final = 14
"""Most transactions of a block."""
EARLIER: Final = 20
MILLI: Final = 10**15
NAMED: Final = """query($id: String!, $key: Bytes32!) {
    payments(where: {groupId: $id}, first: 100) { nodes { kind } }
    redPackets(where: {groupKey: $key}, first: 100) { nodes { groupId group { key } } }
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What happened on a chain. `people` are some accounts, and the wallets."""

    stack: Stack
    wallets: dict[str, str]
    people: tuple[str, ...]
    sent: int
    accepted: int


@pytest.fixture(scope="module", params=[HARDENED, DEPLOYED], ids=lambda revision: revision.name)
def life(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Life]:
    revision: Revision = request.param
    path = tmp_path_factory.mktemp(revision.name) / "home"
    with whole_stack(path, past=False, revision=revision) as stack:
        places = wallets.place_wallets(stack.chain)
        people = (*stack.chain.users[:9], *places.values())
        oddities.tell(stack.chain)
        stack.synced()
        done = [_live(stack, people, seed) for seed in SEEDS]
        stack.graph.page = 50
        yield Life(
            stack=stack,
            wallets=places,
            people=people,
            sent=sum(work.sent for work in done),
            accepted=sum(work.accepted for work in done),
        )


def _live(stack: Stack, people: tuple[str, ...], seed: int) -> Workload:
    work = Workload(stack.chain, seed, people=people, most=CROWD)
    for _ in range(ROUNDS):
        work.run(BLOCKS)
        stack.synced()
    return work


def test_everything_was_tried_and_refused_by_many(life: Life) -> None:
    chain = life.stack.chain
    changing = functions(chain)
    renounced = {name for name in changing if name.endswith(".renounceOwnership")}
    assert changing - renounced <= chain.accepted
    assert changing - renounced <= chain.refusals
    assert life.sent > 1000 and life.accepted > 400


def test_the_api_says_what_the_contracts_answer(life: Life) -> None:
    assert assert_equal(life.stack) > 5000


@pytest.mark.parametrize("nth", range(EARLIER))
def test_an_earlier_block_is_as_the_contracts_told_it_then(life: Life, nth: int) -> None:
    blocks = life.stack.chain.height
    assert_equal(life.stack, 8 + nth * (blocks - 8) // EARLIER, few=True)


def test_the_plain_id_of_a_group_that_was_never_created_is_known(life: Life) -> None:
    """Whoever names it, and however: the log carries no more than its hash."""
    chain, who = life.stack.chain, life.stack.chain.users[0]
    for id_ in ("lunch", "group1", "\N{STEAMING BOWL}" * 75):
        direct, batched = _naming(chain, who, id_), _naming(chain, life.wallets[BATCHER], id_)
        signed = _naming(chain, life.wallets[MULTISIG], id_)
        chain.must(*direct, wallets.batched(chain, who, *batched))
        chain.must(*(wallets.through(chain, who, call) for call in signed))
        life.stack.synced()
        found = life.stack.graph.query(NAMED, id=id_, key=key_of(id_))
        kinds = [each["kind"] for each in found["payments"]["nodes"]]
        assert Counter(kinds) == dict.fromkeys((*KINDS, "CROWDFUNDING"), 3)
        assert {each["groupId"] for each in found["redPackets"]["nodes"]} == {id_}
        assert {each["group"] for each in found["redPackets"]["nodes"]} == {None}
    assert_equal(life.stack, few=True)


def _naming(chain: Chain, who: str, id_: str) -> list[Do]:
    """One payment and one packet of each kind, for the group of this name."""
    bill = (id_, 10**9, [chain.users[1]], "", chain.now + 10**6)
    return [
        pay(who, "createGroupCollection", *bill),
        pay(who, "createAAPayment", *bill),
        pay(who, "createCrowdfunding", id_, 10**9, 1, "", "", chain.now + 10**6),
        packet(who, "createRandomRedPacket", id_, 1, "", value=MILLI),
        packet(who, "createFixedRedPacket", id_, 1, "", value=MILLI),
        packet(who, "createExclusiveRedPacket", id_, [chain.users[1]], "", value=MILLI),
    ]


def test_after_a_pause_a_restart_and_a_replay_all_is_as_the_contracts_tell_it(life: Life) -> None:
    """What happened meanwhile is caught up with; what the replay makes anew is what was there."""
    stack, half = life.stack, life.stack.chain.height // 2
    assert stack.end("index") == 0
    Workload(stack.chain, 404, people=life.people, most=CROWD).run(10)
    stack.start("index")
    assert_equal(stack)
    assert stack.end("index") == 0
    stack.run("replay", "--from-block", str(half))
    stack.start("index")
    assert_equal(stack)
    for block in (half // 2, half - 1, half, half + half // 2):
        assert_equal(stack, block, few=True)


def test_what_no_input_shows_is_found_by_the_audit(life: Life) -> None:
    """It runs at the end of `dchat index --once`."""
    stack = life.stack
    silences.hide(stack.chain)
    Workload(stack.chain, 505, people=life.people, most=CROWD, hides=True).run(10)
    stack.synced()
    assert stack.end("index") == 0
    stack.run("index", "--once")
    stack.start("index")
    assert_equal(stack)


def test_an_index_that_comes_late_knows_all_that_stands(life: Life) -> None:
    """Thanks to its audit, where changes were silent; and `dchat verify` says so."""
    stack, silent = life.stack, life.stack.chain.revision.is_silent
    late = Stack(home=stack.home, chain=stack.chain, database_url=_new_database(stack))
    try:
        late.migrate()
        late.run("index", "--once", "--no-audit")
        late.start("serve")
        assert eventually(lambda: late.is_up() and late.graph.answers())
        late.graph.page = stack.graph.page
        assert bool(compare(late, few=True).found) is silent
        late.run("index", "--once")
        assert_equal(late)
        late.run("verify", "--all")
    finally:
        late.close()


def _new_database(stack: Stack) -> str:
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE late")
    return stack.database_url.rsplit("/", 1)[0] + "/late"
