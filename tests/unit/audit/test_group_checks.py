"""A group is what getGroup, its lists and its members' records say, field by field."""

from typing import Any

import pytest

from indexer.audit.check import Check, Context, of_member
from indexer.audit.checks import checks
from indexer.audit.holdings import GroupHoldings
from indexer.events.observations import NOBODY, Kind
from indexer.units import ZERO_ADDRESS, Address, checksum
from tests.unit.audit import answers
from tests.unit.audit.model import ADA, BOB, CID, KEY, group, member, only, told

STRANGER = Address(b"\x99" * 20)


def asked(holdings: GroupHoldings) -> list[Check]:
    return list(checks(holdings, Context(time=0)))


def fields(check: Check, answer: bytes | None) -> list[str]:
    return [one.field for one in check.differences(answer)]


def test_what_is_the_same_does_not_differ() -> None:
    all_of_it = asked(group())
    assert fields(only(all_of_it, "getGroup"), answers.group()) == []
    assert fields(only(all_of_it, "getMember", BOB), answers.member()) == []
    assert fields(only(all_of_it, "isMember", CID), told("bool", True)) == []
    listed = told("address[]", [CID, BOB, ADA])
    assert fields(only(all_of_it, "getGroupMembers"), listed) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", b"coffee"),
        ("avatar", b""),
        ("description", b"else"),
        ("owner", BOB),
        ("isPublic", True),
        ("allowMemberInvite", False),
        ("requireApproval", False),
        ("maxMembers", 9),
        ("muteAll", True),
        ("createdAt", 1),
        ("memberCount", 4),
        ("isActive", False),
        ("members", [ADA, BOB, BOB]),
        ("admins", []),
    ],
)
def test_each_field_that_differs_is_named(field: str, value: Any) -> None:
    check = only(asked(group()), "getGroup")
    assert fields(check, answers.group(**{field: value})) == [field]


def test_a_difference_says_both_values() -> None:
    [found] = only(asked(group()), "getGroup").differences(answers.group(owner=BOB))
    assert (found.index, found.chain) == (checksum(ADA), checksum(BOB))
    assert (found.source, found.field) == ("getGroup", "owner")


def test_a_list_may_name_somebody_twice_and_somebody_who_left_if_it_is_as_long_as_the_count() -> (
    None
):
    check = only(asked(group(member_count=5)), "getGroup")
    listed = [ADA, BOB, CID, BOB, STRANGER]
    assert fields(check, answers.group(members=listed, memberCount=5)) == []
    short = answers.group(members=listed[:4], memberCount=5)
    assert fields(check, short) == ["length of members"]


@pytest.mark.parametrize("answer", [None, answers.group(groupId=b"", members=[], admins=[])])
def test_a_group_that_the_contract_does_not_know_differs(answer: bytes | None) -> None:
    assert len(only(asked(group()), "getGroup").differences(answer)) == 1


@pytest.mark.parametrize(
    ("field", "value"), [("role", 0), ("isMuted", True), ("joinedAt", 1), ("address", ADA)]
)
def test_each_field_of_a_member_that_differs_is_named(field: str, value: Any) -> None:
    check = only(asked(group()), "getMember", BOB)
    assert fields(check, answers.member(**{field: value})) == [field]


def test_whoever_is_listed_and_unknown_is_asked_about_next() -> None:
    check = only(asked(group()), "getGroupMembers")
    [more] = check.follow_ups(told("address[]", [ADA, BOB, STRANGER]))
    assert (more.view, more.of) == ("isMember", STRANGER)
    assert fields(more, told("bool", True)) == ["isMember"]
    assert fields(more, told("bool", False)) == []
    assert list(check.follow_ups(None)) == list(check.follow_ups(b"\1")) == []


def test_the_zero_address_has_no_record_that_tells_it_from_nobody_s() -> None:
    holdings = group()
    zero = GroupHoldings(
        entity=holdings.entity,
        group=holdings.group,
        members=[member(ZERO_ADDRESS, 0)],
        join_requests=[],
    )
    assert fields(only(asked(zero), "isMember"), told("bool", False)) == []


def test_a_request_is_pending_where_an_admin_could_reject_it() -> None:
    check = only(asked(group()), "rejectJoinRequest")
    assert check.sender == ADA
    assert fields(check, b"") == []
    assert fields(check, None) == ["joinRequest"]
    assert check.control is not None
    assert check.control.calldata == of_member("getMember", b"group_7", ADA)
    assert check.control.holds(answers.member(address=ADA))
    assert not check.control.holds(answers.member(address=ADA, role=0))
    assert not check.control.holds(answers.member(address=BOB))


def test_nothing_can_be_asked_about_a_group_whose_id_is_not_known() -> None:
    for unknown in (None, "group_8"):
        assert all(one.calldata is None and one.why for one in asked(group(group_id=unknown)))


def test_nobody_can_be_asked_about_requests_where_nobody_is_an_admin() -> None:
    holdings = group()
    leaderless = GroupHoldings(
        entity=holdings.entity,
        group=holdings.group,
        members=[member(CID, 0)],
        join_requests=holdings.join_requests,
    )
    check = only(asked(leaderless), "rejectJoinRequest")
    assert check.calldata is None and "no admin" in check.why


def test_answers_that_can_be_recorded_say_as_which_observation() -> None:
    observed = {one.view: one.observed for one in asked(group()) if one.of in (None, CID)}
    assert observed["getGroup"] == (Kind.GROUP, KEY, NOBODY)
    assert observed["getMember"] == (Kind.MEMBER, KEY, CID)
    assert only(asked(group()), "rejectJoinRequest").observed == (
        Kind.JOIN_REQUEST,
        KEY,
        Address(b"\xee" * 20),
    )


def test_an_answer_that_is_no_encoding_differs() -> None:
    for check in asked(group()):
        if check.view != "rejectJoinRequest":
            assert fields(check, b"\xff" * 32) == ["answer"]
