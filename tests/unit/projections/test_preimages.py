"""Group ids from their hashes."""

from indexer.projections.preimages import AROUND, REMEMBERED, Preimages
from indexer.units import Hash32, keccak


def key(number: int) -> Hash32:
    return keccak(b"group_%d" % number)


def test_ids_come_in_order() -> None:
    known = Preimages()
    assert [known.find(key(n)) for n in range(1, 6)] == [f"group_{n}" for n in range(1, 6)]


def test_an_index_that_holds_some_goes_on_from_there() -> None:
    assert Preimages(41).find(key(42)) == "group_42"


def test_gaps_and_steps_back_are_found_within_reach() -> None:
    known = Preimages(10)
    for number in (300, 5, 11, 300 + AROUND, 1):
        assert known.find(key(number)) == f"group_{number}"


def test_far_beyond_the_remembered_ids_the_near_ones_are_found() -> None:
    known = Preimages(REMEMBERED + 10_000)
    number = REMEMBERED + 10_001
    found = [known.find(key(n)) for n in (number, number + AROUND, number + 1, number - 1)]
    assert found == [f"group_{n}" for n in (number, number + AROUND, number + 1, number - 1)]


def test_what_is_no_number_within_reach_stays_unknown() -> None:
    known = Preimages()
    for strange in (keccak(b"group_01"), keccak(b"group_0"), keccak(b""), key(100_000)):
        assert known.find(strange) is None
    assert known.find(key(1)) == "group_1"


def test_what_others_look_up_widens_nobody_s_reach() -> None:
    assert Preimages(REMEMBERED).find(key(5000)) == "group_5000"
    known = Preimages()
    assert known.find(key(5000)) is None
    assert Preimages(5000).find(key(5000)) == "group_5000"
    assert known.find(key(1 + AROUND)) == f"group_{1 + AROUND}"
