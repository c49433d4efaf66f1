"""The table at the end says which targets are missed."""

import pytest

from benchmarks.__main__ import Line


@pytest.mark.parametrize(
    ("measured", "target", "met"),
    [
        (50_000, "50,000", "met"),
        (49_999, "50,000", "missed"),
        (300, "300 at most", "met"),
        (300.1, "300 at most", "missed"),
        (7, "", ""),
    ],
)
def test_a_figure_is_held_against_its_target(measured: float, target: str, met: str) -> None:
    line = Line(what="rate", measured=measured, target=target, load=1.0, machine={})
    assert line.met() == met
