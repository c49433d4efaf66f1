"""A report tells people the first differences, and programs all of them."""

from typing import Any

import msgspec

from indexer.audit.differences import Difference, GroupName, User, Whole, named, shown
from indexer.audit.evidence import Evidence
from indexer.audit.moment import Moment
from indexer.audit.report import DIFFERENT, NOTHING, SAME, SHOWN, Report, document, lines
from indexer.audit.tally import Tally
from indexer.chain.state import Answered, Refused, Unanswered
from indexer.events.observations import Kind, Origin
from indexer.projections.entities import Entity, EntityKind
from indexer.units import BlockNumber
from tests.unit.audit.model import ADA, KEY, TIME, told
from tests.unit.audit.test_tally import check
from tests.unit.chain.samples import header

FACTS = Evidence(
    events=[(5, 0, "GroupCreated"), (9, 3, "GroupInfoUpdated")],
    observations=[(11, Kind.GROUP, Origin.WATCH)],
)


def difference(number: int = 0, **changes: Any) -> Difference:
    it: dict[str, Any] = {
        "subject": Entity(EntityKind.GROUP, KEY),
        "source": "getGroup",
        "field": f"field{number}",
        "index": "x" * 500,
        "chain": None,
    }
    return Difference(**it | changes)


def report(tally: Tally, *differences: Difference) -> Report:
    moment = Moment(
        chain_id=7, number=BlockNumber(12), start=BlockNumber(1), anchor=None, addresses={}
    )
    return Report(
        moment=moment,
        header=header(12),
        sample=None,
        tally=tally,
        differences=[(one, FACTS) for one in differences],
    )


def asked() -> Tally:
    tally = Tally()
    tally.judge(check(1), Answered(told("uint256", 0)))
    return tally


def test_the_exit_code_says_how_it_went() -> None:
    assert report(asked()).exit_code == SAME
    assert report(asked(), difference()).exit_code == DIFFERENT
    nothing = Tally()
    nothing.judge(check(1), Unanswered("pruned"))
    nothing.add("groups", Whole("x"), [])
    assert report(nothing).exit_code == NOTHING
    assert report(nothing, difference()).exit_code == DIFFERENT


def test_people_are_shown_the_first_differences_in_short() -> None:
    many = [difference(number) for number in range(SHOWN + 5)]
    told = list(lines(report(asked(), *many)))
    sentences = [line for line in told if line.startswith("group 0x")]
    assert len(sentences) == SHOWN
    assert sentences[0].endswith(f"field0: the index has {'x' * 160}…, not nothing")
    assert told[told.index(sentences[0]) + 1].split() == [
        "by", "GroupCreated", "5-0,", "GroupInfoUpdated", "9-3,", "GROUP", "seen", "at", "11",
    ]  # fmt: skip
    assert told[-2:] == [
        "and 5 differences more: `--json` tells them all",
        "25 differences, 1 compared",
    ]


def test_people_are_told_what_was_not_compared_and_why() -> None:
    tally = asked()
    for number in range(3):
        tally.judge(check(number), Unanswered("the node has no state that old"))
    told = list(lines(report(tally)))
    assert "not compared, 3 times: the node has no state that old" in told
    assert told[-1] == "0 differences, 1 compared, 3 not compared"


def test_programs_are_told_everything() -> None:
    tally = asked()
    tally.judge(check(2), Refused())
    many = [difference(number, of=ADA, row=["1"]) for number in range(SHOWN + 5)]
    found = msgspec.json.decode(msgspec.json.encode(document(report(tally, *many))))
    assert (found["chainId"], found["block"]["number"], found["sample"]) == (7, 12, None)
    assert found["differences"] == len(found["found"]) == SHOWN + 5
    expected: dict[str, Any] = {
        "entity": {"kind": "group", "key": "0x" + KEY.hex()},
        "source": "getGroup",
        "of": shown(ADA),
        "row": ["1"],
        "field": "field0",
        "index": "x" * 500,
        "chain": None,
        "events": [
            {"id": "5-0", "name": "GroupCreated"},
            {"id": "9-3", "name": "GroupInfoUpdated"},
        ],
        "observations": [{"block": 11, "kind": "GROUP", "origin": "WATCH"}],
    }
    assert found["found"][0] == expected
    assert found["checks"] == [
        {
            "name": "pendingRefunds",
            "entities": 2,
            "compared": 2,
            "notCompared": 0,
            "differences": 1,
            "reading": None,
        }
    ]


def test_values_are_shown_as_json_has_them() -> None:
    assert shown(2**256 - 1) == str(2**256 - 1)
    assert shown(True) is True
    assert shown((b"\xff", None, "x")) == ["0xff", None, "x"]
    assert shown(TIME) == "2023-11-14T22:13:20+00:00"


def test_subjects_have_a_kind_and_a_key() -> None:
    assert named(User(ADA)) == ("user", shown(ADA))
    assert named(GroupName(KEY)) == ("group id", "0x" + KEY.hex())
    assert named(Whole("the cursor")) == ("whole", "the cursor")
    assert named(Entity(EntityKind.REFUND, ADA)) == ("refund", shown(ADA))
