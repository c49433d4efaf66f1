"""What people wrote, and where, by global id: None for those who may not read it."""

import re
from typing import Final

from api.accounts.viewer import Viewer
from api.authorization import Act, require
from api.errors import bad_input
from api.files.access import may_have
from api.messages.cards import card_of
from api.messages.names import MessageId, is_direct
from api.reads import messages as reads
from api.reads.events import EVENT_ROW
from api.reads.files import FILE
from api.reads.groups import GROUP
from api.reads.view import View
from api.types.chain import Event
from api.types.files import File, file_number
from api.types.messages import Message
from api.types.node import Node
from api.types.talk import Conversation

CONVERSATION_ID: Final = re.compile(r"Conversation:0x([0-9a-f]{64}|[0-9a-f]{80})", re.ASCII)


async def message(view: View, viewer: Viewer, text: str) -> Node | None:
    """What somebody wrote."""
    who, id_ = require(viewer, Act.READ_MESSAGES), MessageId.parse("id", text)
    row = await reads.A_MESSAGE.row(view, (id_.conversation, id_.sent_at))
    conversation = await reads.CONVERSATION.row(view, id_.conversation)
    if row is None or conversation is None:
        return None
    key = bytes(conversation.key)
    may = await reads.readable(view, key, who)
    return Message.of(view, who, key, row) if may.contains(row.block_number) else None


async def card(view: View, viewer: Viewer, position: tuple[int, int]) -> Node | None:
    """What the timeline has of the event at this block and log index."""
    who = require(viewer, Act.READ_MESSAGES)
    row = await EVENT_ROW.row(view, position)
    told = None if row is None else card_of(row)
    if row is None or told is None:
        return None
    may = await reads.readable(view, bytes(told.group), who)
    return Message.of_event(view, who, Event.of(view, row)) if may.shows(row.block_number) else None


async def conversation(view: View, viewer: Viewer, text: str) -> Node | None:
    """A group's, or that of two people to one of them."""
    who, match = require(viewer, Act.READ_MESSAGES), CONVERSATION_ID.fullmatch(text)
    if match is None:
        raise bad_input("id", "ids of conversations look like Conversation:0x…")
    key = bytes.fromhex(match[1])
    there = who in (key[:20], key[20:]) if is_direct(key) else await GROUP.row(view, key)
    return Conversation.of(view, viewer, key) if there else None


async def file(view: View, viewer: Viewer, text: str) -> Node | None:
    """What somebody uploaded."""
    row = await FILE.row(view, file_number("id", text))
    return File.of(view, row) if row is not None and await may_have(view, viewer, row) else None
