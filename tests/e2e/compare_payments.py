"""Payments of all kinds, and who gave what: the API against GroupPayment."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from web3 import Web3

from tests.e2e.chain import Chain
from tests.e2e.differences import Differences, seconds
from tests.e2e.graph import Graph, List, Node
from tests.e2e.revisions import CHAT, PAYMENT, Revision
from tests.e2e.views import Views, key_of, readable

STATUS: Final = ("ACTIVE", "COMPLETED", "CANCELLED", "EXPIRED")
KINDS: Final = ("GROUP_COLLECTION", "AA_PAYMENT")
PAYMENTS: Final = List(
    name="payments",
    one="payment paymentId Bytes32",
    fields="""paymentId kind groupKey groupId group { groupId } initiator targetAmount
        collectedAmount perPersonAmount minContribution title description deadlineSeconds deadline
        status fundsWithdrawn participants""",
    inner=(List(name="contributions", fields="contributor amount refunded payment { paymentId }"),),
)


def compare(graph: Graph, views: Views, people: list[str], at: int | None, to: Differences) -> None:
    """All payments and crowdfundings."""
    found = {node["paymentId"]: node for node in reversed(graph.all(PAYMENTS, at))}
    bills, fundings = views.payment_ids(), views.funding_ids()
    to.same_set("payments", "paymentId", found, bills + fundings)
    asked = participants(views)
    to.same("payments", "of which participants are known", sorted(asked), sorted(bills))
    withdrawn = views.ids(PAYMENT, "FundsWithdrawn", "paymentId")
    for id_, view in views.each(PAYMENT, "getPayment", bills).items():
        _payment(found[id_], {**view, "participants": asked[id_]}, views.chain.revision, to)
    for id_, view in views.each(PAYMENT, "getCrowdfunding", fundings).items():
        _crowdfunding(found[id_], view, to)
    standing = {
        **views.each(PAYMENT, "getPayment", bills),
        **views.each(PAYMENT, "getCrowdfunding", fundings),
    }
    [groups] = views.ask((CHAT, "groupCounter"))
    for id_, view in standing.items():
        _pot(found[id_], view, views, to)
        to.same(id_, "fundsWithdrawn", found[id_]["fundsWithdrawn"], id_ in withdrawn)
        _group(found[id_], view["groupId"], groups, to)
    _contributions(found, views, people, to)


def participants(views: Views) -> dict[str, list[str]]:
    """Payment → whom the call named that answered with its id, wherever it was made from."""
    created = views.logs(PAYMENT, "PaymentCreated")
    transactions = {"0x" + bytes(log["transactionHash"]).hex() for log in created}
    named: dict[str, list[str]] = {}
    for transaction in transactions:
        named |= _named(views.chain, transaction)
    return {id_: named[id_] for id_ in views.payment_ids()}


@cache
def _named(chain: Chain, transaction: str) -> dict[str, list[str]]:
    [made] = chain.made([transaction], [chain.contracts[PAYMENT].address])
    return {
        call.answer: _participants(chain, bytes.fromhex(call.calldata[2:]))
        for call in made
        if call.accepted and len(call.answer) == len("0x") + 64
    }


def _participants(chain: Chain, calldata: bytes) -> list[str]:
    function = chain.contracts[PAYMENT].get_function_by_selector(calldata[:4])
    types = [each["type"] for each in function.abi["inputs"]]
    if "address[]" not in types:
        return []
    arguments = chain.w3.codec.decode(types, calldata[4:])
    return [Web3.to_checksum_address(each) for each in arguments[types.index("address[]")]]


def _payment(node: Node, view: dict[str, Any], revision: Revision, to: Differences) -> None:
    shared = KINDS[view["paymentType"]] == "AA_PAYMENT"
    total = node["targetAmount"] if shared or revision.totals_collections else "0"
    to.same(node["paymentId"], "totalAmount", total, str(view["totalAmount"]))
    told = {
        "kind": KINDS[view["paymentType"]],
        "perPersonAmount": str(view["perPersonAmount"]) if shared else None,
        "minContribution": None,
        "title": None,
        "participants": view["participants"],
    }
    to.all(node["paymentId"], node, told)


def _crowdfunding(node: Node, view: dict[str, Any], to: Differences) -> None:
    told: dict[str, Any] = {
        "kind": "CROWDFUNDING",
        "perPersonAmount": None,
        "minContribution": str(view["minContribution"]),
        "title": readable(view["title"]),
        "participants": [],
    }
    to.all(node["paymentId"], node, told)


def _pot(node: Node, view: dict[str, Any], views: Views, to: Differences) -> None:
    overdue = STATUS[view["status"]] == "ACTIVE" and view["deadline"] < views.time
    told = {
        "groupKey": key_of(view["groupId"]),
        "groupId": readable(view["groupId"]),
        "initiator": view["initiator"],
        "targetAmount": str(view["targetAmount"]),
        "collectedAmount": str(view["collectedAmount"]),
        "description": readable(view["description"]),
        "deadlineSeconds": str(view["deadline"]),
        "status": "EXPIRED" if overdue else STATUS[view["status"]],
    }
    to.all(node["paymentId"], node, told)
    latest = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
    deadline = None if node["deadline"] is None else seconds(node["deadline"])
    expected = view["deadline"] if view["deadline"] <= latest else None
    to.same(node["paymentId"], "deadline", deadline, expected)


def _group(node: Node, named: str, groups: int, to: Differences) -> None:
    exists = named in {f"group_{n}" for n in range(1, groups + 1)}
    expected = {"groupId": named} if exists else None
    to.same(node["paymentId"], "group", node["group"], expected)


def _contributions(
    found: dict[str, Node], views: Views, people: Sequence[str], to: Differences
) -> None:
    """Who gave is told by hasUserPaid for bills, by the logs for crowdfundings."""
    bills = [(id_, who) for id_ in views.payment_ids() for who in people]
    paid = views.each(PAYMENT, "hasUserPaid", bills)
    fundings = sorted(
        {
            ("0x" + log["args"]["fundingId"].hex(), log["args"]["backer"])
            for log in views.logs(PAYMENT, "CrowdfundingBacked")
        }
    )
    given = {
        **views.each(PAYMENT, "getUserContribution", [pair for pair in bills if paid[pair]]),
        **views.each(PAYMENT, "getCrowdfundingContribution", fundings),
    }
    for id_, node in found.items():
        amounts = [(each["contributor"], int(each["amount"])) for each in node["contributions"]]
        expected = [(who, amount) for (of, who), amount in given.items() if of == id_]
        to.same_set(id_, "contributions", amounts, expected)
        for each in node["contributions"]:
            to.same(id_, "refunded", each["refunded"], node["status"] == "CANCELLED")
            to.same(id_, "contribution's payment", each["payment"]["paymentId"], id_)
