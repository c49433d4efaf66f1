"""What is no entity's: counters, money, blocks, and the events themselves."""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from indexer.audit import answers, chain, facts, money
from indexer.audit.check import Check, value
from indexer.audit.differences import Whole
from indexer.audit.moment import Reader
from indexer.audit.readings import VIEWS
from indexer.audit.round import Round
from indexer.audit.tables import Db
from indexer.audit.telling import Telling
from indexer.chain import state
from indexer.chain.node import Node
from indexer.chain.state import Answered, State, Told, Unanswered
from indexer.chain.wire import Call
from indexer.errors import Unserved
from indexer.events.definitions import Contract

T = TypeVar("T")

GROUPS: Final = "SELECT count(*) FROM groups WHERE created_block <= %s"
"""Served by groups_created_block_created_log_idx."""
BALANCE: Final = "eth_getBalance"


class Wholes:
    """With `sample`, that many of the newest blocks are looked at, and the node's logs are not."""

    def __init__(
        self,
        round: Round,
        reader: Reader,
        telling: Telling,
        *,
        node: Node,
        state: State,
        sample: int | None,
        most_blocks: int,
    ) -> None:
        self._round = round
        self._moment = round.moment
        self._reader = reader
        self._telling = telling
        self._node = node
        self._state = state
        self._sample = sample
        self._most_blocks = most_blocks

    async def everything(self) -> None:
        """The counters of index and contract, the money, the blocks, the logs."""
        self._telling.begin("counters and money", None)
        await self._round.ask([groups(await self._read(self._groups))])
        counted = await self._read(facts.counters)
        self._round.tally.add("cursor", Whole("the cursor"), counted)
        for contract in money.HOLDERS:
            await self._money(contract)
        await self._blocks()
        if self._sample is None:
            await self._logs()

    def _groups(self, db: Db) -> int:
        row = db.execute(GROUPS, [self._moment.number]).fetchone()
        return int(row[0]) if row else 0

    async def _money(self, contract: Contract) -> None:
        owed = await self._read(lambda db: money.owed(db, contract, self._moment.number))
        asked = state.balance(self._moment.addresses[contract], self._round.header.hash)
        told = await self._round.patiently(lambda: self._told(asked))
        if isinstance(told, Answered):
            found = money.uncovered(contract, owed, int.from_bytes(told.data))
            self._round.tally.add(BALANCE, Whole(contract.solidity_name), found)
        else:
            self._round.tally.leave(BALANCE, getattr(told, "why", "the node refused"))

    async def _told(self, asked: Call) -> Told:
        try:
            [told] = await self._state.told([asked])
        except Unserved as error:
            return Unanswered(str(error))
        return told

    async def _blocks(self) -> None:
        self._telling.begin("blocks", None)
        kept = self._reader, self._moment, self._node
        told = chain.blocks(*kept) if self._sample is None else chain.newest(*kept, self._sample)
        async for part in told:
            self._count("blocks", part)

    async def _logs(self) -> None:
        self._telling.begin("events", None)
        told = chain.logs(
            self._reader, self._moment, self._node, self._most_blocks, self._round.patiently
        )
        async for part in told:
            self._count("events", part)

    def _count(self, name: str, part: chain.Compared) -> None:
        self._round.tally.add_many(name, part.compared, part.differences)
        self._round.tally.leave(name, part.why, part.not_compared)
        self._telling.took(part.compared)

    async def _read(self, work: Callable[[Db], T]) -> T:
        return await asyncio.to_thread(self._within, work)

    def _within(self, work: Callable[[Db], T]) -> T:
        with self._reader.at(self._moment) as db:
            return work(db)


def groups(count: int) -> Check:
    """How many groups there are."""
    return Check(
        subject=Whole(Contract.GROUP_CHAT.solidity_name),
        view="groupCounter",
        calldata=VIEWS["groupCounter"].selector,
        judge=value("groups", count, answers.number),
    )
