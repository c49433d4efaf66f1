"""Every notification that the policy can make is a sentence in every language."""

from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.effects.effect import Kind
from indexer.effects.policy import Happened, effects
from indexer.events.definitions import Event
from indexer.events.definitions import group_chat as chat
from indexer.events.definitions import group_payment as pay
from indexer.texts.amounts import ether, moment
from indexer.texts.catalogue import Locale
from indexer.texts.notices import LONGEST_NAME, Reader, text
from indexer.units import UINT256_MAX
from tests.unit.effects.test_policy import ANN, BOB, CASES, GROUP, THING

EVENTS: list[Event] = [event for event, _ in CASES] + [
    chat.MemberMuted(GROUP, BOB, False, 9),
    *(chat.RoleChanged(GROUP, BOB, role, 9) for role in (0, 2)),
    pay.PaymentCreated(THING, GROUP, ANN, 1, UINT256_MAX, 9),
]
BY_THE_CLOCK: list[tuple[Kind, dict[str, Any]]] = [
    (Kind.PAYMENT_DUE, {"deadline": str(UINT256_MAX), "share": "5"}),
    (Kind.PACKET_EXPIRED, {"refundable": "4"}),
    (Kind.PACKET_EMPTIED, {"luckiest": "0x" + "33" * 20, "luckiest_amount": "7"}),
    (Kind.PAYMENT_CANCELLED, {"refund": "5"}),
]


def made() -> list[tuple[Kind, dict[str, Any]]]:
    """Kinds and arguments as the policy and the clock make them."""
    happened = [Happened(event=event, marked=mark) for event in EVENTS for mark in (False, True)]
    return [(one.kind, one.arguments) for each in happened for one in effects(each)] + BY_THE_CLOCK


def test_every_kind_is_tried() -> None:
    assert {kind for kind, _ in made()} == {*Kind}


@pytest.mark.parametrize("locale", Locale)
def test_each_notification_is_a_sentence_of_its_own(locale: Locale) -> None:
    said = [
        text(kind, arguments, "Alpine", Reader(locale=locale, zone="Asia/Tokyo"))
        for kind, arguments in made()
    ]
    assert all("Alpine" in one for one in said)
    assert not any("{" in one or "None" in one for one in said)
    assert len({*said}) >= len({*Kind})


@pytest.mark.parametrize("locale", Locale)
def test_a_group_without_a_name_is_some_group(locale: Locale) -> None:
    reader = Reader(locale=locale)
    said = {text(Kind.REMOVED, {}, name, reader) for name in (None, "", " \u202e\n")}
    assert len(said) == 1


def test_a_name_stays_on_its_line_and_keeps_its_direction() -> None:
    said = text(Kind.REMOVED, {}, "a\r\nBcc: x\u202e" + "b" * 500, Reader())
    assert "\n" not in said and "\r" not in said and "\u202e" not in said
    assert len(said) < 40 + LONGEST_NAME


def test_amounts_are_written_as_the_language_writes_them() -> None:
    wei = 1_234_567_890_000_000_000_001
    assert ether(wei, Locale.ENGLISH) == "1,234.567890000000000001"
    assert ether(wei, Locale.SPANISH) == "1.234,567890000000000001"
    assert ether(wei, Locale.RUSSIAN) == "1\xa0234,567890000000000001"
    assert ether(10**15, Locale.JAPANESE) == "0.001"
    assert ether(0, Locale.KOREAN) == "0"


@given(st.integers(0, UINT256_MAX), st.sampled_from(Locale))
def test_no_wei_of_an_amount_is_lost(wei: int, locale: Locale) -> None:
    one = ether(11 * 10**17, locale)
    point = one[1:-1]
    grouped = ether(wei, locale)
    digits = "".join(c for c in grouped if c.isdecimal() or c in point)
    with localcontext(prec=100):
        assert Decimal(digits.replace(point, ".")).scaleb(18) == wei


def test_a_time_is_told_by_the_reader_s_clock() -> None:
    assert moment(1_700_000_000, Locale.ENGLISH, "Asia/Tokyo").startswith("11/15/23")
    assert moment(1_700_000_000, Locale.ENGLISH, "America/New_York").startswith("11/14/23")
    assert moment(UINT256_MAX, Locale.ENGLISH, "Pacific/Kiritimati")
