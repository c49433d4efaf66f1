"""Whatever JSON nodes answer, the index goes on, and in the end it is what the chain makes it."""

import asyncio
import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

import pytest

from indexer.chain import health
from tests.fakes import FakeChain, FakeNode
from tests.integration.indexing import Index, follow, following
from tests.integration.sync.histories import mine

NewIndex = Callable[[], Index]
Place = tuple[Any, Any]
"""A list or an object, and where in it."""

DEEP: Final[Any] = json.loads("[" * 60 + "]" * 60)
GARBAGE: Final[tuple[Any, ...]] = (
    True,
    -1,
    7,
    1.5,
    1e400,
    2**63,
    2**300,
    "",
    "0xzz",
    "0x" + "f" * 67,
    "latest",
    "\x00",
    "\u202e\U0001f9e7" * 50,
    "x" * 100_000,
    [],
    {},
    [[]],
    {"": None},
    DEEP,
)
"""None of it is what a node can mean anywhere."""
OPEN: Final = ("error", "blockTimestamp", "extra", "calls", "transactions", "uncles")
"""What may be left out, be empty or of many kinds."""
RATES: Final = {"eth_getBlockByNumber": 0.01}
"""Of these there are many in a request, and one of them spoils it."""
SPOILT: Final = (
    "eth_chainId",
    "eth_getBlockByNumber",
    "eth_getLogs",
    "eth_getBlockReceipts",
    "debug_traceTransaction",
)


class Poisoner:
    """Spoils a part of the answers, each at one place of it; `spoilt` counts them by method."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)
        self.spoilt: Counter[str] = Counter()

    @property
    def enough(self) -> bool:
        """Whether some answers of each kind were spoilt."""
        return all(self.spoilt[method] > 1 for method in SPOILT)

    def __call__(self, method: str, params: list[Any], honest: Any) -> Any:
        if self._dice.random() >= RATES.get(method, 0.15):
            return honest
        self.spoilt[method] += 1
        answer = [copy.deepcopy(honest)]
        holder, key = self._dice.choice([*places(answer)])
        holder[key] = self._dice.choice(GARBAGE)
        return answer[0]


def places(holder: Any) -> Iterator[Place]:
    """Every place within, however deep, where a value stands that has only one meaning."""
    keys = [*holder] if isinstance(holder, dict) else range(len(holder))
    for key in keys:
        if key in OPEN:
            continue
        yield holder, key
        if isinstance(holder[key], dict | list):
            yield from places(holder[key])


async def live(chain: FakeChain, dice: Random, index: Index) -> None:
    """Grows and forks the chain, as far as the index follows."""
    if dice.random() < 0.3:
        chain.fork(dice.randint(1, min(9, len(chain) - 1)))
    if chain.head.number < index.block() + 20:
        mine(chain, dice, dice.randint(1, 12), busy=0.5)
    await asyncio.sleep(dice.random() / 4)


@pytest.mark.parametrize("nodes", [1, 2])
@pytest.mark.parametrize("seed", range(2))
async def test_poisoned_answers_of_every_kind_neither_stop_nor_spoil_the_index(
    seed: int,
    nodes: int,
    chain: FakeChain,
    fake: FakeNode,
    new_index: NewIndex,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "FIRST_PAUSE", 0.02)
    dice, index, other = Random(seed), new_index(), new_index()
    mine(chain, dice, 150, busy=0.3)
    async with FakeNode(chain) as spare:
        poisoners = [Poisoner(seed), Poisoner(seed + 100)][:nodes]
        for node, poisoner in zip((fake, spare), poisoners, strict=False):
            node.rpc.traces, node.lie = True, poisoner
        async with following(index, *(fake, spare)[:nodes], most=25, patience=300.0) as follower:
            run = asyncio.create_task(follower.run())
            async with asyncio.timeout(300):
                while not all(one.enough for one in poisoners):
                    await live(chain, dice, index)
                    assert not run.done(), run
                fake.lie = spare.lie = None
                chain.mine_empty(10)  # no chain stays shorter than it was
                while index.block() < chain.head.number:
                    assert not run.done(), run
                    await asyncio.sleep(0.05)
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
            await asyncio.sleep(0.3)
        await follow(index, fake)
        await follow(other, fake)
    told, wanted = index.everything(), other.everything()
    for table, rows in wanted.items():
        assert told[table] == rows, table
