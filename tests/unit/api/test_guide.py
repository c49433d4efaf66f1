"""The guide explains every error, and its examples are of this schema."""

import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from api.errors import Code
from api.export_schema import FILE

GUIDE = (Path(__file__).parents[3] / "docs/api.md").read_text()
EXAMPLES = re.findall(r"```graphql\n(.*?)```", GUIDE, re.DOTALL)


def test_every_code_of_an_error_is_explained() -> None:
    explained = re.findall(r"^\| `([A-Z_]+)` \|", GUIDE, re.MULTILINE)
    assert sorted(explained) == sorted(Code)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_is_valid(example: str) -> None:
    assert validate(build_schema(FILE.read_text()), parse(example)) == []
