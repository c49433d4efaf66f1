"""What the README shows is a query of this API, and an answer to it."""

import json
import re
from pathlib import Path
from typing import Any

from graphql import FieldNode, SelectionSetNode, build_schema, parse, validate

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()


def shown(language: str) -> str:
    [first, *_] = re.findall(rf"```{language}\n(.*?)```", README, re.S)
    return str(first)


def fields(selections: SelectionSetNode | None) -> dict[str, Any]:
    """The names that are asked for, as a tree."""
    assert selections is None or all(isinstance(one, FieldNode) for one in selections.selections)
    found = (
        [one for one in selections.selections if isinstance(one, FieldNode)] if selections else []
    )
    return {one.name.value: fields(one.selection_set) for one in found}


def names(value: Any) -> dict[str, Any]:
    """The names of an answer, as a tree; a list stands for its first item."""
    value = value[0] if isinstance(value, list) else value
    return {key: names(one) for key, one in value.items()} if isinstance(value, dict) else {}


def test_its_query_is_valid() -> None:
    schema = build_schema((ROOT / "graphql" / "schema.graphql").read_text())
    assert validate(schema, parse(shown("graphql"))) == []


def test_its_answer_has_exactly_what_its_query_asks_for() -> None:
    [operation] = parse(shown("graphql")).definitions
    assert names(json.loads(shown("json"))["data"]) == fields(operation.selection_set)  # type: ignore[attr-defined]
