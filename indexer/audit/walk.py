"""Going over everything that the index holds, a page at a time."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from indexer.audit.moment import Reader
from indexer.audit.round import Round
from indexer.audit.slices import pages
from indexer.audit.stages import STAGES, Page, Stage
from indexer.audit.tables import Db
from indexer.audit.telling import Telling

T = TypeVar("T")


class Walk:
    """`sample` of each kind are looked at, or with None all."""

    def __init__(
        self, round: Round, reader: Reader, telling: Telling, *, sample: int | None
    ) -> None:
        self._round = round
        self._reader = reader
        self._telling = telling
        self._sample = sample

    async def everything(self) -> None:
        """Every stage, each from its first page to its last."""
        for stage in STAGES:
            total = await asyncio.to_thread(self._read, stage.total)
            self._telling.begin(stage.name, total)
            await self._page(stage, await asyncio.to_thread(self._read, stage.missing))
            every = pages(partial(self._ahead, stage), self._sample)
            while page := await asyncio.to_thread(next, every, None):
                await self._page(stage, page)

    async def _page(self, stage: Stage, page: Page) -> None:
        moment, context = self._round.moment, self._round.context
        founded, asked = await asyncio.to_thread(
            self._read,
            lambda db: (stage.founded(db, page), stage.checks(db, page, moment, context)),
        )
        for entity, table, differences in founded:
            self._round.tally.add(table, entity, differences)
        await self._round.ask(asked)
        self._telling.took(len(page), len(asked))

    def _ahead(self, stage: Stage, after: bytes | None, limit: int) -> Page:
        return self._read(lambda db: stage.ahead(db, after, limit))

    def _read(self, work: Callable[[Db], T]) -> T:
        """What it reads in a transaction of its own."""
        with self._reader.at(self._round.moment) as db:
            return work(db)
