"""A block that was final is not given up on the word of one node among several."""

import asyncio
from collections.abc import Sequence

from indexer.chain.endpoint import Endpoint
from indexer.chain.witnesses import Witnesses
from indexer.db.cursor import Cursor
from indexer.errors import BadAnswer
from indexer.sync.batch import Block
from indexer.sync.store import Store
from indexer.units import BlockNumber


async def check_final(witnesses: Witnesses, store: Store, at: Cursor, first: BlockNumber) -> None:
    """Raises BadAnswer where blocks from `first` on are to go, one of them final, and at least half
    of the nodes still have it.
    """
    if at.finalized_block is None or at.finalized_block < first:
        return
    final = await asyncio.to_thread(store.highest, at.finalized_block)
    if final is None or final.number < first:
        return
    having, lacking = await _asked(witnesses, final)
    if having and len(having) >= len(lacking):
        raise BadAnswer(
            f"block {final.number}, which was final, has been replaced at {_names(lacking)}, and"
            f" not at {_names(having)}: take the wrong ones out of DCHAT_RPC_URLS"
        )


async def _asked(witnesses: Witnesses, block: Block) -> tuple[list[Endpoint], list[Endpoint]]:
    """Who of those that are well has the block, and who has another one."""
    having, lacking = list[Endpoint](), list[Endpoint]()
    for endpoint in witnesses.others(()):
        if told := await witnesses.headers_of(endpoint, [block.number]):
            (having if told[0].header.hash == block.hash else lacking).append(endpoint)
    return having, lacking


def _names(endpoints: Sequence[Endpoint]) -> str:
    return ", ".join(one.name for one in endpoints) or "another node"
