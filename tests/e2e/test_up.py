"""`dchat up` as people start it: everything real."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.dev.home import Home
from indexer.dev.ports import free_port
from tests.e2e.commands import PROGRAM, environment, eventually, family, running
from tests.e2e.graph import Graph

SEEN = """{
  meta { synced block { number } eventCount }
  groups(first: 1, orderBy: {field: CREATED, direction: ASC}) { totalCount nodes { createdAt } }
  payments(first: 1) { totalCount }
  redPackets(first: 1) { totalCount }
}"""
Start = Callable[[], "Run"]


class Run:
    """One `dchat up`."""

    def __init__(self, home: Path) -> None:
        port = free_port()
        self.home, self.output = home, home / f"output-{time.monotonic_ns()}"
        self.graph = Graph(f"http://127.0.0.1:{port}/graphql")
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*PROGRAM, "up"],
                env=environment(home=home, port=port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=home,
            )

    def said(self) -> str:
        return self.output.read_text()

    def seen(self) -> dict[str, Any]:
        """What the API shows once all is synced and a community's past is in it."""
        assert eventually(self._is_there, 120, 0.2), self.said()
        return dict(self.graph.query(SEEN))

    def _is_there(self) -> bool:
        assert self.process.poll() is None, self.said()
        if not self.graph.answers():
            return False
        seen = self.graph.query(SEEN)
        counts = [seen[name]["totalCount"] for name in ("groups", "payments", "redPackets")]
        return bool(seen["meta"]["synced"]) and min(counts) >= 20


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    runs: list[Run] = []
    home = Home.open(tmp_path / "home").path

    def start() -> Run:
        runs.append(Run(home))
        return runs[-1]

    yield start
    for run in runs:
        run.process.kill()
        run.process.wait()
        run.graph.close()
    assert eventually(lambda: not family(home))


def test_up_shows_a_living_community_and_goes_on_with_it(start: Start) -> None:
    first = start()
    before = first.seen()
    assert eventually(lambda: _events(first.graph) > int(before["meta"]["eventCount"]))
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(60) == 0
    assert not family(first.home)

    second = start()
    after = second.seen()
    assert after["groups"]["nodes"] == before["groups"]["nodes"]
    assert after["meta"]["block"]["number"] >= before["meta"]["block"]["number"]
    assert int(after["meta"]["eventCount"]) >= int(before["meta"]["eventCount"])

    [indexer] = running(second.home, "index")
    indexer.kill()
    assert second.process.wait(60) == 70
    assert second.said().splitlines()[-1].startswith("dchat: indexer ended with signal SIGKILL")
    assert not family(second.home)


def _events(graph: Graph) -> int:
    return int(graph.meta()["eventCount"])
