"""Finding what caused the events that leave something unsaid: their calls, or else the views."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

from indexer.chain.blocks import Log, Transaction
from indexer.chain.node import Node
from indexer.chain.questions import Question
from indexer.chain.settled import settled
from indexer.chain.traces import Frame, calls_to
from indexer.events.calls import Call
from indexer.events.causes import Source, cause
from indexer.events.definitions import Contract, Event
from indexer.events.definitions.group_chat import (
    GroupCreated,
    GroupInfoUpdated,
    GroupSettingsUpdated,
)
from indexer.events.embedded import CAUSING, embedded
from indexer.events.inputs import CAUSES, decode_input
from indexer.events.matching import matched
from indexer.events.views import Seen, joined, questions
from indexer.projections.preimages import REMEMBERED, Preimages
from indexer.sync.spare import Spare
from indexer.sync.transactions import Transactions
from indexer.units import Hash32

TRACES: Final = 4
"""Traces in one request: the node may take 5 seconds for each."""
VIEWS: Final = 25
LONGEST_ANSWER: Final = 1 << 20
"""Bytes of a view's answer that are kept: a group's lists its members, twice."""
MOST_CALLS: Final = 10_000
"""Calls of one transaction that are looked at."""

Place = tuple[int, int]
"""Block number and log index."""
Calls = Sequence[tuple[bytes, Call]]
"""Calldata and what it says."""
Known = Mapping[Hash32, Transaction]


class Unsaid(NamedTuple):
    """An event that leaves something out."""

    log: Log
    contract: Contract
    event: Event

    @property
    def place(self) -> Place:
        return self.log.block_number, self.log.log_index


class Found(NamedTuple):
    """What is kept with the event, and what it means."""

    input: bytes
    source: Source
    cause: Call | Seen


class Causes:
    """Asks for transactions; only where they do not tell, for traces; only then for views."""

    def __init__(self, node: Node) -> None:
        self._transactions = Transactions(node)
        self._traces = Spare("debug_traceTransaction", node.traces, group=TRACES)
        self._views = Spare("eth_call at that block", partial(settled, node.views), group=VIEWS)
        self._preimages = Preimages(REMEMBERED)

    async def find(self, events: Sequence[Unsaid], known: Known) -> dict[Place, Found]:
        """What was found, by the place of the event. Raises Retryable.

        The transactions that are `known` are not asked for.
        """
        if not events:
            return {}
        blocks = {one.log.transaction_hash: one.log.block_hash for one in events}
        transactions = await self._transactions.of(blocks, known)
        told = [one for one in events if one.log.transaction_hash in transactions]
        found = direct(told, transactions)
        if left := _without(told, found):
            found |= await self._traced(left, transactions)
            found |= within(_without(left, found), transactions)
        if left := _without(events, found):
            found |= await self._viewed(left)
        return found

    async def _traced(self, events: Sequence[Unsaid], transactions: Known) -> dict[Place, Found]:
        wanted = [transactions[hash_] for hash_ in {one.log.transaction_hash for one in events}]
        told = await self._traces.ask(wanted)
        frames = {one.hash: frame for one, frame in zip(wanted, told, strict=True)}

        def calls(first: Unsaid, _: Iterable[type[Call]]) -> Calls:
            frame = frames[first.log.transaction_hash]
            return traced(frame, first) if frame is not None else ()

        return _assigned(events, calls, Source.TRACE)

    async def _viewed(self, events: Sequence[Unsaid]) -> dict[Place, Found]:
        asked = [(one, questions(one.event, self._group_id(one.event))) for one in events]
        told = await self._views.ask(
            [
                Question(one.log.address, calldata, one.log.block_hash)
                for one, calldatas in asked
                for calldata in calldatas
            ]
        )
        answers = iter(told)
        pairs = [(one, [*islice(answers, len(calldatas))]) for one, calldatas in asked]
        return {one.place: seen for one, parts in pairs if (seen := viewed(one, parts))}

    def _group_id(self, event: Event) -> bytes | None:
        if not isinstance(event, GroupCreated | GroupSettingsUpdated | GroupInfoUpdated):
            return None
        name = self._preimages.find(event.group_key)
        return name.encode() if name is not None else None


def direct(events: Iterable[Unsaid], transactions: Known) -> dict[Place, Found]:
    """The events that were caused by their transaction's own call; it causes one at most."""
    found: dict[Place, Found] = {}
    used: set[Hash32] = set()
    for one in events:
        transaction = transactions[one.log.transaction_hash]
        if transaction.to != one.log.address or transaction.hash in used:
            continue
        made = cause(one.contract, one.event, transaction.input, Source.DIRECT)
        if made is not None:
            found[one.place] = Found(transaction.input, Source.DIRECT, made)
            used.add(transaction.hash)
    return found


def traced(frame: Frame, one: Unsaid) -> Calls:
    """The calls of a trace that can have caused events of this contract."""
    told = islice(calls_to(frame, one.log.address), MOST_CALLS)
    decoded = ((calldata, decode_input(one.contract, calldata)) for calldata in told)
    return [
        (calldata, call) for calldata, call in decoded if call is not None and type(call) in CAUSING
    ]


def within(events: Sequence[Unsaid], transactions: Known) -> dict[Place, Found]:
    """The events whose calls lie within their transaction's input."""

    def calls(first: Unsaid, kinds: Iterable[type[Call]]) -> Calls:
        data = transactions[first.log.transaction_hash].input
        return [*islice(embedded(first.contract, data, [*kinds]), MOST_CALLS)]

    return _assigned(events, calls, Source.EMBEDDED)


def viewed(one: Unsaid, parts: Sequence[bytes | None]) -> Found | None:
    """What the answers say of the event's entity; None where one is missing or they do not fit."""
    whole = [part for part in parts if part is not None]
    if not parts or len(whole) < len(parts) or sum(map(len, whole)) > LONGEST_ANSWER:
        return None
    input = joined(whole)
    told = cause(one.contract, one.event, input, Source.VIEW)
    return None if told is None else Found(input, Source.VIEW, told)


def _assigned(
    events: Iterable[Unsaid],
    calls_of: Callable[[Unsaid, Iterable[type[Call]]], Calls],
    source: Source,
) -> dict[Place, Found]:
    """Matches the events of each contract in each transaction with the calls that there are."""
    together: dict[tuple[Hash32, Contract], list[Unsaid]] = defaultdict(list)
    for one in events:
        together[one.log.transaction_hash, one.contract].append(one)
    found: dict[Place, Found] = {}
    for group in together.values():
        kinds = {kind for one in group for kind in CAUSES[type(one.event)]}
        calls = calls_of(group[0], kinds)
        places = matched([one.event for one in group], [call for _, call in calls])
        for one, place in zip(group, places, strict=True):
            if place is not None:
                found[one.place] = Found(calls[place][0], source, calls[place][1])
    return found


def _without(events: Iterable[Unsaid], found: Mapping[Place, Found]) -> list[Unsaid]:
    return [one for one in events if one.place not in found]
