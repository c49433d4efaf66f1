"""The screen of `dchat up`: a live one on a terminal, lines now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import quote

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from indexer.dev.parts import Part, Parts
from indexer.dev.status import Snapshot

QUERIES: Final = {
    "newest groups": "{groups(first:10){nodes{groupId name owner memberCount}}}",
    "open payments": "{payments(first:10,where:{status:ACTIVE})"
    "{nodes{kind description targetAmount collectedAmount group{name}}}}",
    "red packets": "{redPackets(first:10){nodes{kind message totalAmount status "
    "bestClaim{claimer amount}}}}",
}
LINE_SECONDS: Final = 10.0
COLOURS: Final = {"ready": "green", "running": "green", "done": "dim", "waiting": "dim"}


def link(url: str, query: str) -> str:
    """GraphiQL's address with the query filled in."""
    return f"{url}?query={quote(query, safe='')}"


class Screen:
    """Draws what it is told; a terminal that has gone is no reason to stop."""

    def __init__(self, parts: Parts, url: str, console: Console | None = None) -> None:
        self.parts, self.url = parts, url
        self.console = console or Console()
        self.snapshot: Snapshot | None = None
        self._live: Live | None = None
        self._said: dict[str, str] = {}
        self._spoke = 0.0

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Shows the screen while inside; the last picture stays."""
        if not self.console.is_terminal:
            yield
            return
        live = Live(self.picture(), console=self.console, auto_refresh=False)
        self._live = live
        with suppress(OSError):
            live.start()
        try:
            yield
        finally:
            with suppress(OSError):
                live.stop()
            self._live = None

    def draw(self) -> None:
        """Shows how things stand now."""
        with suppress(OSError):
            if self._live is not None:
                self._live.update(self.picture(), refresh=True)
            elif not self.console.is_terminal:
                self._speak()

    def picture(self) -> RenderableType:
        """Everything, from the parts down to the links."""
        blocks: list[RenderableType] = [self._parts()]
        if self.snapshot is not None:
            blocks += [Text(self.snapshot.line(), style="bold"), self._events(), self._links()]
        return Group(*(piece for block in blocks for piece in (block, Text())))

    def _parts(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        for part in self.parts.all.values():
            state = Text(part.state, style=COLOURS.get(part.state, "yellow"))
            table.add_row(part.name, state, Text(part.where, overflow="fold"))
        return table

    def _events(self) -> RenderableType:
        assert self.snapshot is not None
        lines = "\n".join(self.snapshot.events) or "no events yet"
        return Text(lines, no_wrap=True, overflow="ellipsis")

    def _links(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        for name, url in self.links():
            table.add_row(name, Text(url, style=f"blue link {url}", overflow="fold"))
        return table

    def links(self) -> list[tuple[str, str]]:
        """GraphiQL, and ready queries in it."""
        ready = [(name, link(self.url, query)) for name, query in QUERIES.items()]
        return [("GraphiQL", self.url), *ready]

    def _speak(self) -> None:
        for part in self.parts.all.values():
            self._say_part(part)
        if self.snapshot is None:
            return
        if not self._spoke:
            for name, url in self.links():
                self._say(f"{name}: {url}")
        if time.monotonic() - self._spoke > LINE_SECONDS or not self._spoke:
            self._spoke = time.monotonic()
            self._say(self.snapshot.line())

    def _say_part(self, part: Part) -> None:
        if part.state != "waiting" and self._said.get(part.name) != part.state:
            self._said[part.name] = part.state
            self._say(f"{part.name}: {part.state} {part.where}".rstrip())

    def _say(self, line: str) -> None:
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)
