"""What the index says of itself, asked over its API as any client would."""

from dataclasses import dataclass
from typing import Any, Final

import aiohttp

QUERY: Final = """{
  meta { chainId block { number } headBlock lag synced eventCount reorgCount }
  events(last: 8) { nodes { id contract name args } }
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One moment; `events` are lines, the newest first."""

    chain_id: int
    height: int | None
    head: int | None
    lag: int | None
    synced: bool
    event_count: int
    reorg_count: int
    events: tuple[str, ...]

    def line(self) -> str:
        """The same in one line, without the events."""
        words = [
            "synced" if self.synced else "catching up",
            f"block {_number(self.height)}",
            f"head {_number(self.head)}",
            f"lag {_number(self.lag)}",
            f"{self.event_count:,} events",
            f"{self.reorg_count:,} reorgs",
        ]
        return " · ".join(words)


async def look(session: aiohttp.ClientSession, url: str) -> Snapshot | None:
    """The newest snapshot; None where the API does not answer, or not with data."""
    try:
        async with session.post(url, json={"query": QUERY}) as response:
            return parse(await response.json())
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None


def parse(answer: Any) -> Snapshot | None:
    """The snapshot in a GraphQL answer; None where it holds an error instead."""
    data = answer.get("data") if isinstance(answer, dict) else None
    if not data or not data.get("meta"):
        return None
    meta = data["meta"]
    nodes = reversed((data.get("events") or {}).get("nodes") or [])
    return Snapshot(
        chain_id=meta["chainId"],
        height=(meta["block"] or {}).get("number"),
        head=meta["headBlock"],
        lag=meta["lag"],
        synced=meta["synced"],
        event_count=int(meta["eventCount"]),
        reorg_count=meta["reorgCount"],
        events=tuple(f"{node['id']:>12}  {node['name']}  {_brief(node['args'])}" for node in nodes),
    )


def _number(value: int | None) -> str:
    return "none" if value is None else f"{value:,}"


def _brief(args: Any) -> str:
    if not isinstance(args, dict):
        return ""
    told = ((name, str(value)) for name, value in args.items() if name != "timestamp")
    return " ".join(f"{name}={_short(value)}" for name, value in told)


def _short(value: str) -> str:
    if value.startswith("0x") and len(value) > 14:
        return f"{value[:6]}…{value[-4:]}"
    return value if len(value) <= 24 else f"{value[:23]}…"
