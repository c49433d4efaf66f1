"""A chain is consistent with one reading of a view throughout, or it differs."""

from indexer.audit.check import Check
from indexer.audit.differences import Difference, Whole
from indexer.audit.payment_checks import pending
from indexer.audit.readings import ABSENT, THERE
from indexer.audit.tally import SPARE, Tally
from indexer.chain.state import Answered, Refused, Unanswered
from indexer.units import Address
from tests.unit.audit.model import told

SUBJECT = Whole("somebody")
VIEW = "pendingRefunds"


def check(number: int, amount: int = 0) -> Check:
    return pending(Whole(str(number)), Address(number.to_bytes(20)), amount)


def difference() -> Difference:
    return Difference(subject=SUBJECT, source="blocks", field="hash", index="0x1", chain="0x2")


def test_the_reading_that_fits_all_answers_is_found() -> None:
    tally = Tally()
    for number in range(3):
        tally.judge(check(number), Refused())
    assert tally.counts[VIEW].reading == ABSENT
    assert tally.differences == []
    assert (tally.counts[VIEW].subjects, tally.counts[VIEW].compared) == (3, 3)


def test_answers_that_fit_different_readings_differ_though_each_fits_one() -> None:
    tally = Tally()
    for number in range(3):
        assert check(number, 5).differences(told("uint256", 5)) == []
        tally.judge(check(number, 5), Answered(told("uint256", 5)))
    assert check(9).differences(None) == []
    tally.judge(check(9), Refused())
    assert tally.counts[VIEW].reading == THERE
    assert [one.subject for one in tally.differences] == [Whole("9")]


def test_nothing_says_which_reading_it_is_where_several_fit() -> None:
    tally = Tally()
    tally.judge(check(1), Unanswered("pruned"))
    assert tally.counts[VIEW].reading is None
    assert tally.differences == []


def test_what_was_not_answered_is_never_equal() -> None:
    tally = Tally()
    for _ in range(2):
        tally.judge(check(1), Unanswered("pruned"))
    assert (tally.compared, tally.not_compared, tally.answers) == (0, 2, 0)
    assert tally.reasons == {"pruned": 2}


def test_a_reading_that_is_out_of_the_question_is_forgotten() -> None:
    tally = Tally()
    for number in range(SPARE + 2):
        tally.judge(check(number), Refused())
    assert list(tally.counts[VIEW].under) == [ABSENT]
    for number in range(SPARE + 2):
        tally.judge(check(number), Answered(told("uint256", 0)))
    assert len(tally.differences) == SPARE + 2


def test_other_things_are_counted_one_by_one_or_many_at_once() -> None:
    tally = Tally()
    tally.add("groups", SUBJECT, [difference()])
    tally.add("groups", SUBJECT, [])
    tally.add_many("blocks", 7, [difference()])
    tally.add_many("events", 0, [])
    tally.leave("blocks", "behind", 3)
    tally.leave("blocks", "", 0)
    assert (tally.compared, tally.not_compared, len(tally.differences)) == (9, 3, 2)
    assert tally.answers == 0
    assert {name: count.subjects for name, count in tally.counts.items()} == {
        "groups": 1,
        "blocks": 7,
    }
