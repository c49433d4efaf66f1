"""Each cell of the table: who may do what, by what the index holds."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from api.accounts.viewer import ANONYMOUS, Scope, Viewer
from api.authorization import TABLE, Act, require, require_in
from api.errors import ApiError
from api.reads.standings import Who
from indexer.units import Hash32
from tests.integration.accounts.wallets import signed_in
from tests.integration.api.conftest import Client
from tests.integration.api.rows import account, group, key_of, member, put

PEOPLE: Mapping[str, tuple[Viewer, int]] = {
    "anonymous": (ANONYMOUS, 1),
    "stranger": (signed_in(account(9)), 1),
    "former member": (signed_in(account(5)), 1),
    "muted member": (signed_in(account(4)), 1),
    "member": (signed_in(account(3)), 1),
    "admin": (signed_in(account(2)), 1),
    "owner": (signed_in(account(1)), 1),
    "muted admin": (signed_in(account(6)), 1),
    "member of a muted group": (signed_in(account(3)), 2),
    "admin of a muted group": (signed_in(account(2)), 2),
    "member of a dissolved group": (signed_in(account(3)), 3),
    "owner of a dissolved group": (signed_in(account(1)), 3),
}
"""Each with the number of the group in question."""

CELLS = """
                    a s f u m d o A M D x X
READ_MESSAGES       a s f + + + + + + + + +
SEND_MESSAGE        a s f u + + + u g + d d
REACT               a s f u + + + u g + d d
EDIT_OWN_MESSAGE    a s f u + + + u g + d d
DELETE_OWN_MESSAGE  a s + + + + + + + + + +
DELETE_ANY_MESSAGE  a s f u n + + u g + n +
PIN_MESSAGE         a s f u n + + u g + n d
MARK_READ           a s f + + + + + + + + +
SHOW_TYPING         a s f u + + + u g + d d
ATTACH_FILE         a s f u + + + u g + d d
READ_FILE           a s f + + + + + + + + +
READ_GROUP_KEYS     a s f + + + + + + + + +
WRAP_GROUP_KEYS     a s f u + + + u g + d d
"""
"""A column for each of the people, in their order; a letter stands for the refusal."""
REFUSALS = {
    "a": ("ANONYMOUS", None),
    "s": ("NOT_A_MEMBER", None),
    "f": ("LEFT", 7),
    "u": ("MUTED", 6),
    "g": ("GROUP_MUTED", 8),
    "d": ("GROUP_DISSOLVED", 9),
    "n": ("NOT_AN_ADMIN", None),
    "+": None,
}


@pytest.fixture
def village(database: Engine) -> None:
    """Group 1 as it is, 2 muted at block 8, 3 dissolved at 9. Accounts 4 and 6 were muted at 6,
    account 5 left at 7.
    """
    groups = [group(1), group(2, mute_all=True, updated_block=8)]
    groups.append(group(3, is_active=False, updated_block=9))
    past = [
        {**past_of(group(2)), "until_block": 8},
        {**past_of(group(3)), "until_block": 9},
    ]
    roles = {1: 2, 2: 1, 3: 0}
    members = [member(g, who, role=role) for g in (1, 2, 3) for who, role in roles.items()]
    muted = {4: 0, 6: 1}
    members += [
        member(1, who, role=role, is_muted=True, updated_block=6) for who, role in muted.items()
    ]
    history = [{**member(1, who, role=role), "until_block": 6} for who, role in muted.items()]
    history.append({**member(1, 5), "until_block": 7})
    put(database, groups=groups, groups_history=past, members=members, members_history=history)


def past_of(row: dict[str, object]) -> dict[str, object]:
    gone = ("group_id", "created_at", "created_block", "created_log")
    return {name: value for name, value in row.items() if name not in gone}


def cells() -> list[tuple[str, str, str]]:
    lines = CELLS.strip().splitlines()[1:]
    split = (line.split() for line in lines)
    return [
        (act, who, letter)
        for act, *letters in split
        for who, letter in zip(PEOPLE, letters, strict=True)
    ]


async def test_each_cell_is_what_the_table_says_with_its_reason_and_block(
    client: Client, village: None
) -> None:
    differing = []
    for act, who, letter in cells():
        viewer, number = PEOPLE[who]
        found = await told(client, viewer, Act[act], key_of(number))
        if found != REFUSALS[letter]:
            differing.append((act, who, found))
    assert differing == []


async def told(
    client: Client, viewer: Viewer, act: Act, key: Hash32
) -> tuple[str, int | None] | None:
    context = client.context()
    try:
        await require_in(context.snapshot, viewer, act, key)
    except ApiError as error:
        extensions = error.extensions or {}
        return extensions["reason"], extensions.get("block")
    finally:
        await context.close()
    return None


def test_every_act_of_a_group_has_its_row() -> None:
    assert {act for act, *_ in cells()} == {a.name for a, rule in TABLE.items() if rule.who}
    assert set(TABLE) == set(Act)
    assert not any(rule.who and Who.STRANGER in rule.who for rule in TABLE.values())


@pytest.mark.parametrize("act", Act)
def test_a_token_does_what_its_scopes_say_and_nothing_once_it_ended(act: Act) -> None:
    mine = TABLE[act].scope
    assert require(signed_in(account(1), scopes=frozenset({mine})), act) == account(1)
    for viewer, reason in (
        (ANONYMOUS, "ANONYMOUS"),
        (signed_in(account(1), scopes=frozenset(Scope) - {mine}), "SCOPE"),
        (signed_in(account(1), expires_at=datetime.now(UTC) - timedelta(seconds=1)), "EXPIRED"),
    ):
        with pytest.raises(ApiError) as refused:
            require(viewer, act)
        assert (refused.value.extensions or {})["reason"] == reason


async def test_a_group_that_is_none_has_no_members(client: Client, village: None) -> None:
    me = signed_in(account(1))
    assert await told(client, me, Act.SEND_MESSAGE, key_of(99)) == ("NO_SUCH_GROUP", None)
