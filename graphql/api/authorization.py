"""Who may do what: the one place that decides it.

The chain decides who somebody is in a group, at every moment, through the index; `TABLE` decides
what such a one may do. A refusal says what on the chain it rests on, and since which block.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from api.accounts.viewer import Scope, Viewer
from api.errors import ApiError, Code, unauthenticated
from api.reads.snapshot import Reader
from api.reads.standings import Reason, Standing, Who, because
from indexer.units import Address, to_hex


class Act(StrEnum):
    """What somebody does. Those of a group come first."""

    READ_MESSAGES = "read the messages"
    SEND_MESSAGE = "write"
    REACT = "react"
    EDIT_OWN_MESSAGE = "edit messages"
    DELETE_OWN_MESSAGE = "delete messages of one's own"
    DELETE_ANY_MESSAGE = "delete the messages of others"
    PIN_MESSAGE = "pin messages"
    MARK_READ = "send receipts"
    SHOW_TYPING = "be seen typing"
    ATTACH_FILE = "attach files"
    READ_FILE = "read its files"
    READ_GROUP_KEYS = "read its keys"
    WRAP_GROUP_KEYS = "give its keys to members"
    SEND_DIRECT = "write to somebody"
    READ_DIRECT = "read one's direct messages"
    UPLOAD_FILE = "upload files"
    READ_NOTIFICATIONS = "read notifications"
    CHANGE_NOTIFICATIONS = "change notifications"
    PUBLISH_KEYS = "publish keys"
    MANAGE_ACCOUNT = "manage an account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`who` may do it in a group (None: it is in no group, and whoever signed in may), with a token
    that has the scope. `dissolved`: also in a group that was dissolved.
    """

    scope: Scope
    who: frozenset[Who] | None = None
    dissolved: bool = False


INSIDE: Final = frozenset({Who.MUTED_MEMBER, Who.MEMBER, Who.ADMIN, Who.OWNER})
SPEAKING: Final = frozenset({Who.MEMBER, Who.ADMIN, Who.OWNER})
RULING: Final = frozenset({Who.ADMIN, Who.OWNER})
READING: Final = Rule(scope=Scope.MESSAGES_READ, who=INSIDE, dissolved=True)
WRITING: Final = Rule(scope=Scope.MESSAGES_WRITE, who=SPEAKING)

TABLE: Final[Mapping[Act, Rule]] = {
    Act.READ_MESSAGES: READING,
    Act.SEND_MESSAGE: WRITING,
    Act.REACT: WRITING,
    Act.EDIT_OWN_MESSAGE: WRITING,
    Act.DELETE_OWN_MESSAGE: Rule(
        scope=Scope.MESSAGES_WRITE, who=INSIDE | {Who.FORMER_MEMBER}, dissolved=True
    ),
    Act.DELETE_ANY_MESSAGE: Rule(scope=Scope.MESSAGES_WRITE, who=RULING, dissolved=True),
    Act.PIN_MESSAGE: Rule(scope=Scope.MESSAGES_WRITE, who=RULING),
    Act.MARK_READ: Rule(scope=Scope.MESSAGES_WRITE, who=INSIDE, dissolved=True),
    Act.SHOW_TYPING: WRITING,
    Act.ATTACH_FILE: WRITING,
    Act.READ_FILE: READING,
    Act.READ_GROUP_KEYS: READING,
    Act.WRAP_GROUP_KEYS: Rule(scope=Scope.KEYS, who=SPEAKING),
    Act.SEND_DIRECT: Rule(scope=Scope.MESSAGES_WRITE),
    Act.READ_DIRECT: Rule(scope=Scope.MESSAGES_READ),
    Act.UPLOAD_FILE: Rule(scope=Scope.MESSAGES_WRITE),
    Act.READ_NOTIFICATIONS: Rule(scope=Scope.NOTIFICATIONS),
    Act.CHANGE_NOTIFICATIONS: Rule(scope=Scope.NOTIFICATIONS),
    Act.PUBLISH_KEYS: Rule(scope=Scope.KEYS),
    Act.MANAGE_ACCOUNT: Rule(scope=Scope.ACCOUNT),
}


def require(viewer: Viewer, act: Act) -> Address:
    """The viewer's address. Raises UNAUTHENTICATED, or FORBIDDEN where the token lacks the scope.

    For what is in no group; `require_in` is for what is.
    """
    now = datetime.now(UTC)
    if viewer.address is None:
        raise unauthenticated(f"sign in to {act} (`signInChallenge`)", "ANONYMOUS")
    if viewer.expires_at is not None and viewer.expires_at <= now:
        raise unauthenticated("the access token has expired: refresh it", "EXPIRED")
    scope = TABLE[act].scope
    if scope not in viewer.scopes:
        told = f"this API key has not the scope {scope}, which it takes to {act}"
        raise ApiError(Code.FORBIDDEN, told, reason="SCOPE", scope=str(scope))
    return viewer.address


async def require_in(db: Reader, viewer: Viewer, act: Act, group: bytes) -> Standing:
    """How the viewer stands in the group (by its key), at the index's newest block as `db` sees it.
    Raises UNAUTHENTICATED, or FORBIDDEN with the reason and its block.
    """
    who = require(viewer, act)
    standing = await Standing.of(db, group, who)
    await check(db, act, standing)
    return standing


async def check(db: Reader, act: Act, standing: Standing) -> None:
    """Raises FORBIDDEN, with the reason and its block, where one who stands so may not do it."""
    reason = refusal(act, standing)
    if reason is not None:
        raise await _forbidden(db, act, standing, reason)


async def allowed_in(db: Reader, viewer: Viewer, act: Act, group: bytes) -> bool:
    """Whether `require_in` would let the viewer."""
    try:
        await require_in(db, viewer, act, group)
    except ApiError as error:
        if error.code in (Code.UNAUTHENTICATED, Code.FORBIDDEN):
            return False
        raise
    return True


def refusal(act: Act, standing: Standing) -> Reason | None:
    """Why one who stands so may not do it; None: that one may."""
    rule = TABLE[act]
    assert rule.who is not None, "it is in no group"
    if not standing.is_group:
        return Reason.NO_SUCH_GROUP
    if standing.who not in rule.who:
        return standing.shortfall
    if standing.is_dissolved and not rule.dissolved:
        return Reason.GROUP_DISSOLVED
    return None


WORDS: Final[Mapping[Reason, str]] = {
    Reason.NO_SUCH_GROUP: "there is no such group",
    Reason.NOT_A_MEMBER: "you are not a member of this group",
    Reason.LEFT: "you left this group",
    Reason.REMOVED: "you were removed from this group",
    Reason.MUTED: "you are muted in this group",
    Reason.GROUP_MUTED: "this group is muted: only its owner and admins may speak",
    Reason.GROUP_DISSOLVED: "this group was dissolved",
    Reason.NOT_AN_ADMIN: "only the group's owner and admins may do that",
}


async def _forbidden(db: Reader, act: Act, standing: Standing, reason: Reason) -> ApiError:
    cause = await because(db, standing, reason)
    since = "" if cause.block is None else f", since block {cause.block}"
    return ApiError(
        Code.FORBIDDEN,
        f"{WORDS[cause.reason]}{since}",
        reason=str(cause.reason),
        act=act.name,
        block=cause.block,
        blockHash=None if cause.hash is None else to_hex(cause.hash),
        event=cause.event,
        indexedBlock=standing.indexed_block,
    )
