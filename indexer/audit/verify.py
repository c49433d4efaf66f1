"""`dchat verify`: puts a comparison together, runs it, and tells what it came to."""

import asyncio
from typing import Final

import msgspec

from indexer.audit.asking import Asker
from indexer.audit.evidence import Evidence, evidence
from indexer.audit.moment import Moment, Reader
from indexer.audit.report import Report, document, lines
from indexer.audit.round import Round, agreed
from indexer.audit.telling import Telling
from indexer.audit.walk import Walk
from indexer.audit.wholes import Wholes
from indexer.chain.blocks import Header
from indexer.chain.node import Node
from indexer.chain.rpc import ANSWER_BYTES, Rpc
from indexer.chain.state import State
from indexer.db import schema
from indexer.errors import ConfigError, NodeBehind, NothingIndexed
from indexer.settings import Settings
from indexer.sync.patience import Patience

PROVEN: Final = 1000
"""Differences whose facts are looked up."""


def verify(
    settings: Settings, database_url: str, *, block: int | None, sample: int | None, json: bool
) -> tuple[list[str], int]:
    """What is to be printed, and the exit code: of JSON one line.

    Raises NothingIndexed, BlockGone, and whatever keeps nodes or Postgres from answering.
    """
    if not settings.rpc_urls:
        raise ConfigError("DCHAT_RPC_URLS is not set: give the URL of a node of the chain")
    schema.check(database_url, patience=settings.rpc_patience)
    reader = Reader(database_url)
    try:
        moment = reader.moment(block)
        if moment is None:
            raise NothingIndexed(
                "nothing is indexed yet, so nothing can be compared: `dchat index`"
            )
        with Telling() as telling:
            report = asyncio.run(_compare(settings, reader, moment, sample, telling))
    finally:
        reader.close()
    told = [msgspec.json.encode(document(report)).decode()] if json else [*lines(report)]
    return told, report.exit_code


async def _compare(
    settings: Settings, reader: Reader, moment: Moment, sample: int | None, telling: Telling
) -> Report:
    rpc = Rpc(
        settings.rpc_urls,
        expected_chain_id=moment.chain_id,
        timeout=settings.rpc_timeout,
        patience=settings.rpc_patience,
        concurrency=settings.rpc_concurrency,
        max_bytes=ANSWER_BYTES,
    )
    node, state = Node(rpc), State(rpc)
    try:
        round = Round(
            moment=moment,
            header=await _header(node, moment, settings.rpc_patience),
            node=node,
            asker=Asker(state, moment.addresses),
            patience=settings.rpc_patience,
        )
        await Walk(round, reader, telling, sample=sample).everything()
        await Wholes(
            round,
            reader,
            telling,
            node=node,
            state=state,
            sample=sample,
            most_blocks=settings.max_range,
        ).everything()
        await round.still_there()
    finally:
        await node.close()
    return _report(round, reader, sample)


async def _header(node: Node, moment: Moment, patience: float) -> Header:
    """The moment's block, once the node has seen it."""
    waiting = Patience(patience)
    while True:
        try:
            return await agreed(node, moment)
        except NodeBehind as error:
            await asyncio.sleep(waiting.pause(error))


def _report(round: Round, reader: Reader, sample: int | None) -> Report:
    found = round.tally.differences
    proofs: list[Evidence | None] = [None] * len(found)
    with reader.at(round.moment) as db:
        for place, one in enumerate(found[:PROVEN]):
            proofs[place] = evidence(db, one)
    return Report(
        moment=round.moment,
        header=round.header,
        sample=sample,
        tally=round.tally,
        differences=list(zip(found, proofs, strict=True)),
    )
