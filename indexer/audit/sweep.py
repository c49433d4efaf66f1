"""One comparison of everything, a page at a time, that puts right what it finds."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

import msgspec

from indexer.audit.check import Check
from indexer.audit.moment import Reader
from indexer.audit.readings import VIEWS
from indexer.audit.repair import Repairs, observation
from indexer.audit.report import found
from indexer.audit.round import Round, differing
from indexer.audit.stages import ENTITIES, STAGES, Founded, Page, Stage
from indexer.audit.tables import Db
from indexer.audit.tally import Tally
from indexer.chain.state import Told
from indexer.events.definitions import Contract
from indexer.projections.entities import Entity, EntityKind
from indexer.sync.stored import CONTRACTS

T = TypeVar("T")

FINDINGS: Final = 20
"""Differences that a verdict keeps."""
Answers = Sequence[tuple[Check, Told]]


class Sweep:
    """`thorough`: all that can be compared. Else only what can have changed without an event."""

    def __init__(self, reader: Reader, repairs: Repairs, *, thorough: bool) -> None:
        self._reader = reader
        self._repairs = repairs
        self._thorough = thorough
        self._left = list(STAGES if thorough else ENTITIES)
        self._after: bytes | None = None
        self._repaired: Counter[Contract] = Counter()
        self.tally = Tally()

    @property
    def done(self) -> bool:
        """Whether everything was looked at."""
        return not self._left

    @property
    def hopeless(self) -> bool:
        """Whether nothing that was asked was answered."""
        return self.tally.not_compared > 0 and self.tally.answers == 0

    async def step(self, round: Round, limit: int) -> int:
        """Compares up to `limit` more things at the round's moment; returns how many."""
        stage, after = self._left[0], self._after
        if after is None and self._thorough:
            await self._compare(stage, await self._read(round, stage.missing), round)
        page = await self._read(round, lambda db: stage.ahead(db, after, limit))
        await self._compare(stage, page, round)
        self._after = page[-1].key if len(page) == limit else None
        if self._after is None:
            self._left.pop(0)
        return len(page)

    async def _compare(self, stage: Stage, page: Page, round: Round) -> None:
        def load(db: Db) -> tuple[Founded, list[Check]]:
            asked = stage.checks(db, page, round.moment, round.context)
            if self._thorough:
                return stage.founded(db, page), asked
            return [], [check for check in asked if check.observed is not None]

        founded, asked = await self._read(round, load)
        for entity, table, differences in founded:
            self.tally.add(table, entity, differences)
        answers = await round.ask(asked)
        wrong: Counter[Entity] = Counter()
        for entity, _, differences in founded:
            wrong[entity] += len(differences)
        wrong = +wrong
        if wrong or any(differing(*one) for one in answers):
            await self._repair(stage, page, round, wrong, answers)

    async def _repair(
        self, stage: Stage, page: Page, round: Round, wrong: Counter[Entity], answers: Answers
    ) -> None:
        """Counts as repaired what no longer differs afterwards."""
        told = [one for one in answers if differing(*one)]
        seen = [
            one for each in told if (one := observation(*each, round.moment, round.header.hash))
        ]
        if not seen and not wrong:
            return
        await asyncio.to_thread(self._repairs.make, round.moment, seen, wrong)
        now = await self._read(
            round, lambda db: stage.checks(db, page, round.moment, round.context)
        )
        after = {(check.view, check.calldata): check for check in now}
        for check, answer in told:
            again = after.get((check.view, check.calldata))
            left = 0 if again is None else differing(again, answer)
            self._repaired[check.contract] += differing(check, answer) - left
        for entity, count in wrong.items():
            self._repaired[CONTRACTS[entity.kind]] += count

    async def _read(self, round: Round, work: Callable[[Db], T]) -> T:
        def read() -> T:
            with self._reader.at(round.moment) as db:
                return work(db)

        return await asyncio.to_thread(read)

    def verdicts(self, round: Round) -> Iterator[dict[str, Any]]:
        """What it came to, contract by contract, in the columns of `audits`."""
        for contract in Contract:
            counts = [one for name, one in self.tally.counts.items() if OF.get(name) is contract]
            differences = [one for count in counts for one in count.differences]
            told = [found(one) for one in differences[:FINDINGS]]
            yield {
                "contract": contract,
                "block": round.moment.number,
                "hash": round.header.hash,
                "compared": sum(count.compared for count in counts),
                "not_compared": sum(count.not_compared for count in counts),
                "differences": len(differences),
                "repaired": self._repaired[contract],
                "findings": msgspec.json.encode(told).decode(),
            }


OF: Final[dict[str, Contract]] = {name: view.contract for name, view in VIEWS.items()} | {
    table.name: CONTRACTS[kind]
    for kind in EntityKind
    for one in kind.tables
    for table in (one.current, one.history)
    if table is not None
}
"""The contract that a view or a table is about; events and counters are of all three."""
