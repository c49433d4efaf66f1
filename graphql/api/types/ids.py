"""From a global id back to the thing."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from api.accounts.viewer import Viewer
from api.errors import ApiError, bad_input
from api.messages.names import CARD_ID
from api.paging import BIGINT_MAX
from api.reads import groups, payments, red_packets
from api.reads.events import EVENT_ROW
from api.reads.lists import Lookup
from api.reads.view import View
from api.types import talk_ids
from api.types.chain import Event
from api.types.groups import Group, JoinRequest, Member
from api.types.node import Node
from api.types.payments import Contribution, Payment
from api.types.red_packets import Claim, RedPacket
from api.types.users import User
from indexer.units import Address, address, hash32

EVENT_ID: Final = re.compile(r"([0-9]{1,19})-([0-9]{1,10})", re.ASCII)
INT_MAX: Final = 2**31 - 1
Part = Callable[[str], bytes]
Found = Callable[[View, tuple[bytes, ...]], Awaitable[Node | None]]


def _looked_up(lookup: Lookup, make: Callable[[View, Any], Node]) -> Found:
    async def find(view: View, parts: tuple[bytes, ...]) -> Node | None:
        row = await lookup.row(view, parts if len(parts) > 1 else parts[0])
        return None if row is None else make(view, row)

    return find


async def _user(view: View, parts: tuple[bytes, ...]) -> Node:
    return User.of(view, Address(parts[0]))


KINDS: Final[dict[str, tuple[tuple[Part, ...], Found]]] = {
    "Group": ((hash32,), _looked_up(groups.GROUP, Group.of)),
    "Member": ((hash32, address), _looked_up(groups.MEMBER, Member.of)),
    "JoinRequest": ((hash32, address), _looked_up(groups.JOIN_REQUEST, JoinRequest.of)),
    "Payment": ((hash32,), _looked_up(payments.PAYMENT, Payment.of)),
    "Contribution": ((hash32, address), _looked_up(payments.CONTRIBUTION, Contribution.of)),
    "RedPacket": ((hash32,), _looked_up(red_packets.RED_PACKET, RedPacket.of)),
    "Claim": ((hash32, address), _looked_up(red_packets.CLAIM, Claim.of)),
    "User": ((address,), _user),
}


TALK: Final[dict[str, Callable[[View, Viewer, str], Awaitable[Node | None]]]] = {
    "Message": talk_ids.message,
    "Conversation": talk_ids.conversation,
    "File": talk_ids.file,
}


async def node_by_id(view: View, viewer: Viewer, text: str) -> Node | None:
    """The thing; None where nothing has this id. Raises BAD_USER_INPUT for what is no id, and
    UNAUTHENTICATED for what only some people may read.
    """
    name, *parts = text.split(":")
    if name == "Message" and CARD_ID.fullmatch(text):
        return await talk_ids.card(view, viewer, event_position("id", parts[0]))
    if name in TALK:
        return await TALK[name](view, viewer, text)
    if name in KINDS:
        parsers, find = KINDS[name]
        return await find(view, _parsed(parsers, parts))
    row = await EVENT_ROW.row(view, event_position("id", text))
    return None if row is None else Event.of(view, row)


def _parsed(parsers: tuple[Part, ...], parts: list[str]) -> tuple[bytes, ...]:
    try:
        return tuple(parse(part) for parse, part in zip(parsers, parts, strict=True))
    except ValueError:
        raise _malformed("id") from None


def event_position(argument: str, text: str) -> tuple[int, int]:
    """Block number and log index of an event's id; raises BAD_USER_INPUT."""
    match = EVENT_ID.fullmatch(text)
    if match is None:
        raise _malformed(argument)
    block, index = int(match[1]), int(match[2])
    if block > BIGINT_MAX or index > INT_MAX:
        raise _malformed(argument)
    return block, index


def _malformed(argument: str) -> ApiError:
    forms = "<block>-<log index>, or one of " + ", ".join(f"{name}:0x…" for name in KINDS)
    return bad_input(argument, f"not an id of this API; ids look like {forms}")
