"""Who and what, as clients ask it: a cell for everything that takes an identity."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from sqlalchemy import Engine

from api.accounts.viewer import Scope
from api.context import Context
from api.schema import Schema
from indexer.settings import Settings
from indexer.units import to_hex
from tests.integration.accounts.asked import MUTATIONS, PUBLIC, QUERIES, SUBSCRIPTIONS
from tests.integration.accounts.table import PEOPLE, REFUSALS, SEATS, TOLD, cells
from tests.integration.accounts.village import (
    NEWEST,
    Village,
    answered,
    conversation_id,
    shown,
    viewer,
    words,
)
from tests.integration.accounts.wallets import Wallet
from tests.integration.api.conftest import Client
from tests.integration.api.rows import key_of
from tests.unit.accounts.test_jwk import okp

OTHER: Final = 8
FIXED: Final = {
    "group": "group_1",
    "key": to_hex(key_of(1)),
    "conversation": conversation_id(1),
    "other": shown(OTHER),
    "jwk": json.dumps(okp(9)).replace('"', '\\"'),
    "signature": Wallet().sign("something else"),
}


def root(what: str, document: str) -> str:
    return "node" if what.startswith("node") else document.split("(")[0].split()[0]


def test_everything_that_takes_an_identity_has_its_row(schema: Schema) -> None:
    documents = QUERIES | MUTATIONS | SUBSCRIPTIONS
    assert sorted(documents) == sorted({what for what, _, _ in cells()})
    asked = {root(what, document) for what, document in documents.items()}
    types = ("Query", "Mutation", "Subscription")
    roots = {name for one in types for name in schema._schema.type_map[one].fields}  # type: ignore[attr-defined]
    assert roots - PUBLIC == asked - PUBLIC
    assert not PUBLIC - roots


@pytest.fixture
async def village(schema: Schema, settings: Settings, database: Engine) -> AsyncIterator[Village]:
    client = Client(schema, settings)
    people = tuple(one for one in PEOPLE.values() if one is not None)
    village = Village(client=client, database=database, seats={1: {**SEATS}}, people=people)
    village.found()
    village.belongings(1)
    village.wrapped(1, 1)
    yield village
    await client.index.close()


async def names(village: Village, who: int | None, document: str) -> dict[str, str]:
    """What the document is about: the owner's, but for `own`, which is this one's."""
    wanted, made = set(re.findall(r"%\((\w+)\)s", document)), dict(FIXED)
    if "own" in wanted:
        made["own"] = await village.say(1, sender=who, block=5)
    made["message"] = await village.say(1)
    made["file"] = village.files[-1]
    if "direct" in wanted or "other" in wanted:
        made["direct"] = await village.whisper(1, OTHER)
    if wanted & {"session", "api_key", "notification", "fingerprint", "webhook"}:
        made |= village.belongings(1)
    return made | {"epoch": village.epoch(1), "now": datetime.now(UTC).isoformat()}


def outcome(answer: dict[str, Any], newest: set[str]) -> str:
    """The letter of the table."""
    if "errors" in answer:
        [error] = answer["errors"]
        told = error["extensions"]["code"], error["extensions"].get("reason")
        return next((letter for letter, one in REFUSALS.items() if one == told), str(told))
    [value] = answer["data"].values()
    if words(value) & newest:
        return "!"
    return "+" if any(leaves(value)) else "0"


def leaves(value: Any) -> Iterator[bool]:
    """Whether each value inside says anything."""
    inner = value.values() if isinstance(value, dict) else value
    if isinstance(inner, Iterable) and not isinstance(value, str):
        for one in inner:
            yield from leaves(one)
    else:
        yield value is not None and value is not False


async def test_each_cell_of_queries_and_mutations(village: Village) -> None:
    differing = []
    for what, who, letter in cells():
        if what in SUBSCRIPTIONS:
            continue
        kind, person = "query" if what in QUERIES else "mutation", PEOPLE[who]
        if kind == "mutation" or who == "anonymous":
            before = set(village.readers)
            given = await names(village, person, (QUERIES | MUTATIONS)[what])
        if "pinned" in what or "unpin" in what:
            await village.run(1, f"mutation {{ {MUTATIONS['pinMessage'] % given} }}")
        document = (QUERIES | MUTATIONS)[what] % given
        answer = await village.run(person, f"{kind} {{ {document} }}")
        told = words(answer)
        assert all(village.may_read(person, one) for one in told), (what, who, answer)
        old = before - village.own
        if (found := outcome(answer, set(village.readers) - old)) != letter:
            differing.append(f"{what}, {who}: {found}, not {letter}: {answer}")
    assert not differing, "\n".join(differing)


@pytest.mark.parametrize("scope", Scope)
async def test_a_token_of_one_scope_reads_what_is_of_this_scope_alone(
    village: Village, scope: Scope
) -> None:
    telling = set()
    for what, document in (QUERIES | MUTATIONS).items():
        given, kind = await names(village, 1, document), "query" if what in QUERIES else "mutation"
        token = {"scopes": frozenset({scope})}
        answer = await village.run(1, f"{kind} {{ {document % given} }}", **token)
        if words(answer):
            telling.add(root(what, document))
    assert telling == TOLD[scope]


async def test_each_cell_of_subscriptions(village: Village) -> None:
    differing = []
    for what, who, letter in cells():
        if what in SUBSCRIPTIONS:
            before = set(village.readers)
            answer = await first(village, PEOPLE[who], SUBSCRIPTIONS[what] % FIXED)
            assert all(village.may_read(PEOPLE[who], one) for one in words(answer))
            if (found := outcome(answer, set(village.readers) - before)) != letter:
                differing.append(f"{what}, {who}: {found}, not {letter}: {answer}")
    assert not differing, "\n".join(differing)


async def first(village: Village, who: int | None, document: str) -> dict[str, Any]:
    """The first that a subscription tells, while things happen over and over."""
    results = await village.client._schema.stream(
        query=f"subscription {{ {document} }}",
        context_value=Context(village.client.index, viewer=viewer(who)),
    )
    async with aclosing(results):
        waiting = asyncio.create_task(anext(aiter(results)))
        async with asyncio.timeout(30):
            while not waiting.done():
                await happen(village, who)
                await asyncio.wait({waiting}, timeout=0.1)
        return answered(waiting.result())


async def happen(village: Village, who: int | None) -> None:
    """Somebody types, is there, writes and edits; and this one is told something."""
    id_ = await village.say(1)
    for one in (1, 2):
        for name in ("setTyping", "setPresence"):
            await village.run(one, f"mutation {{ {MUTATIONS[name] % FIXED} }}")
    content = village.word()
    village.places[content] = 1, NEWEST
    edit = f'editMessage(id: "{id_}", content: "{content}")'
    await village.run(1, f"mutation {{ {edit} {{ id }} }}")
    if who is not None:
        village.tell(who)
