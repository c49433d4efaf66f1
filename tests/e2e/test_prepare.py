"""What the API prepares, a wallet sends, and the contracts do; what they refuse was said before."""

from typing import Any, Final

from tests.e2e.calls import chat, create_group
from tests.e2e.commands import eventually
from tests.e2e.stack import Stack

FIELDS: Final = """{ ... on PreparedTransaction { to data value gas chainId }
    ... on PrepareRefusal { code reason contractError message } }"""
ETHER: Final = 10**18


def prepared(stack: Stack, call: str) -> Any:
    """The answer to `name(arguments)`, by an index that knows all of the chain."""
    query = f"{{ prepare(numberGte: {stack.chain.height}) {{ answer: {call} {FIELDS} }} }}"
    return stack.graph.query(query)["prepare"]["answer"]


def sent(stack: Stack, sender: str, call: str) -> None:
    """Sends what was prepared, as a wallet does; it has to be accepted."""
    found = prepared(stack, call)
    assert "code" not in found, found
    assert found.pop("chainId") == 31337
    message = {"from": sender, "to": found["to"], "data": found["data"]}
    message |= {name: hex(int(found[name])) for name in ("value", "gas")}
    hashed = str(stack.chain.rpc("eth_sendTransaction", message))
    stack.chain.mine()
    [receipt] = stack.chain.receipts([hashed])
    assert receipt.accepted, call
    stack.synced()


def test_a_life_of_prepared_transactions(stack: Stack) -> None:
    chain, (_, ada, bob) = stack.chain, stack.chain.users[:3]
    text = 'groupAvatar: "", description: "茶", isPublic: true, maxMembers: "9"'
    sent(stack, ada, f'createGroup(from: "{ada}", groupName: "tea", {text})')
    asked = "{ groups(first: 1) { nodes { groupId owner description } } }"
    [group] = stack.graph.query(asked)["groups"]["nodes"]
    assert (group["owner"], group["description"]) == (ada, "茶")
    in_group = f'groupId: "{group["groupId"]}"'
    sent(stack, bob, f'joinGroup(from: "{bob}", {in_group})')
    again = prepared(stack, f'joinGroup(from: "{bob}", {in_group})')
    assert (again["code"], again["contractError"]) == ("CONTRACT_REFUSES", "AlreadyMember")
    assert bob in again["reason"] and group["groupId"] in again["reason"]
    sent(
        stack,
        ada,
        f'createFixedRedPacket(from: "{ada}", {in_group}, count: "2", message: "hi", '
        f'value: "{ETHER}")',
    )
    one = "{ redPackets(first: 1) { nodes { redPacketId remainingCount totalAmount } } }"
    [packet] = stack.graph.query(one)["redPackets"]["nodes"]
    assert (packet["remainingCount"], packet["totalAmount"]) == (2, str(ETHER))
    packet_id = f'redPacketId: "{packet["redPacketId"]}"'
    assert prepared(stack, f'claimRedPacket(from: "{ada}", {packet_id})')["contractError"]
    sent(stack, bob, f'claimRedPacket(from: "{bob}", {packet_id})')
    [packet] = stack.graph.query(one)["redPackets"]["nodes"]
    assert packet["remainingCount"] == 1
    assert chain.height == stack.graph.meta()["block"]["number"]


def test_a_crowdfunding_by_prepared_transactions(stack: Stack) -> None:
    chain, (_, ada, bob) = stack.chain, stack.chain.users[:3]
    group = create_group(chain, ada)
    stack.synced()
    chain.rpc("evm_setNextBlockTimestamp", chain.now + 5)
    until = 'deadline: "2099-01-01T00:00:00Z"'
    terms = f'targetAmount: "9", minContribution: "2", title: "roof", description: "", {until}'
    sent(stack, ada, f'createCrowdfunding(from: "{ada}", groupId: "{group}", {terms})')
    [fund] = stack.graph.query("{ payments(first: 1) { nodes { paymentId deadline } } }")[
        "payments"
    ]["nodes"]
    assert fund["deadline"] == "2099-01-01T00:00:00Z"
    back = f'backCrowdfunding(from: "{bob}", fundingId: "{fund["paymentId"]}", value: "%s")'
    small = prepared(stack, back % 1)
    assert small["contractError"] == "ContributionTooSmall"
    assert small["reason"] == "1 wei were sent; at least 2 are wanted"
    sent(stack, bob, back % 3)
    poor = prepared(stack, back % 10**40)
    assert poor["code"] == "INSUFFICIENT_FUNDS"


def test_what_the_index_does_not_know_yet_can_be_waited_for(stack: Stack) -> None:
    chain, ada = stack.chain, stack.chain.users[1]
    chain.must(chat(ada, "createGroup", "late", "", "", True, 10))
    count = stack.chain.contracts["GroupChatV2"].functions.groupCounter().call()
    call = f'leaveGroup(from: "{ada}", groupId: "group_{count}")'
    assert prepared(stack, call)["contractError"] == "OwnerCannotLeave"
    assert eventually(lambda: stack.synced() > 0)
