"""What one address is in, paid, sent and claimed: the API against all three contracts."""

from typing import Final

from tests.e2e.differences import Differences
from tests.e2e.graph import Graph, List, Node
from tests.e2e.revisions import CHAT, NOBODY, PACKET, PAYMENT
from tests.e2e.views import Views

INNER: Final = (
    List(name="memberships", fields="address role group { groupId }"),
    List(name="redPacketsSent", fields="redPacketId"),
    List(name="claims", fields="claimer redPacket { redPacketId }"),
)


def user(address: str) -> List:
    """The address, and of each of its payments whether it has paid."""
    paid = f'contribution(address: "{address}") {{ amount }}'
    payments = List(name="payments", fields=f"paymentId kind initiator {paid}")
    return List(
        name="user",
        one="user address Address",
        fields="address pendingRefund",
        inner=(*INNER, payments),
    )


def compare(graph: Graph, views: Views, people: list[str], at: int | None, to: Differences) -> None:
    """All of these people."""
    groups = views.each(CHAT, "getUserGroups", people)
    bills = views.each(PAYMENT, "getUserPayments", people)
    refunds = _refunds(views, people)
    groups = _inside(views, groups)
    sent = views.each(PACKET, "getUserSentRedPackets", people)
    claimed = views.each(PACKET, "getUserClaimedRedPackets", people)
    involved = _involved(views)
    for who in people:
        node = graph.one(user(who), who, at)
        to.same(who, "address", node["address"], who)
        to.same(who, "pendingRefund", node["pendingRefund"], str(refunds[who]))
        inside = (each["group"]["groupId"] for each in node["memberships"])
        to.same_set(who, "memberships", inside, groups[who])
        _payments(node, who, bills[who], views.chain.revision.users_list_paid, to)
        to.same_set(who, "payments", (p["paymentId"] for p in node["payments"]), involved[who])
        to.same(who, "sent", [p["redPacketId"] for p in node["redPacketsSent"]][::-1], sent[who])
        took = [each["redPacket"]["redPacketId"] for each in node["claims"]]
        to.same(who, "claims", took, claimed[who])


def _refunds(views: Views, people: list[str]) -> dict[str, int]:
    if not views.chain.revision.refunds_wait:
        return dict.fromkeys(people, 0)
    return views.each(PAYMENT, "pendingRefunds", people)


def _inside(views: Views, groups: dict[str, list[str]]) -> dict[str, list[str]]:
    """Person → the groups that getUserGroups lists, as far as the person is in them (the zero
    address cannot leave, and isMember never says that it is in)."""
    if views.chain.revision.users_list_groups_once:
        return groups
    pairs = [(id_, who) for who, ids in groups.items() for id_ in set(ids)]
    inside = views.each(CHAT, "isMember", pairs)
    return {
        who: [id_ for id_ in set(ids) if inside[id_, who] or who == NOBODY]
        for who, ids in groups.items()
    }


def _payments(node: Node, who: str, listed: list[str], paid: bool, to: Differences) -> None:
    """Collections and shared bills; no view lists crowdfundings by user."""
    bills = [each for each in node["payments"][::-1] if each["kind"] != "CROWDFUNDING"]
    mine = [each["paymentId"] for each in bills if each["initiator"] == who]
    given = [each["paymentId"] for each in bills if each["contribution"]] if paid else []
    to.same_set(who, "getUserPayments", mine + given, listed)
    first = [id_ for id_ in dict.fromkeys(listed) if id_ in mine]
    to.same(who, "initiated", mine, first)


class _Nobody(dict[str, set[str]]):
    def __missing__(self, who: str) -> set[str]:
        return set()


def _involved(views: Views) -> _Nobody:
    """Person → the payments of all kinds that the person initiated or gave to."""
    found = _Nobody()
    for event, key, person in (
        ("PaymentCreated", "paymentId", "initiator"),
        ("CrowdfundingCreated", "fundingId", "initiator"),
        ("PaymentContributed", "paymentId", "contributor"),
        ("CrowdfundingBacked", "fundingId", "backer"),
    ):
        for log in views.logs(PAYMENT, event):
            who = log["args"][person]
            found[who] = found[who] | {"0x" + log["args"][key].hex()}
    return found
