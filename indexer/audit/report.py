"""What a comparison came to: a table and sentences for people, one document for programs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from indexer.audit.differences import Difference, Shown, named, shown
from indexer.audit.evidence import Evidence
from indexer.audit.moment import Moment
from indexer.audit.tally import Count, Tally
from indexer.chain.blocks import Header
from indexer.units import clamp_time, to_hex

SAME: Final = 0
DIFFERENT: Final = 1
NOTHING: Final = 66
"""Exit codes: no difference, any, and nothing compared with the contracts at all."""
SHOWN: Final = 20
"""Differences that a terminal is given; JSON has them all."""
WIDTH: Final = 160
"""Characters of a value on a terminal."""
EVENTS: Final = 6
"""Facts behind a difference on a terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`differences`, with the facts behind them as far as those were looked up."""

    moment: Moment
    header: Header
    sample: int | None
    tally: Tally
    differences: Sequence[tuple[Difference, Evidence | None]]

    @property
    def exit_code(self) -> int:
        """Differences count even where little else could be compared."""
        if self.differences:
            return DIFFERENT
        return SAME if self.tally.answers else NOTHING


def document(report: Report) -> dict[str, Any]:
    """The report as JSON has it; docs/operations.md says what is what."""
    return {
        "chainId": report.moment.chain_id,
        "block": {
            "number": report.header.number,
            "hash": to_hex(report.header.hash),
            "timestamp": shown(clamp_time(report.header.timestamp)),
        },
        "sample": report.sample,
        "compared": report.tally.compared,
        "notCompared": report.tally.not_compared,
        "differences": len(report.differences),
        "checks": [_count(name, count) for name, count in report.tally.counts.items()],
        "reasons": [
            {"why": why, "count": count} for why, count in report.tally.reasons.most_common()
        ],
        "found": [found(*one) for one in report.differences],
    }


def _count(name: str, count: Count) -> dict[str, Any]:
    return {
        "name": name,
        "entities": count.subjects,
        "compared": count.compared,
        "notCompared": count.not_compared,
        "differences": len(count.differences),
        "reading": count.reading,
    }


def found(one: Difference, evidence: Evidence | None = None) -> dict[str, Any]:
    """The difference as JSON has it."""
    kind, key = named(one.subject)
    told: dict[str, Any] = {
        "entity": {"kind": kind, "key": key},
        "source": one.source,
        "of": shown(one.of),
        "row": one.row,
        "field": one.field,
        "index": one.index,
        "chain": one.chain,
    }
    if evidence is not None:
        told["events"] = [
            {"id": f"{block}-{log}", "name": name} for block, log, name in evidence.events
        ]
        told["observations"] = [
            {"block": block, "kind": kind.name, "origin": origin.name}
            for block, kind, origin in evidence.observations
        ]
    return told


def lines(report: Report) -> Iterator[str]:
    """The report for people."""
    header, tally = report.header, report.tally
    yield f"chain {report.moment.chain_id}, block {header.number} ({to_hex(header.hash)})"
    yield from _table(tally)
    for why, count in tally.reasons.most_common():
        yield f"not compared, {count:,} times: {why}"
    for one in report.differences[:SHOWN]:
        yield from _sentence(*one)
    if len(report.differences) > SHOWN:
        more = len(report.differences) - SHOWN
        yield f"and {more:,} differences more: `--json` tells them all"
    yield _verdict(report)


def _table(tally: Tally) -> Iterator[str]:
    head = ("compared", "entities", "answers", "not compared", "differences")
    rows = [
        (name, count.subjects, count.compared, count.not_compared, len(count.differences))
        for name, count in tally.counts.items()
    ]
    for name, *numbers in [head, *rows]:
        told = (f"{one:,}" if isinstance(one, int) else str(one) for one in numbers)
        yield f"  {name:<28}" + "".join(f"{one:>14}" for one in told)
    for name, count in tally.counts.items():
        if count.reading is not None:
            yield f"  {name}: {count.reading}"


def _sentence(one: Difference, evidence: Evidence | None) -> Iterator[str]:
    kind, key = named(one.subject)
    about = f" of {shown(one.of)}" if one.of is not None else ""
    index, chain = _short(one.index), _short(one.chain)
    yield f"{kind} {key}, {one.source}{about}, {one.field}: the index has {index}, not {chain}"
    if evidence is not None:
        told = [f"{name} {block}-{log}" for block, log, name in evidence.events]
        told += [f"{kind.name} seen at {block}" for block, kind, _ in evidence.observations]
        if told:
            yield f"    by {', '.join(told[-EVENTS:])}"


def _short(value: Shown) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= WIDTH else text[:WIDTH] + "…"


def _verdict(report: Report) -> str:
    tally = report.tally
    if report.exit_code == NOTHING:
        return "nothing could be compared with the contracts"
    left = f", {tally.not_compared:,} not compared" if tally.not_compared else ""
    return f"{len(report.differences):,} differences, {tally.compared:,} compared{left}"
