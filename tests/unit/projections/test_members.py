"""Who is in a group, as what, and who asks to be let in: the contract's ways, event by event."""

import pytest

from indexer.events.definitions import group_chat as chat
from indexer.projections.world import World
from indexer.units import Address, Hash32, clamp_time, keccak
from tests.unit.projections.tale import ADA, BOB, EVE, GROUP, NOON, Tale

MEMBER, ADMIN, OWNER = 0, 1, 2


@pytest.fixture
def tale() -> Tale:
    """Ada's group, with Bob in it."""
    return Tale().say(chat.GroupCreated(GROUP, b"Tea", ADA, NOON)).say(joined(BOB))


def joined(who: Address, group: Hash32 = GROUP, at: int = NOON) -> chat.MemberJoined:
    return chat.MemberJoined(group, who, at)


def roles(world: World) -> dict[Address, int]:
    return {row.address: row.role for row in world.members.rows.values() if row is not None}


def count(world: World) -> int:
    group = world.groups.get(GROUP)
    assert group is not None
    return group.member_count


def owner(world: World) -> Address:
    group = world.groups.get(GROUP)
    assert group is not None
    return group.owner


def test_the_creator_is_owner_and_first_member_without_a_word(tale: Tale) -> None:
    world = tale.world()
    assert roles(world) == {ADA: OWNER, BOB: MEMBER}
    assert count(world) == 2


@pytest.mark.parametrize(
    "goodbye",
    [chat.MemberLeft(GROUP, BOB, NOON), chat.MemberRemoved(GROUP, BOB, ADA, NOON)],
    ids=["left", "removed"],
)
def test_a_rejoin_starts_afresh(tale: Tale, goodbye: chat.MemberLeft | chat.MemberRemoved) -> None:
    tale.say(chat.RoleChanged(GROUP, BOB, ADMIN, NOON), chat.MemberMuted(GROUP, BOB, True, NOON))
    tale.block(2).say(goodbye)
    assert roles(tale.world()) == {ADA: OWNER}
    tale.block(3).say(joined(BOB, at=NOON + 60))
    world = tale.world()
    bob = world.members.rows[GROUP, BOB]
    assert bob is not None
    assert (bob.role, bob.is_muted, bob.joined_at) == (MEMBER, False, clamp_time(NOON + 60))
    assert (bob.joined_block, bob.joined_log) == (3, 0)
    assert count(world) == 2


def test_an_approval_of_a_member_resets_the_record_and_counts_twice(tale: Tale) -> None:
    tale.say(chat.JoinRequestCreated(GROUP, BOB, NOON), chat.RoleChanged(GROUP, BOB, ADMIN, NOON))
    tale.block(2).say(joined(BOB), chat.JoinRequestApproved(GROUP, BOB, ADA, NOON))
    world = tale.world()
    assert roles(world) == {ADA: OWNER, BOB: MEMBER}
    assert count(world) == 3
    assert world.join_requests.rows[GROUP, BOB] is None


def test_an_owner_reset_by_an_approval_leaves_and_still_owns(tale: Tale) -> None:
    tale.block(2).say(joined(ADA), chat.JoinRequestApproved(GROUP, ADA, BOB, NOON))
    assert roles(tale.world()) == {ADA: MEMBER, BOB: MEMBER}
    tale.block(3).say(chat.MemberLeft(GROUP, ADA, NOON))
    world = tale.world()
    assert roles(world) == {BOB: MEMBER}
    assert owner(world) == ADA
    assert count(world) == 2


def test_an_owner_who_is_no_member_hands_over(tale: Tale) -> None:
    tale.say(joined(ADA)).say(chat.MemberLeft(GROUP, ADA, NOON))
    tale.say(chat.RoleChanged(GROUP, BOB, OWNER, NOON))
    world = tale.world()
    assert (owner(world), roles(world)) == (BOB, {BOB: OWNER})


BY_ROLE = chat.RoleChanged(GROUP, BOB, OWNER, NOON)
BY_NAME = chat.GroupOwnershipTransferred(GROUP, ADA, BOB, NOON)


