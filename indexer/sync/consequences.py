"""The effects of a batch, as rows of the outbox.

History notifies nobody: only a block whose time is at most an age ago has effects. That is decided
by the block's own time, not by how near the head the batch is, because then it makes no difference
how a chain was cut into batches, and an index that was down for an hour still tells what happened
in it. A backfill's batches end in old blocks: they cost one comparison.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, cast

from psycopg import Cursor

from indexer.db import outbox
from indexer.db.outbox import Row
from indexer.effects import effect
from indexer.effects.effect import Effect
from indexer.effects.policy import BY_EVENT, Happened, effects
from indexer.events.calls.group_chat import InviteMember
from indexer.events.definitions import Contract, Event
from indexer.events.definitions import group_chat as chat
from indexer.events.embedded import embedded
from indexer.events.inputs import decode_input
from indexer.projections.world import Fact
from indexer.sync.batch import Batch, Block, Sighting
from indexer.sync.funded import Place, reached
from indexer.units import Address, Hash32, to_hex

TRANSACTION: Final = 3
"""The column of an event's row that holds its transaction's hash."""


@dataclass(slots=True)
class Consequences:
    """Writes the effects of batches; `age` in seconds, 0: nothing has effects."""

    age: float = 0.0
    _highest: int | None = field(default=None, init=False)
    """The highest block with effects, as far as this process knows; None: it has to ask."""

    def forget(self) -> None:
        """Somebody else may write from now on."""
        self._highest = None

    def write(self, db: Cursor[Any], batch: Batch, *, reorg: bool) -> None:
        """Adds the batch's effects, and takes back those of the blocks that it replaces."""
        if self._highest is None:
            self._highest = outbox.highest(db)
        if reorg or batch.first <= self._highest:
            hashes = [block.hash for block in batch.blocks]
            outbox.settle(db, batch.first, None if reorg else batch.last.number, hashes)
        if rows := self._rows(db, batch):
            outbox.add(db, rows)
            self._highest = max(self._highest, rows[-1].block_number)

    def _rows(self, db: Cursor[Any], batch: Batch) -> list[Row]:
        since = time.time() - self.age
        if not self.age or batch.last.timestamp < since:
            return []
        blocks = {int(block.number): block for block in batch.blocks if block.timestamp >= since}
        facts = [fact for fact in batch.facts if fact.block in blocks]
        marked = _invitations(facts, batch) | reached(db, facts)
        return [_row(one, fact, blocks) for fact, one in _effects(facts, marked)]


def _effects(facts: Iterable[Fact], marked: set[Place]) -> Iterator[tuple[Fact, Effect]]:
    """The effects of each fact; `marked` are the invitations and what reached a target."""
    for _, group in groupby(facts, key=lambda fact: (fact.block, fact.transaction)):
        ours = [(fact, cast("Event", fact.event)) for fact in group]
        together = [event for _, event in ours]
        for fact, event in ours:
            if type(event) in BY_EVENT:
                mark = (fact.block, fact.log) in marked
                for one in effects(Happened(event=event, together=together, marked=mark)):
                    yield fact, one


def _row(one: Effect, fact: Fact, blocks: Mapping[int, Block]) -> Row:
    block = blocks[fact.block]
    payload = {
        "people": [to_hex(person) for person in one.people],
        "audiences": [[audience.whom, to_hex(audience.key)] for audience in one.audiences],
        "but": [to_hex(person) for person in one.but],
        "arguments": one.arguments,
        "refunds": one.refunds,
    }
    key = effect.key(block.hash, fact.log, one.kind)
    place = (block.number, block.hash, fact.log)
    return Row(key, one.kind, effect.PEOPLE, payload, *place, one.finality)


def _invitations(facts: Iterable[Fact], batch: Batch) -> set[Place]:
    """Where somebody joined by invitation, by the calls that were seen; far from the head none."""
    joined = {(f.block, f.log): f.event for f in facts if isinstance(f.event, chat.MemberJoined)}
    if not joined or not batch.calls:
        return set()
    calls = {one.transaction: one for one in batch.calls}
    found = set()
    for row in batch.events:
        event, call = joined.get(place := (row[0], row[1])), calls.get(Hash32(row[TRANSACTION]))
        if event is not None and call is not None and event.member in _invitees(call):
            found.add(place)
    return found


def _invitees(call: Sighting) -> Iterator[Address]:
    """Whom the transaction invites: by its own call, or by one within its input."""
    direct = decode_input(Contract.GROUP_CHAT, call.input)
    if isinstance(direct, InviteMember):
        yield direct.invitee
    for _, made in embedded(Contract.GROUP_CHAT, call.input, (InviteMember,)):
        if isinstance(made, InviteMember):
            yield made.invitee
