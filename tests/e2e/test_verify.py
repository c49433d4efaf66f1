"""dchat verify on a real chain: nothing where all is right, and whatever is planted."""

import asyncio
import json
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from indexer.audit.asking import Asker
from indexer.audit.check import Check, Context
from indexer.audit.checks import checks
from indexer.audit.entities import load, page
from indexer.audit.moment import Moment, Reader
from indexer.audit.multicall import MULTICALL3
from indexer.audit.readings import VIEWS
from indexer.audit.verify import verify
from indexer.chain.rpc import Rpc
from indexer.chain.state import State, Told
from indexer.chain.wire import Call
from indexer.dev.process import spawn, stop
from indexer.projections.entities import EntityKind
from indexer.settings import Settings
from indexer.units import to_hex
from tests.e2e import oddities, wallets
from tests.e2e.commands import PROGRAM, dchat, eventually
from tests.e2e.revisions import ARTIFACTS, DEPLOYED, HARDENED, Revision
from tests.e2e.stack import Stack, whole_stack
from tests.e2e.workload import Workload
from tests.fakes.proxy import lacking

AGGREGATOR: Final = ARTIFACTS / "test-contracts" / "Aggregator.sol" / "Aggregator.json"
PLANTS: Final = (
    ("groups", "name = name || '!'", "name", "getGroup"),
    ("groups", "member_count = member_count + 1", "member_count", "getGroup"),
    ("groups_history", "until_block = until_block + 1", "until_block", None),
    ("members", "role = (role + 1) % 3", "role", "getMember"),
    ("members_history", "is_muted = NOT is_muted", "is_muted", None),
    ("join_requests", "requester = decode(repeat('ee', 20), 'hex')", "row", "rejectJoinRequest"),
    ("join_requests_history", "requested_log = requested_log + 1", "requested_log", None),
    ("payments", "description = description || '!'", "description", "get"),
    ("payments_history", "status = 2 - status", "status", None),
    ("participants", "address = decode(repeat('ee', 20), 'hex')", "address", None),
    ("contributions", "amount = amount + 1", "amount", "Contribution"),
    ("contributions_history", "amount = amount + 1", "amount", None),
    ("refund_balances", "amount = amount + 1", "amount", "pendingRefunds"),
    ("refund_balances_history", "amount = amount + 1", "amount", None),
    ("red_packets", "message = message || '!'", "message", "getRedPacket"),
    ("red_packets_history", "remaining_count = remaining_count + 1", "remaining_count", None),
    (
        "recipients",
        "address = decode(repeat('ee', 20), 'hex')",
        "address",
        "getExclusiveRecipients",
    ),
    ("claims", "amount = amount + 1", "amount", "getUserClaimAmount"),
    ("events", "data = data || decode(repeat('00', 32), 'hex')", "data", None),
    ("blocks", "timestamp = timestamp + interval '1 s'", "timestamp", None),
    ("cursor", "event_count = event_count + 1", "event_count", None),
)
"""(table, what is set in its first row, the field that differs, the view that says so too)."""


class Noting(State):
    """Remembers what was asked."""

    def __init__(self, rpc: Rpc) -> None:
        super().__init__(rpc)
        self.asked: list[Call] = []

    async def told(self, calls: Sequence[Call]) -> list[Told]:
        self.asked += calls
        return await super().told(calls)


