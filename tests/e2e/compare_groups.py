"""Groups, members and requests: the API against GroupChatV2."""

from typing import Any, Final

from tests.e2e.differences import Differences, seconds
from tests.e2e.graph import Graph, List, Node
from tests.e2e.revisions import CHAT, NOBODY, PACKET, PAYMENT
from tests.e2e.views import Views, key_of, readable

ROLES: Final = ("MEMBER", "ADMIN", "OWNER")
GROUPS: Final = List(
    name="groups",
    one="group key Bytes32",
    fields="""key groupId name avatar description owner isPublic allowMemberInvite requireApproval
        maxMembers muteAll isActive memberCount createdAt""",
    inner=(
        List(name="members", fields="address role joinedAt isMuted group { key }"),
        List(name="joinRequests", fields="requester"),
        List(name="payments", fields="paymentId kind"),
        List(name="redPackets", fields="redPacketId"),
    ),
)


def compare(graph: Graph, views: Views, people: list[str], at: int | None, to: Differences) -> None:
    """All groups and what is in them; `people` are all who could be members."""
    [count] = views.ask((CHAT, "groupCounter"))
    ids = [f"group_{n}" for n in range(1, count + 1)]
    found = {node["groupId"]: node for node in reversed(graph.all(GROUPS, at))}
    to.same("groups", "groupId", list(found), ids)
    groups = views.each(CHAT, "getGroup", ids)
    for id_ in ids:
        _group(found[id_], groups[id_], to)
        _lists(found[id_], id_, views, to)
        _members(found[id_], id_, views, people, to)
        _requests(found[id_], id_, views, people, to)


def _group(node: Node, view: dict[str, Any], to: Differences) -> None:
    settings = view["settings"]
    told = {
        "key": key_of(view["groupId"]),
        "name": readable(view["groupName"]),
        "avatar": readable(view["groupAvatar"]),
        "description": readable(view["description"]),
        "owner": view["owner"],
        "isPublic": settings["isPublic"],
        "allowMemberInvite": settings["allowMemberInvite"],
        "requireApproval": settings["requireApproval"],
        "maxMembers": str(settings["maxMembers"]),
        "muteAll": settings["muteAll"],
        "isActive": view["isActive"],
        "memberCount": view["memberCount"],
    }
    to.all(view["groupId"], node, told)
    to.same(view["groupId"], "createdAt", seconds(node["createdAt"]), view["createdAt"])


def _lists(node: Node, id_: str, views: Views, to: Differences) -> None:
    payments, packets = views.ask(
        (PAYMENT, "getGroupPayments", id_), (PACKET, "getGroupRedPackets", id_)
    )
    all_kinds = views.chain.revision.groups_list_fundings
    listed = [
        each["paymentId"]
        for each in node["payments"]
        if all_kinds or each["kind"] != "CROWDFUNDING"
    ]
    to.same(id_, "payments", listed[::-1], payments)
    given = [each["redPacketId"] for each in node["redPackets"]]
    to.same(id_, "redPackets", given[::-1], packets)


def _members(node: Node, id_: str, views: Views, people: list[str], to: Differences) -> None:
    """The contract's own list may name somebody twice (a second approval), and somebody who has
    left since; who is a member is said by isMember. The zero address, once invited, is never said
    to be one, but has a record and cannot leave: it is in where it is listed."""
    pairs = [(id_, person) for person in people]
    inside = views.each(CHAT, "isMember", pairs)
    records = views.each(CHAT, "getMember", pairs)
    [listed] = views.ask((CHAT, "getGroupMembers", id_))
    members = [who for who in people if inside[id_, who] or (who == NOBODY and who in listed)]
    to.same_set(id_, "members", (each["address"] for each in node["members"]), members)
    to.same_set(id_, "getGroupMembers", set(listed) & set(members), members)
    to.same(id_, "memberCount", node["memberCount"], len(listed))
    joined = [each["joinedAt"] for each in node["members"]]
    to.same(id_, "order of members", joined, sorted(joined))
    for each in node["members"]:
        _member(each, id_, records[id_, each["address"]], to)


def _member(node: Node, id_: str, record: dict[str, Any], to: Differences) -> None:
    entity = f"{id_} member {node['address']}"
    to.same(entity, "address", node["address"], record["memberAddress"])
    to.same(entity, "role", node["role"], ROLES[record["role"]])
    to.same(entity, "isMuted", node["isMuted"], record["isMuted"])
    to.same(entity, "joinedAt", seconds(node["joinedAt"]), record["joinedAt"])
    to.same(entity, "group", node["group"]["key"], key_of(id_))


def _requests(node: Node, id_: str, views: Views, people: list[str], to: Differences) -> None:
    """No view tells who waits; but only a pending request can be rejected, by an admin."""
    staff = [each["address"] for each in node["members"] if each["role"] != "MEMBER"]
    if staff:
        asks = [(CHAT, "rejectJoinRequest", id_, person) for person in people]
        pending = views.accepts(staff[0], asks)
        waiting = [who for who, yes in zip(people, pending, strict=True) if yes]
        told = (each["requester"] for each in node["joinRequests"])
        to.same_set(id_, "joinRequests", told, waiting)
