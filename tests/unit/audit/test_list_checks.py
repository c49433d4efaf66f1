"""The lists of an address and of a group id, under each reading that the revisions allow."""

from typing import Any

from indexer.audit.check import Check
from indexer.audit.differences import GroupName, User
from indexer.audit.list_checks import of_group_id, of_user
from indexer.audit.lists import NameHoldings, UserHoldings, read_back
from indexer.audit.readings import BILLS, EVERYTHING, INITIATED, INVOLVED, ONCE, REPEATED
from indexer.projections import rows
from indexer.units import Hash32, keccak
from tests.unit.audit.model import ADA, TIME, member, only, packet, payment, told

BILL, FUND, OTHER = Hash32(b"\1" * 32), Hash32(b"\2" * 32), Hash32(b"\3" * 32)


def made(payment_id: Hash32, kind: int, block: int) -> rows.Payment:
    row: rows.Payment = payment(kind=kind, payment_id=payment_id, created_block=block).payment
    return row


def gave(payment_id: Hash32, block: int) -> rows.Contribution:
    return rows.Contribution(
        payment_id=payment_id,
        contributor=ADA,
        amount=1,
        contributed_at=TIME,
        created_block=block,
        created_log=0,
        updated_block=block,
    )


def user(**changes: Any) -> list[Check]:
    """Ada made a bill, gave to somebody's crowdfunding, then to somebody's bill and to her own."""
    held: dict[str, Any] = {
        "user": User(ADA),
        "memberships": [member(ADA, 0)],
        "initiated": [made(BILL, 1, 5), made(FUND, 2, 6)],
        "given": [gave(FUND, 6), gave(OTHER, 7), gave(BILL, 8)],
        "bills": frozenset({BILL, OTHER}),
        "sent": [packet().packet],
        "claims": packet().claims,
        "has_balance": False,
    }
    return list(of_user(UserHoldings(**held | changes)))


def under(check: Check, answer: bytes | None) -> dict[str, int]:
    return {reading: len(found) for reading, found in check.readings(answer).items()}


def test_a_user_s_payments_are_those_initiated_or_those_given_to_as_well() -> None:
    check = only(user(), "getUserPayments")
    assert under(check, told("bytes32[]", [BILL])) == {INITIATED: 0, INVOLVED: 1}
    assert under(check, told("bytes32[]", [BILL, OTHER, BILL])) == {INITIATED: 1, INVOLVED: 0}
    assert under(check, told("bytes32[]", [OTHER, BILL])) == {INITIATED: 1, INVOLVED: 1}


def test_a_user_s_groups_are_listed_once_or_more_often() -> None:
    check = only(user(), "getUserGroups")
    assert under(check, told("bytes[]", [b"group_7"])) == {ONCE: 0, REPEATED: 0}
    twice = told("bytes[]", [b"group_7", b"group_8", b"group_7"])
    assert under(check, twice) == {ONCE: 1, REPEATED: 0}
    assert under(check, told("bytes[]", [])) == {ONCE: 1, REPEATED: 1}


def test_packets_sent_and_claimed_are_listed_in_order() -> None:
    [sent], [claim] = [packet().packet], packet().claims
    for view, key in (
        ("getUserSentRedPackets", sent.packet_id),
        ("getUserClaimedRedPackets", claim.packet_id),
    ):
        check = only(user(), view)
        assert check.differences(told("bytes32[]", [key])) == []
        assert [one.field for one in check.differences(told("bytes32[]", [key, key]))] == ["list"]


def test_whoever_is_owed_nothing_can_claim_nothing() -> None:
    check = only(user(), "pendingRefunds")
    assert check.differences(told("uint256", 0)) == []
    assert [one.field for one in check.differences(told("uint256", 1))] == ["pendingRefund"]
    assert not [one for one in user(has_balance=True) if one.view == "pendingRefunds"]


def test_a_group_s_payments_are_bills_or_crowdfundings_too() -> None:
    held = NameHoldings(
        name=GroupName(keccak(b"lunch")),
        group_id=b"lunch",
        payments=[made(BILL, 1, 5), made(FUND, 2, 6)],
        packets=[packet().packet],
    )
    payments, packets = of_group_id(held)
    assert under(payments, told("bytes32[]", [BILL])) == {BILLS: 0, EVERYTHING: 1}
    assert under(payments, told("bytes32[]", [BILL, FUND])) == {BILLS: 1, EVERYTHING: 0}
    assert packets.differences(told("bytes32[]", [packet().packet.packet_id])) == []
    assert len(packets.differences(told("bytes32[]", []))) == 1


def test_an_id_that_is_not_known_cannot_be_asked_about() -> None:
    held = NameHoldings(
        name=GroupName(keccak(b"\xff")), group_id=None, payments=[], packets=[packet().packet]
    )
    assert all(one.calldata is None and one.why for one in of_group_id(held))


def test_an_id_is_read_back_from_its_text_only_where_the_hash_says_so() -> None:
    assert read_back(keccak("奶茶".encode()), [None, "tea", "奶茶"]) == "奶茶".encode()
    assert read_back(keccak(b"\xff"), ["\ufffd"]) is None
