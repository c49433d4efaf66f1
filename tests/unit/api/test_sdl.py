"""The schema keeps its promises, and the committed copy is the schema."""

from pathlib import Path

from graphql import BreakingChange, build_schema, find_breaking_changes

from api.export_schema import FILE, sdl

PROMISED = Path(__file__).with_name("promised.graphql")


def breaking(promised: str, served: str) -> list[BreakingChange]:
    return find_breaking_changes(build_schema(promised), build_schema(served))


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert FILE.read_text() == sdl(), "run `python -m api.export_schema` in graphql/"


def test_nothing_that_clients_were_promised_is_missing_or_different() -> None:
    assert breaking(PROMISED.read_text(), sdl()) == []


def test_a_broken_promise_would_be_noticed() -> None:
    served = sdl().replace("  totalCount: Int!\n", "", 1)
    assert [change.type.name for change in breaking(PROMISED.read_text(), served)] == [
        "FIELD_REMOVED"
    ]
