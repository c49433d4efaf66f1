"""The API's benchmark measures what it says, on a small scale."""

from pathlib import Path

import pytest

from benchmarks.api import live, queries, servers
from benchmarks.api.__main__ import loaded
from benchmarks.api.servers import Unavailable
from benchmarks.api.tables import fill
from tests.integration.indexing import Index


def test_requests_are_answered_and_every_subscriber_hears_of_each_event(
    index: Index, tmp_path: Path
) -> None:
    fill(index.url, 60)
    queries.tag(index.url)
    with servers.dchat(index.url, tmp_path) as server:
        for question in (queries.PAGE, queries.one(60)):
            assert len(question.groups(server.ask(question.dchat[0]))) in (1, 20)
            measured = loaded(server.url, question.dchat, clients=4, seconds=0.3)
            assert measured.requests >= 4
        with pytest.raises(Unavailable, match="errors"):
            loaded(server.url, ['{"query": "{ nothing }"}'], clients=1, seconds=0.1)
        heard = live.measure(server, index.url, 30)
    assert len(heard.events_ms) == live.EVENTS
    assert min(heard.events_ms) > 0
