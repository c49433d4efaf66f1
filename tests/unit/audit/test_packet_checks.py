"""A red packet is what its views say of it, of whom it is for, and of who claimed."""

from typing import Any

import pytest

from indexer.audit.check import Check, Context
from indexer.audit.checks import checks
from indexer.audit.holdings import PacketHoldings
from indexer.audit.packet_checks import STRANGER
from indexer.units import Address
from tests.unit.audit import answers
from tests.unit.audit.model import ADA, BOB, CID, T, only, packet, told


def asked(holdings: PacketHoldings, time: int = T) -> list[Check]:
    return list(checks(holdings, Context(time=time)))


def fields(check: Check, answer: bytes | None) -> list[str]:
    return [one.field for one in check.differences(answer)]


def could(holdings: PacketHoldings, who: Address, time: int = T) -> bool:
    """What isClaimable has to answer."""
    check = only(asked(holdings, time), "isClaimable", who)
    return check.differences(told("bool", True)) == []


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_what_is_the_same_does_not_differ(kind: int) -> None:
    found = asked(packet(kind))
    assert fields(only(found, "getRedPacket"), answers.packet(kind)) == []
    assert fields(only(found, "getClaimRecords"), answers.records()) == []
    assert fields(only(found, "getRedPacketRecipients"), told("address[]", [BOB])) == []
    named = [BOB, CID] if kind == 2 else []
    assert fields(only(found, "getExclusiveRecipients"), told("address[]", named)) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("redPacketId", b"\1" * 32),
        ("kind", 1),
        ("sender", BOB),
        ("message", b"ho"),
        ("totalAmount", 8),
        ("remainingAmount", 4),
        ("totalCount", 3),
        ("remainingCount", 2),
        ("fixedAmount", 5),
        ("createdAt", 1),
        ("expiresAt", 2),
        ("status", 3),
    ],
)
def test_each_field_that_differs_is_named(field: str, value: Any) -> None:
    check = only(asked(packet()), "getRedPacket")
    assert fields(check, answers.packet(**{field: value})) == [field]


@pytest.mark.parametrize(
    ("field", "value"),
    [("redPacketId", b"\1" * 32), ("claimers", ADA), ("amount", 3), ("claimedAt", 1), ("order", 2)],
)
def test_each_field_of_a_claim_that_differs_is_named(field: str, value: Any) -> None:
    check = only(asked(packet()), "getClaimRecords")
    assert fields(check, answers.records(**{field: value})) == [field]


def test_a_claim_more_or_less_differs() -> None:
    check = only(asked(packet()), "getClaimRecords")
    nothing = told("(bytes32,address,uint256,uint256,uint256)[]", [])
    assert fields(check, nothing) == ["claimers"]


def test_recipients_have_their_order() -> None:
    check = only(asked(packet()), "getExclusiveRecipients")
    assert fields(check, told("address[]", [CID, BOB])) == ["recipients"]


def test_sender_recipients_claimers_and_a_stranger_are_asked_about() -> None:
    found = asked(packet())
    about = [one.of for one in found if one.view == "hasUserClaimed"]
    assert about == [ADA, BOB, CID, STRANGER]
    assert fields(only(found, "hasUserClaimed", BOB), told("bool", True)) == []
    assert fields(only(found, "hasUserClaimed", CID), told("bool", True)) == ["claimed"]
    assert fields(only(found, "getUserClaimAmount", BOB), told("uint256", 4)) == []
    assert fields(only(found, "getUserClaimAmount", CID), told("uint256", 4)) == ["amount"]


def test_a_share_can_be_claimed_by_whom_it_is_for_until_the_last_second() -> None:
    exclusive, open_to_all = packet(2), packet(1)
    assert [could(exclusive, who) for who in (ADA, BOB, CID, STRANGER)] == [
        False,
        False,
        True,
        False,
    ]
    assert [could(open_to_all, who) for who in (ADA, BOB, STRANGER)] == [False, False, True]
    assert could(exclusive, CID, T + 86_400)
    assert not could(exclusive, CID, T + 86_401)
    assert not could(packet(2, status=3), CID)
    assert not could(packet(2, remaining_count=0), CID)
