"""A message as its sender wants it, checked for what no index is needed for."""

import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from uuid import uuid4

from api.errors import bad_input
from api.messages.names import MessageId, is_direct
from api.reads.common import storable
from indexer.units import Address

LONGEST_TEXT: Final = 16_384
"""Bytes of UTF-8."""
LONGEST_CIPHERTEXT: Final = 65_536
"""Bytes, before base64."""
LONGEST_LABEL: Final = 100
LONGEST_CLIENT_ID: Final = 64
MOST_MENTIONS: Final = 50
MOST_FILES: Final = 10
BASE64: Final = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
LABEL: Final = re.compile(r"[\x21-\x7e]+", re.ASCII)


class Kind(IntEnum):
    """What a message is; the last three are cards that the index itself adds."""

    TEXT = 0
    IMAGE = 1
    FILE = 2
    VOICE = 3
    VIDEO = 4
    PAYMENT = 5
    RED_PACKET = 6
    SYSTEM = 7


WRITTEN: Final = frozenset({Kind.TEXT, Kind.IMAGE, Kind.FILE, Kind.VOICE, Kind.VIDEO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`epoch` is that of the group's key under which it is encrypted, `reply_to` the message of the
    same conversation that it answers.
    """

    sender: Address
    key: bytes
    client_id: str
    kind: Kind
    content: str
    encryption: str | None = None
    epoch: str | None = None
    reply_to: MessageId | None = None
    mentions: Sequence[Address] = ()
    files: Sequence[int] = ()
    forwarded_from: bytes | None = None


def check_kind(kind: Kind, *, files: int) -> Kind:
    """The kind; raises BAD_USER_INPUT for cards, and for what needs a file and has none."""
    if kind not in WRITTEN:
        raise bad_input("kind", f"{kind.name} is a card that the index itself adds")
    if kind is not Kind.TEXT and not files:
        raise bad_input("attachments", f"a message of the kind {kind.name} needs a file")
    return kind


def check_content(content: str, encryption: str | None, *, empty: bool) -> None:
    """Raises BAD_USER_INPUT for what is too long, no text, or no ciphertext."""
    if encryption is not None:
        _check_ciphertext(content, encryption)
        return
    if not storable(content):
        raise bad_input("content", "it holds NUL or half of a surrogate pair")
    if len(content.encode()) > LONGEST_TEXT:
        problem = f"it has more than {LONGEST_TEXT} bytes of UTF-8"
        raise bad_input("content", problem, limit=LONGEST_TEXT)
    if not empty and not content.strip():
        raise bad_input("content", "a text message needs some text")


def _check_ciphertext(content: str, encryption: str) -> None:
    """Opaque to us but for its form: what is not base64 would be plain text by mistake."""
    if not LABEL.fullmatch(encryption) or len(encryption) > LONGEST_LABEL:
        problem = f"name the scheme in 1 to {LONGEST_LABEL} visible ASCII characters"
        raise bad_input("encryption", problem, limit=LONGEST_LABEL)
    if len(content) > (LONGEST_CIPHERTEXT + 2) // 3 * 4:
        problem = f"the ciphertext has more than {LONGEST_CIPHERTEXT} bytes"
        raise bad_input("content", problem, limit=LONGEST_CIPHERTEXT)
    if not content or len(content) % 4 or not BASE64.fullmatch(content):
        raise bad_input("content", "where `encryption` is given it has to be base64")
    b64decode(content)


def check_epoch(epoch: str | None, encryption: str | None, key: bytes) -> str | None:
    """The epoch's id; raises BAD_USER_INPUT where there can be none."""
    if epoch is None:
        return None
    if encryption is None or is_direct(key):
        raise bad_input("epoch", "only what is encrypted for a group has an epoch of its key")
    return epoch


def check_client_id(client_id: str | None) -> str:
    """The client's id of the message, or one of ours."""
    if client_id is None:
        return uuid4().hex
    if not LABEL.fullmatch(client_id) or len(client_id) > LONGEST_CLIENT_ID:
        problem = f"1 to {LONGEST_CLIENT_ID} visible ASCII characters, such as a UUID"
        raise bad_input("clientId", problem, limit=LONGEST_CLIENT_ID)
    return client_id


def at_most(argument: str, count: int, most: int) -> None:
    """Raises BAD_USER_INPUT where a list is longer."""
    if count > most:
        raise bad_input(argument, f"{count} are more than {most}", limit=most)
