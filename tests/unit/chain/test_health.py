"""When an endpoint rests, and what is said about it."""

from indexer.chain.health import FIRST_SILENCE, LONGEST_PAUSE, Causes, Health


def health() -> Health:
    return Health(verified=True, _jitter=lambda: 1.0)


def test_pauses_double_up_to_a_bound_and_the_endpoint_must_show_its_chain_again() -> None:
    one, now, pauses = health(), 0.0, []
    for _ in range(10):
        pauses.append(one.failed("x", now=now, began=now))
        assert not one.verified and not one.ready(now)
        now += pauses[-1]
        assert one.ready(now)
    assert pauses[:4] == [0.25, 0.5, 1.0, 2.0]
    assert pauses[-1] == LONGEST_PAUSE


def test_pauses_are_cut_by_up_to_half_at_random() -> None:
    assert Health(_jitter=lambda: 0.0).failed("x", now=0, began=0) == 0.125


def test_requests_that_fail_together_count_once() -> None:
    one = health()
    assert one.failed("x", now=10, began=5) == 0.25
    assert one.failed("x", now=10.1, began=5) < 0.25
    assert one.failed("x", now=11, began=10.5) == 0.5


def test_a_node_that_asks_for_a_pause_gets_it_within_reason() -> None:
    assert health().failed("x", now=0, began=0, least=7) == 7
    assert health().failed("x", now=0, began=0, least=10**9) == 600


def test_a_good_answer_ends_the_failures_unless_it_is_older_than_them() -> None:
    one = health()
    one.failed("x", now=10, began=10)
    assert not one.succeeded(began=5)
    assert one.cause == "x"
    assert one.succeeded(began=11)
    assert not one.succeeded(began=12)
    assert one.failed("x", now=20, began=20) == 0.25


def test_a_right_chain_id_alone_does_not_end_the_failures() -> None:
    one = health()
    one.failed("x", now=0, began=0)
    one.verify()
    assert one.failed("x", now=1, began=1) == 0.5


def test_a_node_of_a_wrong_chain_is_looked_at_again_later() -> None:
    one = health()
    one.set_aside(5, "x", now=0)
    assert (one.verified, one.wrong_chain) == (False, 5)
    assert not one.ready(FIRST_SILENCE - 1) and one.ready(FIRST_SILENCE)


def test_a_cause_is_said_at_once_and_then_less_and_less_often() -> None:
    causes = Causes()
    said = [now for now in range(0, 1000) if causes.worth_saying("a", f"block {now} lost", now)]
    assert said == [0, 60, 180, 420, 900]


def test_each_endpoint_and_each_cause_is_said_by_itself() -> None:
    causes = Causes()
    assert causes.worth_saying("a", "x", 0)
    assert causes.worth_saying("b", "x", 0)
    assert causes.worth_saying("a", "y", 0)
    assert not causes.worth_saying("a", "x", 1)
