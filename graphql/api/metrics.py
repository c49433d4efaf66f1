"""GET /metrics: every number that operators watch, in Prometheus' text format.

They are all here, and served by the API, because it is the part that listens: what is known of the
index is in Postgres, and read from there, in one snapshot, when somebody scrapes.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import Row
from starlette.requests import Request
from starlette.responses import Response

from api.context import Context, Index
from api.errors import ApiError
from api.reads import chain, truth, work
from api.reads.moment import NOW
from api.reads.view import View
from indexer.db.completeness import Proof
from indexer.db.pins import State
from indexer.events.definitions import Contract

disable_created_metrics()  # type: ignore[no-untyped-call]

PROCESS: Final = CollectorRegistry()
"""What this process counts."""
ProcessCollector(registry=PROCESS)
STATEMENTS: Final = Counter(
    "dchat_api_statements", "Statements that this process sent to Postgres.", registry=PROCESS
)
OPERATIONS: Final = Counter(
    "dchat_api_operations", "GraphQL operations that this process began.", registry=PROCESS
)
ERRORS: Final = Counter(
    "dchat_api_errors", "Errors that clients were told, by code.", ["code"], registry=PROCESS
)

HEIGHTS: Final = {
    "dchat_index_height_blocks": ("block_number", "The last block that is fully indexed."),
    "dchat_head_height_blocks": ("head_block", "The newest block that a node announced."),
    "dchat_safe_height_blocks": ("safe_block", "The newest block that nodes call safe."),
    "dchat_finalized_height_blocks": ("finalized_block", "The newest block that is final."),
}
COUNTS: Final = {
    "dchat_index_events": ("event_count", "Events in the index."),
    "dchat_index_undecoded_events": ("undecoded_count", "Events that no definition decodes."),
}
VERDICTS: Final[dict[str, tuple[Callable[[Any], float], str]]] = {
    "dchat_audit_compared_items": (lambda row: row.compared, "What the last audit compared."),
    "dchat_audit_uncompared_items": (
        lambda row: row.not_compared,
        "What the last audit got no answer for.",
    ),
    "dchat_audit_different_items": (
        lambda row: row.differences,
        "What the last audit found different from the contract.",
    ),
    "dchat_audit_repaired_items": (
        lambda row: row.repaired,
        "What the last audit repaired.",
    ),
    "dchat_audit_height_blocks": (lambda row: row.block_number, "Where the last audit compared."),
    "dchat_audit_age_seconds": (
        lambda row: max(0.0, time.time() - row.at.timestamp()),
        "How long ago the last audit was.",
    ),
}
WORK: Final = {
    "dchat_outbox_waiting_effects": ("waiting", "Effects that are to be done."),
    "dchat_outbox_dead_effects": ("dead", "Effects that were given up."),
    "dchat_outbox_overdue_seconds": ("overdue", "For how long the first effect has been due."),
    "dchat_mail_overdue_seconds": ("overdue_mail", "For how long the first mail has been due."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What one snapshot says of the index."""

    cursor: Row[Any] | None
    proofs: Sequence[Row[Any]]
    verdicts: Sequence[Row[Any]]
    work: Row[Any]
    unpinned: Sequence[Row[Any]]


class Metrics:
    """The endpoint; it answers also while Postgres does not."""

    def __init__(self, index: Index) -> None:
        self._index = index

    async def __call__(self, _request: Request) -> Response:
        known = await self._known()
        told = _Told([*_up(known), *_of_index(known), *self._subscribers()])
        registry = CollectorRegistry()
        registry.register(told)
        body = generate_latest(registry) + generate_latest(PROCESS)
        return Response(body, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    async def _known(self) -> Known | None:
        context = Context(self._index)
        try:
            return await _read(context.at(NOW))
        except ApiError:
            return None
        finally:
            await context.close()

    def _count(self) -> int:
        """Those who share an execution count one by one."""
        sharing = self._index.sharing
        return self._index.broker.subscribers - sharing.streams + sharing.subscribers

    def _subscribers(self) -> Iterator[Metric]:
        about = "Subscriptions that this process serves."
        yield GaugeMetricFamily("dchat_api_subscriptions", about, self._count())


class _Told(Collector):
    """Metrics that were read already."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Sequence[Metric]:
        return self._metrics


async def _read(view: View) -> Known:
    return Known(
        cursor=await chain.position(view),
        proofs=await truth.blocks_by_proof(view),
        verdicts=await truth.verdicts(view),
        work=await work.standing(view),
        unpinned=await work.unpinned(view),
    )


def _up(known: Known | None) -> Iterator[Metric]:
    about = "1 where Postgres answered, with tables of this version."
    yield GaugeMetricFamily("dchat_database_up", about, float(known is not None))


def _of_index(known: Known | None) -> Iterator[Metric]:
    if known is None:
        return
    if known.cursor is not None:
        yield from _of_cursor(known.cursor)
    yield from _of_proofs(known.proofs)
    yield from _of_verdicts(known.verdicts)
    yield from _of_work(known)


def _of_cursor(row: Row[Any]) -> Iterator[Metric]:
    for name, (column, about) in (HEIGHTS | COUNTS).items():
        if (value := getattr(row, column)) is not None:
            yield GaugeMetricFamily(name, about, value)
    if row.head_block is not None:
        lag = max(0, row.head_block - row.block_number)
        yield GaugeMetricFamily("dchat_index_lag_blocks", "Blocks behind the head.", lag)
    if row.block_timestamp is not None:
        about, at = "The time of the last indexed block.", row.block_timestamp.timestamp()
        yield GaugeMetricFamily("dchat_index_block_timestamp_seconds", about, at)
    synced = "1 once the index has caught up with history."
    yield GaugeMetricFamily("dchat_index_synced", synced, float(row.synced))
    reorgs = "Reorgs that the index went through."
    yield CounterMetricFamily("dchat_index_reorgs", reorgs, row.reorg_count)


def _of_proofs(rows: Sequence[Row[Any]]) -> Iterator[Metric]:
    about = "Blocks by the reason for which no log is missing."
    found = GaugeMetricFamily("dchat_completeness_blocks", about, labels=["proof"])
    blocks = {row.proof: float(row.blocks) for row in rows}
    for proof in Proof:
        found.add_metric([proof.name.lower()], blocks.get(proof.value, 0.0))
    yield found


def _of_verdicts(rows: Sequence[Row[Any]]) -> Iterator[Metric]:
    for name, (value, about) in VERDICTS.items():
        found = GaugeMetricFamily(name, about, labels=["contract"])
        for row in rows:
            found.add_metric([Contract(row.contract).name.lower()], value(row))
        yield found


def _of_work(known: Known) -> Iterator[Metric]:
    for name, (column, about) in WORK.items():
        yield GaugeMetricFamily(name, about, float(getattr(known.work, column) or 0))
    about = "Content that shall be pinned and is not."
    found = GaugeMetricFamily("dchat_pins_unpinned_contents", about, labels=["state"])
    counts = {row.state: float(row.contents) for row in known.unpinned}
    for state in (State.QUEUED, State.PINNING, State.FAILED):
        found.add_metric([state.name.lower()], counts.get(state, 0.0))
    yield found
