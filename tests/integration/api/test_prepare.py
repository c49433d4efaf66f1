"""Transactions for wallets: checked against the index, tried at a node, or refused with reason."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from eth_abi.abi import encode
from sqlalchemy import Engine

from api.context import Index
from api.node import Node
from indexer.events.calls import CALLS
from indexer.events.inputs import decode_input
from indexer.events.reverts import BY_SELECTOR, ERROR
from indexer.units import to_hex
from tests.integration.api.conftest import Client
from tests.integration.api.rows import account, group, id_of, payment, put, red_packet

ME = to_hex(account(7))
FIELDS = """{ __typename ... on PreparedTransaction { to data value gas chainId }
    ... on PrepareRefusal { code reason message contractError } }"""
WELL: Mapping[str, Any] = {
    "eth_chainId": "0x7a69",
    "eth_getBalance": hex(10**18),
    "eth_call": "0x",
    "eth_estimateGas": hex(50_000),
}


class FakeEndpoint:
    """A node that says what `answers` has: a result, or an error object."""

    def __init__(self, url: str) -> None:
        self.url, self.answers = url, dict(WELL)
        self.asked: list[tuple[str, Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked.append((body["method"], body["params"]))
        told = self.answers[body["method"]]
        kind = "error" if isinstance(told, dict) else "result"
        return web.json_response({"jsonrpc": "2.0", "id": body["id"], kind: told})


@pytest.fixture
async def endpoint(unused_tcp_port: int) -> AsyncIterator[FakeEndpoint]:
    app = web.Application()
    fake = FakeEndpoint(f"http://127.0.0.1:{unused_tcp_port}")
    app.router.add_post("/", fake.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    yield fake
    await runner.cleanup()


@pytest.fixture
async def wallet(client: Client, database: Engine, endpoint: FakeEndpoint) -> AsyncIterator[Client]:
    """A client of an API that knows a node; group_1, payment 1, crowdfunding 2, packet 1."""
    put(
        database,
        contracts=[
            {"contract": n, "address": account(100 + n), "start_block": 1} for n in range(3)
        ],
        groups=[group(1)],
        payments=[payment(1), payment(2, kind=2)],
        red_packets=[red_packet(1)],
    )
    node = Node([endpoint.url], 5.0, 4)
    client.index = replaced(client.index, node)
    yield client
    await node.close()


def replaced(index: Index, node: Node) -> Index:
    return replace(index, node=node)


async def prepared(client: Client, call: str) -> Any:
    data = await client.data(f"{{ prepare {{ {call} {FIELDS} }} }}")
    [answer] = data["prepare"].values()
    return answer


def joining(group_id: str = "group_1") -> str:
    return f'joinGroup(from: "{ME}", groupId: "{group_id}")'


async def test_a_transaction_is_what_a_wallet_needs(wallet: Client, endpoint: FakeEndpoint) -> None:
    found = await prepared(wallet, joining())
    spec = next(spec for spec in CALLS if spec.name == "joinGroup")
    assert found.pop("__typename") == "PreparedTransaction"
    assert found == {
        "to": to_hex(account(100)),
        "data": to_hex(spec.selector + encode(["string"], ["group_1"])),
        "value": "0",
        "gas": "60000",
        "chainId": 31337,
    }
    message = {"from": ME, "to": found["to"], "data": found["data"], "value": "0x0"}
    assert ("eth_call", [message, "latest"]) in endpoint.asked
    assert ("eth_estimateGas", [message]) in endpoint.asked


GIVEN = {
    "uint256": '"12"',
    "string": '"some text"',
    "bool": "true",
    "address": f'"{ME}"',
    "address[]": f'["{ME}", "{ME}"]',
    "bytes32": f'"{to_hex(id_of(1))}"',
}
NAMED = {
    "groupId": '"group_1"',
    "deadline": '"2030-01-01T00:00:00Z"',
    "fundingId": f'"{to_hex(id_of(2))}"',
}


@pytest.mark.parametrize("spec", CALLS, ids=lambda one: f"{one.contract.name}.{one.signature}")
async def test_every_function_can_be_prepared(wallet: Client, spec: Any) -> None:
    name = spec.cls.__name__[0].lower() + spec.cls.__name__[1:]
    given = [f"{i.name}: {NAMED.get(i.name) or GIVEN[i.type]}" for i in spec.inputs]
    given += ['value: "5"'] if spec.payable else []
    given += [f"contract: {spec.contract.name}"] if "Owner" in name or "ause" in name else []
    given = [one for one in given if name != "transferGroupOwnership" or "contract:" not in one]
    found = await prepared(wallet, f'{name}(from: "{ME}", {", ".join(given)})')
    assert found["__typename"] == "PreparedTransaction", found
    assert found["to"] == to_hex(account(100 + spec.contract.value))
    assert found["value"] == ("5" if spec.payable else "0")
    made = decode_input(spec.contract, bytes.fromhex(found["data"][2:]))
    assert isinstance(made, spec.cls)
    assert getattr(made, "deadline", 1_893_456_000) == 1_893_456_000


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (joining("group_2"), "UNKNOWN_GROUP"),
        (f'claimRedPacket(from: "{ME}", redPacketId: "{to_hex(id_of(2))}")', "UNKNOWN_RED_PACKET"),
        (f'cancelPayment(from: "{ME}", paymentId: "{to_hex(id_of(2))}")', "UNKNOWN_PAYMENT"),
        (f'cancelCrowdfunding(from: "{ME}", fundingId: "{to_hex(id_of(1))}")', "UNKNOWN_PAYMENT"),
        (
            f'contribute(from: "{ME}", paymentId: "{to_hex(id_of(1))}", value: "-1")',
            "INVALID_ARGUMENT",
        ),
    ],
)
async def test_what_the_index_can_tell_is_refused_before_a_node_is_asked(
    wallet: Client, endpoint: FakeEndpoint, call: str, code: str
) -> None:
    found = await prepared(wallet, call)
    assert (found["code"], found["reason"]) == (code, None)
    assert endpoint.asked == []


async def test_what_is_no_text_is_refused(wallet: Client) -> None:
    call = f'joinGroup(from: "{ME}", groupId: $id) {FIELDS}'
    data = await wallet.data(f"query ($id: String!) {{ prepare {{ {call} }} }}", id="\ud800")
    assert data["prepare"]["joinGroup"]["code"] == "INVALID_ARGUMENT"


NOT_MEMBER = next(key for key, one in BY_SELECTOR.items() if one.name == "NotMember")
REASON = NOT_MEMBER + encode(["string", "address"], ["group_1", account(7)])
SAID = f"{ME} is not a member of the group group_1"


@pytest.mark.parametrize(
    ("error", "name", "words"),
    [
        ({"code": 3, "message": "execution reverted", "data": to_hex(REASON)}, "NotMember", SAID),
        (
            {"code": -32015, "message": "VM", "data": f"Reverted {to_hex(REASON)}"},
            "NotMember",
            SAID,
        ),
        (
            {"code": -32603, "message": "x", "data": {"data": to_hex(REASON)}},
            "NotMember",
            SAID,
        ),
        (
            {"code": 3, "message": "r", "data": to_hex(ERROR + encode(["string"], ["Not now"]))},
            None,
            "Not now",
        ),
        ({"code": 3, "message": "execution reverted"}, None, "the contract gave no reason"),
    ],
)
async def test_the_contract_s_reason_is_told_however_the_node_packs_it(
    wallet: Client, endpoint: FakeEndpoint, error: Any, name: str | None, words: str
) -> None:
    endpoint.answers |= {"eth_call": error, "eth_estimateGas": error}
    found = await prepared(wallet, joining())
    assert found["code"] == "CONTRACT_REFUSES"
    assert (found["contractError"], found["reason"]) == (name, words)
    assert words in found["message"]


@pytest.mark.parametrize(
    "answers",
    [
        {"eth_getBalance": "0x4"},
        {"eth_call": {"code": -32000, "message": "insufficient funds for transfer"}},
    ],
)
async def test_who_cannot_pay_is_told_so(
    wallet: Client, endpoint: FakeEndpoint, answers: Any
) -> None:
    endpoint.answers |= answers
    call = f'contribute(from: "{ME}", paymentId: "{to_hex(id_of(1))}", value: "5")'
    assert (await prepared(wallet, call))["code"] == "INSUFFICIENT_FUNDS"


@pytest.mark.parametrize(
    "answers",
    [
        {"eth_chainId": "0x1"},
        {"eth_call": {"code": -32000, "message": "header not found"}},
        {"eth_estimateGas": "nonsense"},
        {"eth_getBalance": {"code": -32005, "message": "too many requests"}},
        {"eth_call": "0x" + "00" * 1_100_000},
    ],
)
async def test_a_node_that_is_of_no_use_is_no_refusal_of_the_contract(
    wallet: Client, endpoint: FakeEndpoint, answers: Any
) -> None:
    endpoint.answers |= answers
    found = await prepared(wallet, joining())
    assert (found["code"], found["reason"]) == ("NODE_UNAVAILABLE", None)


async def test_another_node_is_asked_where_one_is_down(
    wallet: Client, endpoint: FakeEndpoint
) -> None:
    node = Node(["http://127.0.0.1:1", endpoint.url], 5.0, 4)
    wallet.index = replaced(wallet.index, node)
    for _ in range(2):
        assert (await prepared(wallet, joining()))["__typename"] == "PreparedTransaction"
    await node.close()


async def test_without_a_node_the_answer_says_so(client: Client, database: Engine) -> None:
    found = await prepared(client, joining())
    assert found["code"] == "NODE_NOT_CONFIGURED"


async def test_an_operation_prepares_only_so_many(wallet: Client) -> None:
    calls = " ".join(f"a{n}: {joining()} {{ __typename }}" for n in range(11))
    error = await wallet.error(f"{{ prepare {{ {calls} }} }}")
    assert (error["code"], error["limit"]) == ("LIMIT_EXCEEDED", 10)
