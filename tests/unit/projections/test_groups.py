"""A group itself: its creation, settings, texts and end."""

import msgspec
import pytest

from indexer.events.calls.group_chat import CreateGroup, UpdateGroupInfo, UpdateGroupSettings
from indexer.events.definitions import group_chat as chat
from indexer.projections.groups import SETTINGS
from indexer.projections.rows import Group
from indexer.units import LATEST_TIME, UINT256_MAX, clamp_time, keccak
from tests.unit.projections.tale import ADA, BOB, GROUP, NOON, Tale

CREATED = chat.GroupCreated(GROUP, b"Tea", ADA, NOON)


def group(tale: Tale) -> Group:
    row = tale.world().groups.get(GROUP)
    assert row is not None
    return row


@pytest.mark.parametrize("public", [True, False])
def test_creation_sets_what_its_call_says_and_the_contract_s_defaults(public: bool) -> None:
    call = CreateGroup(b"Tea", b"ipfs://a", b"about", public, 50)
    row = group(Tale().block(7).say(CREATED, call=call))
    assert (row.name, row.avatar, row.description) == ("Tea", "ipfs://a", "about")
    assert (row.is_public, row.require_approval, row.max_members) == (public, not public, 50)
    assert (row.allow_member_invite, row.mute_all, row.is_active) == (True, False, True)
    assert (row.group_id, row.owner, row.member_count) == ("group_1", ADA, 1)
    assert (row.created_block, row.created_log, row.updated_block) == (7, 0, 7)
    assert row.created_at == clamp_time(NOON)


def test_a_group_of_which_only_the_event_is_known_is_there_all_the_same() -> None:
    row = group(Tale().say(CREATED))
    assert (row.name, row.avatar, row.description, row.max_members) == ("Tea", "", "", 0)
    assert (row.is_public, row.require_approval) == (True, False)


def test_a_second_creation_of_the_same_group_is_ignored() -> None:
    tale = Tale().say(CREATED)
    tale.block(2).say(chat.GroupCreated(GROUP, b"Coffee", BOB, NOON))
    row = group(tale)
    assert (row.name, row.owner, row.member_count, row.updated_block) == ("Tea", ADA, 1, 1)
    assert (GROUP, BOB) not in tale.world().members.rows


def test_settings_are_those_of_the_call() -> None:
    call = UpdateGroupSettings(b"group_1", False, False, True, UINT256_MAX, True)
    row = group(
        Tale().say(CREATED).block(2).say(chat.GroupSettingsUpdated(GROUP, ADA, NOON), call=call)
    )
    assert (row.is_public, row.allow_member_invite, row.require_approval) == (False, False, True)
    assert (row.max_members, row.mute_all, row.updated_block) == (UINT256_MAX, True, 2)


def test_an_empty_text_keeps_the_old_one() -> None:
    tale = Tale().say(CREATED, call=CreateGroup(b"Tea", b"a", b"d", True, 2))
    tale.say(
        chat.GroupInfoUpdated(GROUP, ADA, NOON), call=UpdateGroupInfo(b"group_1", b"", b"b", b"")
    )
    row = group(tale)
    assert (row.name, row.avatar, row.description) == ("Tea", "b", "d")


def test_an_update_whose_call_is_unknown_changes_no_value_and_says_so() -> None:
    tale = Tale().say(CREATED, call=CreateGroup(b"Tea", b"a", b"d", False, 2))
    before = group(tale)
    tale.block(2)
    tale.say(chat.GroupSettingsUpdated(GROUP, ADA, NOON), chat.GroupInfoUpdated(GROUP, ADA, NOON))
    after = group(tale)
    unsaid = {"name", "avatar", "description", *SETTINGS}
    assert {field for field, source in after.sources.items() if source == "unknown"} == unsaid
    assert (before.sources["avatar"], before.sources["muteAll"]) == ("call", "rule")
    same = {"sources": before.sources, "updated_block": 1}
    assert msgspec.structs.replace(after, **same) == before


def test_a_dissolved_group_stays_with_its_members() -> None:
    tale = Tale().say(CREATED).say(chat.GroupDissolved(GROUP, ADA, NOON))
    tale.say(chat.GroupDissolved(GROUP, ADA, NOON)).say(chat.MemberJoined(GROUP, BOB, NOON))
    row = group(tale)
    assert (row.is_active, row.member_count) == (False, 2)


def test_texts_that_are_not_utf8_are_shown_with_replacement_characters() -> None:
    created = chat.GroupCreated(GROUP, b"\x00T\xffea", ADA, NOON)
    call = CreateGroup(b"\x00T\xffea", b"\xed\xa0\x80", b"\xc3", True, 2)
    row = group(Tale().say(created, call=call))
    assert (row.name, row.description) == ("\ufffdT\ufffdea", "\ufffd")
    assert set(row.avatar) == {"\ufffd"}


def test_times_beyond_the_calendar_are_its_end() -> None:
    for seconds in (253_402_300_800, UINT256_MAX):
        row = group(Tale().say(chat.GroupCreated(GROUP, b"", ADA, seconds)))
        assert row.created_at == LATEST_TIME


def test_ids_are_recovered_in_order_and_unknown_ones_stay_open() -> None:
    strange = keccak(b"group_x")
    tale = Tale()
    for key in (keccak(b"group_1"), keccak(b"group_2"), strange, keccak(b"group_3")):
        tale.say(chat.GroupCreated(key, b"", ADA, NOON))
    rows = tale.world().groups.rows.values()
    assert [row.group_id for row in rows if row] == ["group_1", "group_2", None, "group_3"]
