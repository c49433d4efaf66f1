"""What GroupChatV2 has to say of a group, its members, and who asks to be let in."""

from collections.abc import Iterator, Sequence
from typing import Final

from indexer.audit import answers
from indexer.audit.check import (
    REVERTED,
    Check,
    Control,
    Pairs,
    answered,
    of_member,
    of_name,
    value,
)
from indexer.audit.holdings import GroupHoldings
from indexer.audit.readings import ONLY
from indexer.events import abi, reference, views
from indexer.events.observations import NOBODY, Kind, SeenMember
from indexer.projections.members import ADMIN, MEMBER
from indexer.projections.rows import Group, JoinRequest, Member
from indexer.units import ZERO_ADDRESS, Address, clamp_time, keccak, text

UNKNOWN_ID: Final = "the plain id behind the group's hash is not known"
NO_STAFF: Final = "the group has no admin in whose name to ask"
MOST_MEMBERS: Final = 2**31 - 1
_MEMBER_FIELDS: Final = abi.inputs(SeenMember)


def checks(holdings: GroupHoldings) -> Iterator[Check]:
    """All questions about the group."""
    group_id = plain(holdings.group)
    yield _group(holdings, group_id)
    yield _list(holdings, group_id)
    for member in holdings.members:
        yield _record(holdings, member, group_id)
        yield _inside(holdings, member.address, group_id, expected=True)
    for request in holdings.join_requests:
        yield _request(holdings, request, group_id)


def plain(group: Group) -> bytes | None:
    """What the group's key is the hash of."""
    group_id = None if group.group_id is None else group.group_id.encode()
    return group_id if group_id is not None and keccak(group_id) == group.key else None


def _group(holdings: GroupHoldings, group_id: bytes | None) -> Check:
    return Check(
        subject=holdings.entity,
        view="getGroup",
        calldata=None if group_id is None else of_name("getGroup", group_id),
        judge=answered(lambda answer: _fields(holdings, views.group(answer))),
        observed=(Kind.GROUP, holdings.group.key, NOBODY),
        why=UNKNOWN_ID,
    )


def _fields(holdings: GroupHoldings, told: views.SeenGroup) -> Pairs:
    row = holdings.group
    if keccak(told.group_id) != row.key:
        yield "groupId", row.group_id, text(told.group_id) or None
        return
    yield "name", row.name, text(told.group_name)
    yield "avatar", row.avatar, text(told.group_avatar)
    yield "description", row.description, text(told.description)
    yield "owner", row.owner, told.owner
    yield "isPublic", row.is_public, told.is_public
    yield "allowMemberInvite", row.allow_member_invite, told.allow_member_invite
    yield "requireApproval", row.require_approval, told.require_approval
    yield "maxMembers", row.max_members, told.max_members
    yield "muteAll", row.mute_all, told.mute_all
    yield "isActive", row.is_active, told.is_active
    yield "memberCount", row.member_count, min(told.member_count, MOST_MEMBERS)
    yield "createdAt", row.created_at, clamp_time(told.created_at)
    yield from _listed(holdings, told.members)
    admins = sorted(row.address for row in holdings.members if row.role == ADMIN)
    listed = {*told.admins}
    yield "admins", admins, [one for one in admins if one in listed]


def _list(holdings: GroupHoldings, group_id: bytes | None) -> Check:
    members = {row.address for row in holdings.members}

    def strangers(answer: bytes) -> Sequence[Check]:
        named = sorted({*answers.addresses(answer)} - members)
        return [_inside(holdings, one, group_id, expected=False) for one in named]

    return Check(
        subject=holdings.entity,
        view="getGroupMembers",
        calldata=None if group_id is None else of_name("getGroupMembers", group_id),
        judge=answered(lambda answer: _listed(holdings, answers.addresses(answer))),
        follow=strangers,
        why=UNKNOWN_ID,
    )


def _listed(holdings: GroupHoldings, listed: Sequence[Address]) -> Pairs:
    """Everybody who is in is listed; a list that counts somebody twice is as long as the count."""
    named = {*listed}
    members = [row.address for row in holdings.members]
    yield "members", members, [one for one in members if one in named]
    yield "length of members", holdings.group.member_count, min(len(listed), MOST_MEMBERS)


def _record(holdings: GroupHoldings, row: Member, group_id: bytes | None) -> Check:
    def fields(answer: bytes) -> Pairs:
        told = seen_member(answer)
        yield "address", row.address, told.member
        yield "role", row.role, told.role
        yield "isMuted", row.is_muted, told.is_muted
        yield "joinedAt", row.joined_at, clamp_time(told.joined_at)

    return Check(
        subject=holdings.entity,
        view="getMember",
        of=row.address,
        calldata=_about("getMember", group_id, row.address),
        judge=answered(fields),
        observed=(Kind.MEMBER, row.group_key, row.address),
        why=UNKNOWN_ID,
    )


def _inside(
    holdings: GroupHoldings, address: Address, group_id: bytes | None, *, expected: bool
) -> Check:
    """Whoever is in has a record with the own address, which of nobody's is that of no record."""
    return Check(
        subject=holdings.entity,
        view="isMember",
        of=address,
        calldata=_about("isMember", group_id, address),
        judge=value("isMember", expected and address != ZERO_ADDRESS, answers.flag),
        why=UNKNOWN_ID,
    )


def _request(holdings: GroupHoldings, row: JoinRequest, group_id: bytes | None) -> Check:
    """Only what is pending can be rejected, by an admin or the owner."""
    staff = next((one.address for one in holdings.members if one.role != MEMBER), None)
    askable = group_id is not None and staff is not None
    return Check(
        subject=holdings.entity,
        view="rejectJoinRequest",
        of=row.requester,
        calldata=_about("rejectJoinRequest", group_id, row.requester) if askable else None,
        judge=_pending,
        sender=staff,
        control=None if staff is None else _may_reject(group_id, staff),
        observed=(Kind.JOIN_REQUEST, row.group_key, row.requester),
        why=UNKNOWN_ID if group_id is None else NO_STAFF,
    )


def _pending(answer: bytes | None) -> dict[str, Pairs]:
    return {ONLY: [("joinRequest", "pending", REVERTED if answer is None else "pending")]}


def _may_reject(group_id: bytes | None, staff: Address) -> Control | None:
    calldata = _about("getMember", group_id, staff)
    return None if calldata is None else Control(calldata, lambda told: _is_staff(told, staff))


def _is_staff(answer: bytes, address: Address) -> bool:
    told = seen_member(answer)
    return told.member == address and told.role != MEMBER


def seen_member(answer: bytes) -> SeenMember:
    """What `getMember` answered. Raises Malformed."""
    return SeenMember(*reference.values(_MEMBER_FIELDS, views.flat(answer)))  # type: ignore[arg-type]


def _about(view: str, group_id: bytes | None, address: Address) -> bytes | None:
    return None if group_id is None else of_member(view, group_id, address)
