"""Documents are measured as they would run, and cheaply whatever their fragments do."""

import pytest
from graphql import OperationDefinitionNode, parse

from api.size import Measure, Size


def size(text: str) -> Size:
    document = parse(text)
    (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    return Measure(document).of(operation.selection_set.selections)


@pytest.mark.parametrize(
    ("text", "depth", "aliases"),
    [
        ("{ a }", 1, 0),
        ("{ a { b { c } d } }", 3, 0),
        ("{ x: a { y: b } }", 2, 2),
        ("{ a { ... { b } ... on T { c { d } } } }", 3, 0),
        ("{ a { ...F } b { ...F } } fragment F on T { x: c { d } }", 3, 2),
        ("{ __schema { types { fields { name } } } }", 0, 0),
        ("{ ...F } fragment F on T { a { ...F } }", 1, 0),
        ("{ ...Unknown }", 0, 0),
    ],
)
def test_levels_and_aliases_are_counted(text: str, depth: int, aliases: int) -> None:
    assert size(text) == Size(depth, aliases)


def test_a_fragment_is_measured_once_however_often_it_is_spread() -> None:
    """Sixty doublings would be 2^60 visits."""
    fragments = [f"fragment F{n} on T {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60)]
    text = "{ ...F0 } " + " ".join(fragments) + " fragment F60 on T { x: a }"
    assert size(text) == Size(1, 2**60)
