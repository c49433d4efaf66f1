"""A transaction put together for a wallet: checked against the index, tried at a node."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from api.context import Context
from api.errors import ApiError, Code
from api.limits import int32
from api.node import Message, Node, NodeSilent, Passes, Poor, Reverts
from api.reads import chain
from api.reads.groups import GROUP
from api.reads.payments import PAYMENT
from api.reads.red_packets import RED_PACKET
from api.reads.view import View
from api.scalars import BigInt, Bytes
from api.types.inputs import PaymentKind
from api.types.transactions import (
    Prepared,
    PreparedTransaction,
    PrepareRefusal,
    RefusalCode,
)
from indexer.events.abi import Input
from indexer.events.calls import CallSpec
from indexer.events.encode import calldata
from indexer.events.reverts import reason
from indexer.units import UINT256_MAX, Address, keccak, to_hex

SPARE: Final = 5
"""A fifth more gas than the estimate: state moves on before the transaction is mined."""


class _Refusal(Exception):
    """Ends the preparation."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        self.told = PrepareRefusal(code=code, message=message, reason=None, contract_error=None)
        super().__init__(message)


async def prepared(
    context: Context, view: View, spec: CallSpec, given: Mapping[str, Any], sender: Address
) -> Prepared:
    """The call as a transaction; `given` are its arguments, and `value`, by Solidity name."""
    context.prepared += 1
    most = context.index.limits.prepared
    if context.prepared > most:
        told = f"an operation may prepare {most} transactions, no more"
        raise ApiError(Code.LIMIT_EXCEEDED, told, measure="prepared", limit=most)
    try:
        node = _node(context)
        values, money = list(_values(spec.inputs, given)), _amount("value", given.get("value", 0))
        chain_id, to = await _place(view, spec)
        await _check(view, spec.inputs, values)
        message = Message(sender=sender, to=to, data=calldata(spec, values), value=money)
        return await _tried(node, message, chain_id)
    except _Refusal as refusal:
        return refusal.told


def _node(context: Context) -> Node:
    if context.index.node is None:
        told = "this API knows no node (DCHAT_RPC_URLS), so it cannot try a call"
        raise _Refusal(RefusalCode.NODE_NOT_CONFIGURED, told)
    return context.index.node


def _values(inputs: Sequence[Input], given: Mapping[str, Any]) -> Iterator[Any]:
    """The arguments as the ABI has them."""
    for item in inputs:
        value = given[item.name]
        match value:
            case datetime():
                yield _amount(item.name, int(value.timestamp()))
            case str():
                yield _text(item.name, value)
            case bool() | bytes() | list():
                yield value
            case _:
                yield _amount(item.name, value)


def _amount(name: str, value: int) -> int:
    if not 0 <= value <= UINT256_MAX:
        raise _Refusal(RefusalCode.INVALID_ARGUMENT, f"`{name}` has to be from 0 to 2^256-1")
    return value


def _text(name: str, value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        told = f"`{name}` holds half a surrogate pair, which is no text"
        raise _Refusal(RefusalCode.INVALID_ARGUMENT, told) from None


async def _place(view: View, spec: CallSpec) -> tuple[int, Address]:
    """The chain, and where the contract is on it."""
    at = await chain.position(view)
    for row in await chain.deployments(view):
        if at is not None and row.contract == spec.contract.value:
            return int(at.chain_id), Address(row.address)
    raise _Refusal(RefusalCode.NOTHING_INDEXED, "the index has not begun: no contract is known")


async def _check(view: View, inputs: Sequence[Input], values: Sequence[Any]) -> None:
    """Refuses ids that the index does not have: two of the contracts would take any group."""
    for item, value in zip(inputs, values, strict=True):
        match item.name:
            case "groupId":
                if await GROUP.row(view, keccak(value)) is None:
                    shown = value.decode("utf-8", "replace")[:80]
                    raise await _unknown(view, RefusalCode.UNKNOWN_GROUP, f"group {shown!r}")
            case "paymentId" | "fundingId":
                row = await PAYMENT.row(view, value)
                if row is None or (item.name == "fundingId") != _is_funding(row):
                    what = "crowdfunding" if item.name == "fundingId" else "payment"
                    shown = f"{what} {to_hex(value)}"
                    raise await _unknown(view, RefusalCode.UNKNOWN_PAYMENT, shown)
            case "redPacketId":
                if await RED_PACKET.row(view, value) is None:
                    shown = f"red packet {to_hex(value)}"
                    raise await _unknown(view, RefusalCode.UNKNOWN_RED_PACKET, shown)


def _is_funding(row: Any) -> bool:
    return bool(row.kind == PaymentKind.CROWDFUNDING.value)


async def _unknown(view: View, code: RefusalCode, what: str) -> _Refusal:
    at = await chain.position(view)
    height = "nothing" if at is None else f"block {at.block_number}"
    told = f"the index, which stands at {height}, has no {what}"
    return _Refusal(code, f"{told}; if it is newer, give `numberGte`")


async def _tried(node: Node, message: Message, chain_id: int) -> Prepared:
    try:
        found = await node.simulate(message, chain_id)
    except NodeSilent:
        told = "no node could try the call; try again"
        raise _Refusal(RefusalCode.NODE_UNAVAILABLE, told) from None
    match found:
        case Poor(balance=balance):
            told = f"{message.value} wei are to be sent, and the account has {balance}"
            raise _Refusal(RefusalCode.INSUFFICIENT_FUNDS, told)
        case Reverts(data=data):
            why = reason(data)
            return PrepareRefusal(
                code=RefusalCode.CONTRACT_REFUSES,
                message=f"the contract would refuse: {why.words}",
                reason=why.words,
                contract_error=why.name,
            )
        case Passes(gas=gas):
            return PreparedTransaction(
                to=message.to,
                data=Bytes(message.data),
                value=BigInt(message.value),
                gas=BigInt(gas + gas // SPARE),
                chain_id=int32(chain_id),
            )