@pytest.mark.parametrize(
    "events",
    [(BY_ROLE,), (BY_NAME,), (BY_ROLE, BY_NAME), (BY_NAME, BY_ROLE)],
    ids=["deployed", "alone", "hardened", "reversed"],
)
def test_the_old_owner_becomes_an_admin_in_either_revision(
    tale: Tale, events: tuple[chat.RoleChanged | chat.GroupOwnershipTransferred, ...]
) -> None:
    world = tale.block(2).say(*events).world()
    assert owner(world) == BOB
    assert roles(world) == {ADA: ADMIN, BOB: OWNER}


def test_ownership_goes_round_within_one_batch(tale: Tale) -> None:
    tale.say(joined(EVE))
    for new in (BOB, EVE, ADA):
        tale.say(chat.RoleChanged(GROUP, new, OWNER, NOON))
    world = tale.world()
    assert (owner(world), roles(world)) == (ADA, {ADA: OWNER, BOB: ADMIN, EVE: ADMIN})


def test_a_transfer_to_oneself_changes_nothing(tale: Tale) -> None:
    tale.say(
        chat.RoleChanged(GROUP, ADA, OWNER, NOON),
        chat.GroupOwnershipTransferred(GROUP, ADA, ADA, NOON),
    )
    world = tale.world()
    assert (owner(world), roles(world)) == (ADA, {ADA: OWNER, BOB: MEMBER})


def test_admins_are_made_and_unmade(tale: Tale) -> None:
    tale.say(chat.RoleChanged(GROUP, BOB, ADMIN, NOON))
    assert roles(tale.world())[BOB] == ADMIN
    tale.say(chat.RoleChanged(GROUP, BOB, MEMBER, NOON))
    assert roles(tale.world())[BOB] == MEMBER


def test_members_are_muted_and_unmuted(tale: Tale) -> None:
    def is_muted() -> bool:
        bob = tale.world().members.rows[GROUP, BOB]
        return bob is not None and bob.is_muted

    tale.say(chat.MemberMuted(GROUP, BOB, True, NOON))
    assert is_muted()
    tale.say(chat.MemberMuted(GROUP, BOB, False, NOON))
    assert not is_muted()


def test_a_request_stays_pending_when_its_requester_is_invited(tale: Tale) -> None:
    tale.say(chat.JoinRequestCreated(GROUP, EVE, NOON)).say(joined(EVE))
    world = tale.world()
    assert world.join_requests.rows[GROUP, EVE] is not None
    assert roles(world)[EVE] == MEMBER


def test_a_repeated_request_is_the_newer_one(tale: Tale) -> None:
    tale.say(chat.JoinRequestCreated(GROUP, EVE, NOON))
    tale.block(2).say(chat.JoinRequestCreated(GROUP, EVE, NOON + 60))
    world = tale.world()
    request = world.join_requests.rows[GROUP, EVE]
    assert request is not None
    assert (request.requested_block, request.requested_at) == (2, clamp_time(NOON + 60))
    assert len(world.join_requests.superseded) == 1


def test_a_rejected_request_is_gone(tale: Tale) -> None:
    tale.say(chat.JoinRequestCreated(GROUP, EVE, NOON))
    tale.say(chat.JoinRequestRejected(GROUP, EVE, ADA, NOON))
    assert tale.world().join_requests.rows[GROUP, EVE] is None


def test_events_of_an_unknown_group_are_no_matter() -> None:
    nowhere = keccak(b"nowhere")
    world = (
        Tale()
        .say(joined(BOB, nowhere), chat.MemberLeft(nowhere, EVE, NOON))
        .say(chat.RoleChanged(nowhere, EVE, OWNER, NOON), chat.MemberMuted(nowhere, EVE, True, 0))
        .say(chat.GroupOwnershipTransferred(nowhere, EVE, BOB, NOON))
        .say(chat.GroupDissolved(nowhere, EVE, NOON), chat.GroupInfoUpdated(nowhere, EVE, NOON))
        .world()
    )
    assert world.groups.rows == {}
    assert roles(world) == {BOB: OWNER}


def test_more_leave_than_were_ever_counted(tale: Tale) -> None:
    for _ in range(4):
        tale.say(chat.MemberLeft(GROUP, EVE, NOON))
    assert count(tale.world()) == 0
