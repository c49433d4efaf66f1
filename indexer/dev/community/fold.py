"""Transactions → world: what an accepted call changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.dev.community.calls import Call
from indexer.dev.community.world import Group, Kind, Packet, Pot, World
from indexer.units import keccak

PACKET_LIFE: Final = 86_400
CREDITED: Final = keccak(b"RefundCredited(address,uint256)")
CREATED: Final = {
    "createGroup": keccak(b"GroupCreated(string,string,address,uint256)"),
    **dict.fromkeys(
        ("createGroupCollection", "createAAPayment"),
        keccak(b"PaymentCreated(bytes32,string,address,uint8,uint256,uint256)"),
    ),
    "createCrowdfunding": keccak(b"CrowdfundingCreated(bytes32,string,address,uint256,uint256)"),
    **dict.fromkeys(
        ("createRandomRedPacket", "createFixedRedPacket", "createExclusiveRedPacket"),
        keccak(b"RedPacketCreated(bytes32,string,address,uint8,uint256,uint256,uint256)"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mined:
    """An accepted call: each log is its topics and its data."""

    call: Call
    logs: Sequence[tuple[Sequence[bytes], bytes]]
    timestamp: int

    def created(self) -> bytes:
        """The first indexed argument of the event that tells of what was created."""
        topic = CREATED[self.call.name]
        return next(bytes(topics[1]) for topics, _ in self.logs if topics[0] == topic)


def apply(world: World, mined: Mined) -> None:
    """Changes the world by one transaction; what is about something unknown changes nothing."""
    world.turn += 1
    call = mined.call
    if call.name in CREATED:
        _CREATE[call.name](world, mined)
    elif call.name == "claimRefund":
        world.refunds.pop(call.sender, None)
    elif group := world.groups.get(call.subject):
        _IN_GROUP[call.name](group, call)
    elif pot := world.pots.get(call.subject):
        _IN_POT[call.name](pot, call)
        _credit(world, mined)
    elif packet := world.packets.get(call.subject):
        _in_packet(packet, call)


def _create_group(world: World, mined: Mined) -> None:
    call, key = mined.call, mined.created()
    group_id = _group_id(len(world.groups), key)
    world.groups[group_id] = Group(
        id=group_id,
        owner=call.sender,
        approval=not call.args[3],
        limit=call.args[4],
        members=[call.sender],
    )


def _group_id(known: int, key: bytes) -> str:
    """The preimage of the key. Others create groups too, so that ours may be many numbers on."""
    numbers = range(1, known + 100_000)
    return next(name for n in numbers[known:] if keccak((name := f"group_{n}").encode()) == key)


def _create_payment(world: World, mined: Mined) -> None:
    _, target, invited, _, deadline = mined.call.args
    collection = mined.call.name == "createGroupCollection"
    key = mined.created()
    world.pots[key] = Pot(
        id=key,
        kind=Kind.COLLECTION if collection else Kind.AA,
        initiator=mined.call.sender,
        invited=tuple(invited),
        target=target,
        least=1 if collection else target // len(invited),
        deadline=deadline,
    )


def _create_crowdfunding(world: World, mined: Mined) -> None:
    _, target, least, _, _, deadline = mined.call.args
    key = mined.created()
    world.pots[key] = Pot(
        id=key,
        kind=Kind.CROWDFUNDING,
        initiator=mined.call.sender,
        invited=(),
        target=target,
        least=least,
        deadline=deadline,
    )


def _create_packet(world: World, mined: Mined) -> None:
    call, key = mined.call, mined.created()
    named = call.name == "createExclusiveRedPacket"
    world.packets[key] = Packet(
        id=key,
        sender=call.sender,
        recipients=tuple(call.args[1]) if named else (),
        left=len(call.args[1]) if named else call.args[1],
        expires=mined.timestamp + PACKET_LIFE,
    )


def _join(group: Group, call: Call) -> None:
    if not group.approval:
        group.members.append(call.sender)
    elif call.sender not in group.requests:
        group.requests.append(call.sender)


def _invite(group: Group, call: Call) -> None:
    group.members.append(call.args[1])


def _approve(group: Group, call: Call) -> None:
    _reject(group, call)
    group.members.append(call.args[1])
    group.admins.discard(call.args[1])
    group.muted.discard(call.args[1])


def _reject(group: Group, call: Call) -> None:
    if call.args[1] in group.requests:
        group.requests.remove(call.args[1])


def _leave(group: Group, call: Call) -> None:
    _strike(group, call.sender)


def _remove(group: Group, call: Call) -> None:
    _strike(group, call.args[1])


def _strike(group: Group, member: str) -> None:
    if member in group.members:
        group.members.remove(member)
    group.admins.discard(member)
    group.muted.discard(member)


def _set_admin(group: Group, call: Call) -> None:
    (group.admins.add if call.args[2] else group.admins.discard)(call.args[1])


def _transfer(group: Group, call: Call) -> None:
    group.admins.add(call.sender)
    group.owner = call.args[1]
    group.admins.discard(group.owner)


def _mute(group: Group, call: Call) -> None:
    (group.muted.add if call.args[2] else group.muted.discard)(call.args[1])


def _settings(group: Group, call: Call) -> None:
    _, _, group.invites, group.approval, group.limit, _ = call.args


def _info(group: Group, call: Call) -> None:
    """Changes nothing that the community chooses by."""


def _dissolve(group: Group, call: Call) -> None:
    group.active = False


def _pay(pot: Pot, call: Call) -> None:
    pot.collected += call.value
    pot.payers.add(call.sender)


def _withdraw(pot: Pot, call: Call) -> None:
    pot.withdrawn = True


def _cancel(pot: Pot, call: Call) -> None:
    pot.cancelled = True


def _credit(world: World, mined: Mined) -> None:
    for topics, data in mined.logs:
        if topics[0] == CREDITED:
            user = "0x" + topics[1][-20:].hex()
            world.refunds[user] = world.refunds.get(user, 0) + int.from_bytes(data[:32], "big")


def _in_packet(packet: Packet, call: Call) -> None:
    if call.name == "claimRedPacket":
        packet.left -= 1
        packet.claimers.add(call.sender)
    else:
        packet.refunded = True


_CREATE: Final[dict[str, Callable[[World, Mined], None]]] = {
    "createGroup": _create_group,
    "createGroupCollection": _create_payment,
    "createAAPayment": _create_payment,
    "createCrowdfunding": _create_crowdfunding,
    "createRandomRedPacket": _create_packet,
    "createFixedRedPacket": _create_packet,
    "createExclusiveRedPacket": _create_packet,
}
_IN_GROUP: Final[dict[str, Callable[[Group, Call], None]]] = {
    "joinGroup": _join,
    "inviteMember": _invite,
    "approveJoinRequest": _approve,
    "rejectJoinRequest": _reject,
    "leaveGroup": _leave,
    "removeMember": _remove,
    "setAdmin": _set_admin,
    "transferOwnership": _transfer,
    "muteMember": _mute,
    "updateGroupSettings": _settings,
    "updateGroupInfo": _info,
    "dissolveGroup": _dissolve,
}
_IN_POT: Final[dict[str, Callable[[Pot, Call], None]]] = {
    "contribute": _pay,
    "backCrowdfunding": _pay,
    "withdrawFunds": _withdraw,
    "withdrawCrowdfundingFunds": _withdraw,
    "cancelPayment": _cancel,
    "cancelCrowdfunding": _cancel,
}
