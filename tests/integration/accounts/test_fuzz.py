"""Whatever anybody asks, nobody reads a word that is not for him."""

import asyncio
import json
import random
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final

import pytest
from sqlalchemy import Engine

from api.context import Context
from api.schema import Schema
from indexer.settings import Settings
from indexer.units import to_hex
from tests.integration.accounts.asked import MUTATIONS, QUERIES
from tests.integration.accounts.village import (
    NEWEST,
    Seat,
    Village,
    answered,
    conversation_id,
    shown,
    viewer,
    words,
)
from tests.integration.accounts.wallets import Wallet
from tests.integration.api.conftest import Client
from tests.integration.api.rows import account, key_of
from tests.unit.accounts.test_jwk import okp

PEOPLE: Final = tuple(range(1, 9))
GROUPS: Final = 4
ASKED: Final = 700
MOVED: Final = 40
"""Questions between two changes on the chain."""
SAID: Final = 120
LIVE: Final = (
    "subscription { messageAdded { id content sender } }",
    "subscription { messageAdded { content attachments { name } replyTo { content } } }",
    "subscription { messageUpdated { content attachments { name } replyTo { content } } }",
    "subscription { notificationAdded { notification { arguments } } }",
)
ALWAYS: Final = (
    "conversation, plain",
    "conversation",
    "conversations",
    "group.messages",
    "notifications",
    "node: file",
)
"""Words are found by these, or it was no test."""
LEAVE: Final = """
WITH gone AS (DELETE FROM members WHERE group_key = :g AND address = :who RETURNING *)
INSERT INTO members_history (group_key, address, role, is_muted, joined_at, joined_block,
    joined_log, updated_block, until_block)
SELECT group_key, address, role, is_muted, joined_at, joined_block, joined_log, updated_block,
    :until FROM gone
"""


def seats(chance: random.Random) -> dict[int, dict[int, Seat]]:
    """Everybody is something, or nothing, in each group, whose owner stays."""
    made = {}
    for g in range(1, GROUPS + 1):
        owner, *others = chance.sample(PEOPLE, len(PEOPLE))
        found = {owner: Seat(role=2)}
        for who in others:
            seat = chance.choice((None, Seat(), Seat(role=1), Seat(is_muted=True), Seat(until=0)))
            if seat is not None:
                until = chance.randint(2, NEWEST) if seat.until == 0 else None
                found[who] = Seat(role=seat.role, is_muted=seat.is_muted, until=until)
        made[g] = found
    return made


class Fuzzer:
    """Ids of everything that there is, and who asks for them."""

    def __init__(self, village: Village, chance: random.Random) -> None:
        self.village, self.chance = village, chance
        self.known: dict[str, list[str]] = {
            "group": [f"group_{g}" for g in village.seats],
            "key": [to_hex(key_of(g)) for g in village.seats],
            "conversation": [conversation_id(g) for g in village.seats],
            "other": [shown(who) for who in PEOPLE],
            "epoch": [village.epoch(g) for g in village.seats],
            "jwk": [json.dumps(okp(9)).replace('"', '\\"')],
            "signature": [Wallet().sign("something else")],
            "now": [datetime.now(UTC).isoformat()],
            "message": [],
            "direct": [],
        }
        self.seen: Counter[str] = Counter()

    async def fill(self) -> None:
        """Something of everything, for everybody."""
        for g in self.village.seats:
            inside = [who for who, seat in self.village.seats[g].items() if seat.until is None]
            for block in (1, 4, 7, NEWEST):
                sender = self.chance.choice(inside)
                self.known["message"].append(await self.village.say(g, sender=sender, block=block))
            for who in PEOPLE:
                self.village.wrapped(g, who)
        for who in PEOPLE:
            other = self.chance.choice([one for one in PEOPLE if one != who])
            self.known["direct"].append(await self.village.whisper(who, other))
            for name, id_ in self.village.belongings(who).items():
                self.known.setdefault(name, []).append(id_)
        self.known["file"] = self.village.files
        self.known["own"] = self.known["message"]

    async def ask(self, who: int | None, what: str) -> None:
        """Asks, and looks at every word of the answer."""
        document = (QUERIES | MUTATIONS)[what] % {
            name: self.chance.choice(ids) for name, ids in self.known.items()
        }
        kind = "query" if what in QUERIES else "mutation"
        answer = await self.village.run(who, f"{kind} {{ {document} }}")
        told = words(answer)
        stolen = [word for word in told if not self.village.may_read(who, word)]
        assert stolen == [], (who, document, answer)
        self.seen[what] += bool(told)
        if "errors" in answer:
            assert answer["errors"][0]["extensions"]["code"] != "INTERNAL_ERROR", answer
        elif kind == "mutation":
            self._passed_on(who, told, document)

    def _passed_on(self, who: int | None, told: set[str], document: str) -> None:
        """Who was sent a word may read it; and who sent it keeps that copy."""
        if "forwardMessage" in document or "attachments: [" in document:
            [to] = [one for one in PEOPLE if f'recipient: "{shown(one)}"' in document]
            for word in told:
                self.village.readers[word] |= {who or 0, to}

    def leave(self) -> None:
        """Somebody leaves a group, in a block before the newest messages."""
        g = self.chance.choice([*self.village.seats])
        here = self.village.seats[g].items()
        inside = [who for who, seat in here if seat.until is None and seat.role != 2]
        if inside:
            who, until = self.chance.choice(inside), self.chance.randint(2, NEWEST)
            self.village.write(LEAVE, g=key_of(g), who=account(who), until=until)
            self.village.seats[g][who] = Seat(until=until)