@contextmanager
def living(path: Path, revision: Revision) -> Iterator[Stack]:
    """A small chain on which a lot has happened that few expect, followed by an index."""
    with whole_stack(path / "home", past=False, revision=revision) as stack:
        wallets.place_wallets(stack.chain)
        oddities.tell(stack.chain)
        Workload(stack.chain, seed=5).run(30)
        stack.synced()
        yield stack


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One of our contracts, followed."""
    with living(tmp_path_factory.mktemp("hardened"), HARDENED) as stack:
        yield stack


@pytest.fixture(scope="module")
def still(live: Stack) -> Stack:
    """The same once nobody repairs or reads the index any more."""
    for verb in ("index", "serve"):
        assert live.end(verb) == 0
    return live


@pytest.fixture
def copy(still: Stack) -> str:
    """The URL of a copy of the index, to be spoilt."""
    name = f"copy_{uuid4().hex}"
    url = make_url(still.database_url)
    with psycopg.connect(named(url, "postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {url.database}".encode())
    return named(url, name)


def named(url: Any, database: str) -> str:
    return str(url.set(database=database).render_as_string(hide_password=False))


def verified(chain_url: str, database_url: str, **options: Any) -> tuple[dict[str, Any], int]:
    """The report of everything, and the exit code."""
    settings = Settings(rpc_urls=(chain_url,), rpc_patience=5)
    wanted = {"block": None, "sample": None} | options
    [line], code = verify(settings, database_url, json=True, **wanted)
    return json.loads(line), code


def test_a_running_index_of_a_community_is_as_the_contracts_say(stack: Stack) -> None:
    stack.synced()
    done = dchat("verify", "--all", "--json", env=stack.settings(), cwd=stack.home.path)
    report = json.loads(done.stdout)
    assert (report["found"], report["notCompared"], done.returncode) == ([], 0, 0)
    assert {one["name"] for one in report["checks"]} >= {*VIEWS}
    assert report["compared"] > 3000


def test_people_are_given_a_table(live: Stack) -> None:
    done = dchat("verify", "--sample", "3", env=live.settings(), cwd=live.home.path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("0 differences, ")


def test_our_contracts_are_read_as_what_they_are(live: Stack) -> None:
    assert_read_as_what_it_is(live, HARDENED)
    for back in (1, 40):
        report, code = verified(live.chain.url, live.database_url, block=live.chain.height - back)
        assert (report["found"], code) == ([], 0)


def test_blocks_that_come_meanwhile_make_no_difference(live: Stack) -> None:
    before = live.synced()
    with ThreadPoolExecutor(1) as beside:
        found = beside.submit(verified, live.chain.url, live.database_url)
        Workload(live.chain, seed=6).run(20)
        report, code = found.result()
    assert (report["found"], report["notCompared"], code) == ([], 0, 0)
    assert before <= report["block"]["number"] < live.synced()


def test_the_deployed_contracts_are_read_as_what_they_are(tmp_path: Path) -> None:
    with living(tmp_path, DEPLOYED) as stack:
        assert_read_as_what_it_is(stack, DEPLOYED)


def assert_read_as_what_it_is(stack: Stack, revision: Revision) -> None:
    report, code = verified(stack.chain.url, stack.database_url)
    assert (report["found"], code) == ([], 0)
    readings = {one["name"]: one["reading"] for one in report["checks"]}
    assert ("0" in readings["getPayment"]) != revision.totals_collections
    assert ("not exist" in readings["pendingRefunds"]) != revision.refunds_wait
    assert ("too" in readings["getGroupPayments"]) == revision.groups_list_fundings
    assert ("too" in readings["getUserPayments"]) == revision.users_list_paid


def plant(url: str, table: str, change: str) -> None:
    """Spoils one row; of blocks one that carries events."""
    where = f"ctid = (SELECT ctid FROM {table} ORDER BY 1 LIMIT 1)"
    if table == "events":
        where = "(block_number, log_index) = (SELECT block_number, log_index FROM events LIMIT 1)"
    if table == "blocks":
        where = "number = (SELECT min(block_number) FROM events)"
    with psycopg.connect(url, autocommit=True) as database:
        assert database.execute(f"UPDATE {table} SET {change} WHERE {where}".encode()).rowcount == 1


@pytest.mark.parametrize(("table", "change", "field", "view"), PLANTS, ids=str)
def test_what_is_planted_is_found(
    table: str, change: str, field: str, view: str | None, still: Stack, copy: str
) -> None:
    plant(copy, table, change)
    report, code = verified(still.chain.url, copy)
    assert code == 1
    assert (table, field) in {(one["source"], one["field"]) for one in report["found"]}
    if view is not None:
        assert any(view in one["source"] for one in report["found"])


def test_the_audit_puts_right_what_is_planted_in_every_table(still: Stack, copy: str) -> None:
    for table, change, _, _ in PLANTS:
        plant(copy, table, change)
    report, _ = verified(still.chain.url, copy)
    assert {one["source"] for one in report["found"]} >= {table for table, *_ in PLANTS}
    env = dict(still.settings()) | {"DCHAT_DATABASE_URL": copy, "DCHAT_AUDIT_INTERVAL": "0.1"}
    auditing = spawn([*PROGRAM, "index"], log=still.home.log("audit"), env=env, cwd=still.home.path)
    try:
        assert eventually(lambda: verified(still.chain.url, copy)[1] == 0, 90, 1)
    finally:
        stop(auditing, how=signal.SIGTERM)


def test_commands_end_with_the_code_that_says_how_it_went(still: Stack, copy: str) -> None:
    with psycopg.connect(copy, autocommit=True) as database:
        database.execute("UPDATE groups SET owner = decode(repeat('ee', 20), 'hex')")
    spoilt = dict(still.settings()) | {"DCHAT_DATABASE_URL": copy}
    right = dict(still.settings())
    for env, words, code in (
        (right, ["--sample", "1"], 0),
        (spoilt, ["--sample", "1"], 1),
        (right, ["--all", "--sample", "1"], 2),
        (right, ["--block", str(still.chain.height + 1)], 78),
    ):
        done = dchat("verify", *words, env=env, cwd=still.home.path)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


async def test_a_node_that_answers_no_view_leaves_them_uncompared(still: Stack) -> None:
    async with lacking(still.chain.url, {"eth_call", "eth_getCode", "eth_getBalance"}) as url:
        report, code = await asyncio.to_thread(verified, url, still.database_url, sample=2)
    assert (code, report["found"]) == (66, [])
    assert report["notCompared"] > 20


async def test_multicall3_makes_fewer_requests_and_no_difference(still: Stack) -> None:
    alone, calls = await _asked(still)
    code = json.loads(AGGREGATOR.read_text())["deployedBytecode"]
    still.chain.rpc("anvil_setCode", to_hex(MULTICALL3), code)
    together, fewer = await _asked(still)
    still.chain.rpc("anvil_setCode", to_hex(MULTICALL3), "0x")
    assert together == alone
    assert len(alone) > 200
    assert len(fewer) < len(calls) / 4
    assert any(call.params[0]["to"] == to_hex(MULTICALL3) for call in fewer if _is_call(call))  # type: ignore[index]


def _is_call(call: Call) -> bool:
    return call.method == "eth_call"


async def _asked(stack: Stack) -> tuple[list[Told], list[Call]]:
    """What became of all questions about entities, and what was sent for it."""
    with closing(Reader(stack.database_url)) as reader:
        moment = reader.moment(None)
        assert moment is not None and moment.anchor is not None
        questions = _questions(reader, moment)
    rpc = Rpc([stack.chain.url])
    try:
        state = Noting(rpc)
        asker = Asker(state, moment.addresses)
        block: Any = moment.anchor[1]
        return await asker.ask(block, questions), state.asked
    finally:
        await rpc.close()


def _questions(reader: Reader, moment: Moment) -> list[Check]:
    with reader.at(moment) as db:
        wanted = [one for kind in EntityKind for one in page(db, kind, None, 1000, None)]
        held = load(db, wanted, moment.number)
        return [check for one in held for check in checks(one, Context(time=0))]


def test_a_block_that_left_the_chain_is_said_to(still: Stack) -> None:
    still.chain.rpc("anvil_rollback", 1)
    still.chain.mine(3, seconds=7)
    done = dchat("verify", env=still.settings(), cwd=still.home.path)
    assert done.returncode == 75
    assert "left the chain meanwhile: run" in done.stderr
