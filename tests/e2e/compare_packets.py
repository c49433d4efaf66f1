"""Red packets and claims: the API against RedPacket."""

from collections.abc import Sequence
from typing import Any, Final

from tests.e2e.differences import Differences, seconds
from tests.e2e.graph import Graph, List, Node
from tests.e2e.revisions import CHAT, PACKET
from tests.e2e.views import Views, key_of, readable

STATUS: Final = ("ACTIVE", "COMPLETED", "EXPIRED", "REFUNDED")
KINDS: Final = ("RANDOM", "FIXED", "EXCLUSIVE")
CLAIM: Final = "claimer amount order claimedAt"


def packets(people: Sequence[str]) -> List:
    """All packets, with whether each of these people could claim."""
    could = " ".join(
        f'could{n}: claimable(address: "{who}") {{ ok reason }}' for n, who in enumerate(people)
    )
    return List(
        name="redPackets",
        one="redPacket redPacketId Bytes32",
        fields=f"""redPacketId kind groupKey groupId group {{ groupId }} sender message totalAmount
            remainingAmount totalCount remainingCount fixedAmount status createdAt expiresAt
            exclusiveRecipients bestClaim {{ {CLAIM} }} {could}""",
        inner=(List(name="claims", fields=f"{CLAIM} redPacket {{ redPacketId }}"),),
    )


def compare(graph: Graph, views: Views, people: list[str], at: int | None, to: Differences) -> None:
    """All packets."""
    found = {node["redPacketId"]: node for node in reversed(graph.all(packets(people), at))}
    ids = views.ids(PACKET, "RedPacketCreated", "redPacketId")
    to.same("redPackets", "redPacketId", list(found), ids)
    standing = views.each(PACKET, "getRedPacket", ids)
    records = views.each(PACKET, "getClaimRecords", ids)
    recipients = views.each(PACKET, "getExclusiveRecipients", ids)
    claimers = views.each(PACKET, "getRedPacketRecipients", ids)
    [groups] = views.ask((CHAT, "groupCounter"))
    for id_ in ids:
        _packet(found[id_], standing[id_], views.time, to)
        _group(found[id_], standing[id_]["groupId"], groups, to)
        to.same(id_, "recipients", found[id_]["exclusiveRecipients"], recipients[id_])
        _claims(found[id_], records[id_], to)
        to.same(id_, "claimers", [each["claimer"] for each in found[id_]["claims"]], claimers[id_])
    _people(found, views, people, to)


def _packet(node: Node, view: dict[str, Any], now: int, to: Differences) -> None:
    overdue = STATUS[view["status"]] == "ACTIVE" and view["expireAt"] < now
    random = KINDS[view["packetType"]] == "RANDOM"
    told = {
        "kind": KINDS[view["packetType"]],
        "groupKey": key_of(view["groupId"]),
        "groupId": readable(view["groupId"]),
        "sender": view["sender"],
        "message": readable(view["message"]),
        "totalAmount": str(view["totalAmount"]),
        "remainingAmount": str(view["remainingAmount"]),
        "totalCount": view["totalCount"],
        "remainingCount": view["remainingCount"],
        "fixedAmount": None if random else str(view["fixedAmount"]),
        "status": "EXPIRED" if overdue else STATUS[view["status"]],
    }
    to.all(node["redPacketId"], node, told)
    to.same(node["redPacketId"], "createdAt", seconds(node["createdAt"]), view["createdAt"])
    to.same(node["redPacketId"], "expiresAt", seconds(node["expiresAt"]), view["expireAt"])


def _group(node: Node, named: str, groups: int, to: Differences) -> None:
    exists = named in {f"group_{n}" for n in range(1, groups + 1)}
    to.same(node["redPacketId"], "group", node["group"], {"groupId": named} if exists else None)


def _claims(node: Node, records: Sequence[dict[str, Any]], to: Differences) -> None:
    told = [_claim(each) for each in node["claims"]]
    expected = [(r["claimer"], r["amount"], r["order"], r["claimedAt"]) for r in records]
    to.same(node["redPacketId"], "claims", told, expected)
    for each in node["claims"]:
        to.same(
            node["redPacketId"],
            "claim's packet",
            each["redPacket"],
            {"redPacketId": node["redPacketId"]},
        )
    best = max(expected, key=lambda claim: (claim[1], -claim[2]), default=None)
    shown = node["bestClaim"] and _claim(node["bestClaim"])
    to.same(node["redPacketId"], "bestClaim", shown, None if node["remainingCount"] else best)


def _claim(node: Node) -> tuple[str, int, int, int]:
    return node["claimer"], int(node["amount"]), node["order"], seconds(node["claimedAt"])


def _people(found: dict[str, Node], views: Views, people: Sequence[str], to: Differences) -> None:
    pairs = [(id_, who) for id_ in found for who in people]
    could = views.each(PACKET, "isClaimable", pairs)
    claimed = views.each(PACKET, "hasUserClaimed", pairs)
    amounts = views.each(PACKET, "getUserClaimAmount", [pair for pair in pairs if claimed[pair]])
    for id_, node in found.items():
        took = (each for each in node["claims"] if each["claimer"] in people)
        mine = {each["claimer"]: int(each["amount"]) for each in took}
        theirs = {who: amount for (of, who), amount in amounts.items() if of == id_}
        to.same(id_, "claims by claimer", mine, theirs)
        for n, who in enumerate(people):
            answer = node[f"could{n}"]
            to.same(id_, f"claimable({who})", answer["ok"], could[id_, who])
            to.same(id_, f"reason for {who}", answer["reason"] is None, could[id_, who])
