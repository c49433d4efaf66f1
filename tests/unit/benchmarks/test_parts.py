"""The rate of a part of the chain is of what was committed in it, not of a round number."""

from benchmarks.run import _parts
from benchmarks.watch import Sample


def test_an_even_rate_is_the_same_in_every_part_though_steps_are_large() -> None:
    samples = [Sample(float(second), 1, 0.0, 30 * second) for second in range(1, 34)]
    parts = list(_parts(990, samples, 0.0, 33.0))
    assert [part.events for part in parts] == [270, 510, 750, 990]
    assert {part.events_per_second for part in parts} == {30.0}


def test_a_chain_that_comes_in_one_step_has_no_rates_to_compare() -> None:
    [first, *others] = _parts(100, [Sample(2.0, 1, 0.0, 120)], 1.0, 3.0)
    assert (first.events, first.events_per_second) == (100, 100.0)
    assert {part.events_per_second for part in others} == {0.0}
