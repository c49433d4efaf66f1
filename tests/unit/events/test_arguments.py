"""The arguments of an event as people see them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.events.decode import arguments
from indexer.events.definitions import EVENTS, EventSpec
from indexer.events.definitions.group_chat import GroupCreated, MemberMuted
from indexer.events.definitions.ownable import Paused
from indexer.events.definitions.red_packet import RedPacketCreated
from indexer.units import Address, Hash32
from tests.unit.events import encodings

KEY = Hash32(bytes(range(32)))
# An address of EIP-55's own examples.
WHO, SHOWN = (
    Address(bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")),
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
)


def test_an_indexed_string_is_its_hash_and_a_plain_one_is_text() -> None:
    assert arguments(GroupCreated(KEY, b"caf\xc3\xa9", WHO, 7)) == {
        "groupId": "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "groupName": "café",
        "owner": SHOWN,
        "timestamp": "7",
    }


def test_text_that_is_no_utf8_or_holds_nul_is_shown_with_replacement_characters() -> None:
    assert arguments(GroupCreated(KEY, b"a\0b\xff", WHO, 7))["groupName"] == "a\ufffdb\ufffd"


def test_integers_are_exact_decimal_strings_however_large_or_small() -> None:
    shown = arguments(RedPacketCreated(KEY, KEY, WHO, 2, 2**256 - 1, 0, 7))
    assert shown["totalAmount"] == str(2**256 - 1)
    assert (shown["packetType"], shown["totalCount"]) == ("2", "0")


def test_booleans_are_booleans_and_accounts_have_their_checksum() -> None:
    assert arguments(MemberMuted(KEY, WHO, False, 7))["muted"] is False
    assert arguments(Paused(WHO)) == {"account": SHOWN}


@pytest.mark.parametrize(
    "spec", {spec.cls: spec for spec in EVENTS}.values(), ids=lambda spec: spec.name
)
@given(data=st.data())
@settings(max_examples=25)
def test_every_event_is_shown_as_json_under_its_solidity_names(
    spec: EventSpec, data: st.DataObject
) -> None:
    make: Any = spec.cls
    shown = arguments(make(*data.draw(encodings.arguments(spec.inputs))))
    assert list(shown) == [item.name for item in spec.inputs]
    assert json.loads(json.dumps(shown)) == shown
