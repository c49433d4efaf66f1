"""Replays of an index, in steps so short that a short history has many."""

import asyncio
from typing import Any

from indexer.sync.progress import Progress
from indexer.sync.replay import Asked, Replay
from indexer.sync.verdict import Verdict
from tests.integration.indexing import Index

SIDE = "SELECT to_regnamespace('dchat_side')::text"
"""The side schema, None where there is none."""
CUT = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE application_name = 'dchat replay' AND datname = current_database()
"""
"""Ends the connections of the replay of this database."""


def new(index: Index, first: int = 1, *, patience: float = 5.0, **asked: Any) -> Replay:
    progress = Progress(bar=False, doing="replaying")
    return Replay(index.url, Asked(first=first, **asked), progress, patience=patience)


def replay(index: Index, first: int = 1, **asked: Any) -> Verdict | None:
    run = new(index, first, **asked)
    try:
        return run.run()
    finally:
        run.close()


def compared(index: Index, first: int = 1, **asked: Any) -> Verdict:
    """The verdict alone: nothing is served anew unless `swap` is asked for."""
    told = replay(index, first, **({"compare": True, "swap": False} | asked))
    assert told is not None
    return told


async def replay_beside(index: Index, first: int = 1, **asked: Any) -> Verdict | None:
    """The same in a thread."""
    return await asyncio.to_thread(replay, index, first, **asked)
