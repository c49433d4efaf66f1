"""The screen: what runs where, in a picture or in lines, with links that hold the queries."""

import io
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from graphql import parse as parse_query
from rich.console import Console

from indexer.dev.home import Home
from indexer.dev.parts import Parts
from indexer.dev.screen import QUERIES, Screen
from indexer.dev.status import QUERY, parse

ANSWER = {
    "data": {
        "meta": {
            "chainId": 31337,
            "block": {"number": 1234},
            "headBlock": 1235,
            "lag": 1,
            "synced": True,
            "eventCount": "9876",
            "reorgCount": 2,
        },
        "events": {
            "nodes": [
                {"id": "1-0", "name": "GroupCreated", "args": {"groupName": "麻将之夜"}},
                {"id": "2-0", "name": "MemberJoined", "args": {"member": "0x" + "ab" * 20}},
            ]
        },
    }
}
URL = "http://127.0.0.1:8000/graphql"


def screen(*, terminal: bool) -> tuple[Screen, io.StringIO]:
    parts = Parts(home=Home(path=Path("/nowhere")))
    parts.plan("postgres", "api")
    parts.all["api"].state, parts.all["api"].where = "ready", URL
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=200, height=60)
    return Screen(parts, URL, console), out


def test_a_snapshot_is_read_newest_event_first() -> None:
    snapshot = parse(ANSWER)
    assert snapshot is not None
    assert snapshot.line() == (
        "synced · block 1,234 · head 1,235 · lag 1 · 9,876 events · 2 reorgs"
    )
    assert [event.split()[0] for event in snapshot.events] == ["2-0", "1-0"]
    assert "member=0xabab…abab" in snapshot.events[0]


def test_an_answer_without_data_is_no_snapshot() -> None:
    answers: list[object] = [None, [], {}, {"data": None}, {"errors": []}, {"data": {"meta": None}}]
    assert [parse(answer) for answer in answers] == [None] * len(answers)


def test_elsewhere_each_change_is_told_once() -> None:
    shown, out = screen(terminal=False)
    shown.snapshot = parse(ANSWER)
    shown.draw()
    shown.draw()
    lines = out.getvalue().splitlines()
    assert lines.count(f"api: ready {URL}") == 1
    assert sum(line.startswith("synced") for line in lines) == 1
    assert not any(line.startswith("postgres") for line in lines)


def test_on_a_terminal_one_picture_holds_it_all() -> None:
    shown, out = screen(terminal=True)
    shown.snapshot = parse(ANSWER)
    with shown.shown():
        shown.draw()
    for piece in ("postgres", URL, "block 1,234", "麻将之夜", *QUERIES):
        assert piece in out.getvalue()


def test_a_link_opens_graphiql_with_a_query_that_parses() -> None:
    shown, _ = screen(terminal=False)
    (_, plain), *ready = shown.links()
    assert plain == URL
    assert len(ready) == 3
    for name, url in ready:
        (query,) = parse_qs(urlsplit(url).query)["query"]
        assert query == QUERIES[name]
        parse_query(query)
    parse_query(QUERY)


def test_a_terminal_that_has_gone_does_not_stop_the_screen() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    shown, _ = screen(terminal=True)
    shown.console = Console(file=Gone(), force_terminal=True)
    with shown.shown():
        shown.draw()
