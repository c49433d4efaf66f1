"""One block that holds more of our logs than nodes give for a range: there is nothing to divide."""

from collections.abc import Collection
from typing import Final

from indexer.chain import questions, readings
from indexer.chain.blocks import Log
from indexer.chain.bodies import Body
from indexer.chain.pool import Reader
from indexer.chain.readings import Strand
from indexer.chain.rpc import Rpc
from indexer.chain.witnesses import Witnesses
from indexer.errors import BadAnswer, NodeBehind, RangeTooLarge, Unserved
from indexer.units import Address, BlockNumber

TRIES: Final = 3


async def single(
    rpc: Rpc,
    number: BlockNumber,
    ours: Collection[Address],
    cause: RangeTooLarge,
    *,
    whole: bool = False,
    tries: int | None = None,
) -> Strand:
    """The block and its logs: asked for by its hash, which few providers limit, or its receipts.

    Raises BadAnswer, which names the `cause`, where no endpoint gives them in any way; and what
    `Node.strand` raises.
    """
    [body] = (await rpc.hear([questions.block(number)], _read(number))).value
    logs = await _by_hash(rpc, body, ours)
    if logs is None:
        logs = await _by_receipts(rpc, body, ours)
    if logs is None:
        raise BadAnswer(
            f"no node gives the logs of block {number}, not even without a range ({cause}):"
            " add an endpoint with a higher limit to DCHAT_RPC_URLS"
        )
    said = await rpc.hear(
        [questions.block(number, whole=whole)],
        _read(number, readings.wanted(logs, ours)),
        tries=tries,
    )
    if said.value[0].header.hash != body.header.hash:
        raise NodeBehind(f"block {number} was replaced while its logs were asked for")
    return Strand(said.value, logs, said.by)


def _read(number: BlockNumber, wanted: Collection[bytes] = ()) -> Reader[list[Body]]:
    return lambda told: readings.bodies(told, [number], wanted)


async def _by_hash(rpc: Rpc, body: Body, ours: Collection[Address]) -> list[Log] | None:
    try:
        return await rpc.ask(
            [questions.logs_of(body.header.hash, ours)],
            lambda told: readings.block_logs(told[0], body.header, frozenset(ours)),
            tries=TRIES,
        )
    except Unserved:
        return None


async def _by_receipts(rpc: Rpc, body: Body, ours: Collection[Address]) -> list[Log] | None:
    try:
        [logs] = await Witnesses(rpc).receipts([body], ours)
    except Unserved:
        return None
    return logs
