"""What one address is in, paid, sent and claimed: the API against all three contracts."""

from typing import Final

from tests.e2e.chain import CHAT, PACKET, PAYMENT
from tests.e2e.differences import Differences
from tests.e2e.graph import Graph, List, Node
from tests.e2e.views import Views

USER: Final = List(
    name="user",
    one="user address Address",
    fields="address pendingRefund",
    inner=(
        List(name="memberships", fields="address role group { groupId }"),
        List(name="payments", fields="paymentId kind initiator"),
        List(name="redPacketsSent", fields="redPacketId"),
        List(name="claims", fields="claimer redPacket { redPacketId }"),
    ),
)


def compare(graph: Graph, views: Views, people: list[str], at: int | None, to: Differences) -> None:
    """All of these people."""
    groups = views.each(CHAT, "getUserGroups", people)
    bills = views.each(PAYMENT, "getUserPayments", people)
    refunds = views.each(PAYMENT, "pendingRefunds", people)
    sent = views.each(PACKET, "getUserSentRedPackets", people)
    claimed = views.each(PACKET, "getUserClaimedRedPackets", people)
    involved = _involved(views)
    for who in people:
        node = graph.one(USER, who, at)
        to.same(who, "address", node["address"], who)
        to.same(who, "pendingRefund", node["pendingRefund"], str(refunds[who]))
        inside = (each["group"]["groupId"] for each in node["memberships"])
        to.same_set(who, "memberships", inside, groups[who])
        to.same(who, "initiated", _initiated(node, who)[::-1], bills[who])
        to.same_set(who, "payments", (p["paymentId"] for p in node["payments"]), involved[who])
        to.same(who, "sent", [p["redPacketId"] for p in node["redPacketsSent"]][::-1], sent[who])
        took = [each["redPacket"]["redPacketId"] for each in node["claims"]]
        to.same(who, "claims", took, claimed[who])


def _initiated(node: Node, who: str) -> list[str]:
    """The contract lists collections and shared bills by initiator, but no crowdfundings."""
    return [
        each["paymentId"]
        for each in node["payments"]
        if each["initiator"] == who and each["kind"] != "CROWDFUNDING"
    ]


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