@pytest.fixture
async def fuzzer(
    schema: Schema, settings: Settings, database: Engine, request: pytest.FixtureRequest
) -> AsyncIterator[Fuzzer]:
    seed = request.config.getoption("--chaos-seed") or secrets.randbits(32)
    print(f"--chaos-seed {seed}")
    client, chance = Client(schema, settings), random.Random(seed)
    village = Village(client=client, database=database, seats=seats(chance), people=PEOPLE)
    village.found()
    yield Fuzzer(village, chance)
    await client.index.close()


async def test_nobody_ever_reads_what_is_not_for_him(fuzzer: Fuzzer) -> None:
    await fuzzer.fill()
    everything = [*QUERIES, *QUERIES, *MUTATIONS]
    for n in range(ASKED):
        if n % MOVED == MOVED - 1:
            fuzzer.leave()
        who = fuzzer.chance.choice((None, *PEOPLE, *PEOPLE))
        await fuzzer.ask(who, fuzzer.chance.choice(everything))
    assert all(fuzzer.seen[what] for what in ALWAYS), fuzzer.seen


class Ear:
    """All that somebody hears, and what of it was not for him."""

    def __init__(self, village: Village, who: int) -> None:
        self.village, self.who = village, who
        self.heard: set[str] = set()
        self.stolen: set[str] = set()
        self._tasks = [asyncio.create_task(self._hear(document)) for document in LIVE]

    async def _hear(self, document: str) -> None:
        context = Context(self.village.client.index, viewer=viewer(self.who))
        results = await self.village.client._schema.stream(query=document, context_value=context)
        async with aclosing(results):
            async for result in results:
                told = words(answered(result))
                self.heard |= told
                self.stolen |= {one for one in told if not self.village.may_read(self.who, one)}

    async def hears(self, word: str) -> None:
        """Waits for it."""
        async with asyncio.timeout(60):
            while word not in self.heard:
                assert not any(task.done() for task in self._tasks), self._tasks
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def test_nobody_ever_hears_what_is_not_for_him_and_everybody_what_is(fuzzer: Fuzzer) -> None:
    village, chance = fuzzer.village, fuzzer.chance
    ears = {who: Ear(village, who) for who in PEOPLE}
    try:
        for who, ear in ears.items():
            while not ear.heard or len([*village.client.index.hub.feeds]) < 3 * len(ears):
                village.tell(who)
                await asyncio.sleep(0.05)
        before = set(village.readers)
        for _ in range(SAID):
            one, other = chance.sample(PEOPLE, 2)
            match chance.randrange(3):
                case 0:
                    await village.say(chance.choice([*village.seats]))
                case 1:
                    await village.whisper(one, other)
                case _:
                    village.tell(one)
        for word in village.readers.keys() - before:
            for who, ear in ears.items():
                if village.may_read(who, word):
                    await ear.hears(word)
        assert {who: ear.stolen for who, ear in ears.items() if ear.stolen} == {}
    finally:
        await asyncio.gather(*(ear.stop() for ear in ears.values()))
