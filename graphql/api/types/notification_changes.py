"""What the viewer changes of the notifications."""

import re
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import strawberry
from cryptography.hazmat.primitives.asymmetric import ec
from strawberry.types import Info

from api.authorization import Act, require
from api.context import Context
from api.errors import ApiError, bad_input, unavailable
from api.limits import LARGEST_PAGE
from api.notifying import changes
from api.paging import BIGINT_MAX
from api.reads import notifications as reads
from api.types.field import mutation
from api.types.kinds import NotificationChannel, NotificationKind
from api.types.notifications import Locale, NotificationSettings
from indexer.vapid_key import decoded

ApiInfo = Info[Context, None]

NUMBERED: Final = re.compile(r"Notification:([0-9]{1,19})", re.ASCII)
PLAIN: Final = r"[^\s@<>(),;:\x00-\x1f\x7f\"\\]"
EMAIL: Final = re.compile(rf"{PLAIN}{{1,64}}@{PLAIN}+\.[a-z0-9-]+")
LONGEST_EMAIL: Final = 254
LONGEST_URL: Final = 2000
MINUTES: Final = 1440
LONGEST_PAUSE: Final = 10_080
"""Minutes: a week."""


@strawberry.input
class QuietHoursInput:
    from_minute: int
    until_minute: int


@strawberry.input
class NotificationChoice:
    channel: NotificationChannel
    kinds: list[NotificationKind] | None = strawberry.field(
        default=None, description="Of all kinds where it is left out."
    )
    wanted: bool


@strawberry.type
class NotificationMutations:
    """The mutations of notifications; all take a sign-in."""

    @mutation
    async def mark_notifications_read(
        self,
        info: ApiInfo,
        ids: list[strawberry.ID] | None = None,
        up_to: strawberry.ID | None = None,
        read: bool = True,
    ) -> int:
        """Those of these ids, or all up to one: exactly one of the two. `read: false` makes those
        of `ids` unread again. Answers how many are unread now.
        """
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        numbers, last = _marked(ids, up_to, read)
        async with info.context.index.writer.transaction() as db:
            if last is None:
                await changes.read(db, who, numbers, read=read)
            else:
                await changes.read_up_to(db, who, last)
        await info.context.renew()
        return await reads.unread(await info.context.view(), who)

    @mutation
    async def set_notification_settings(
        self,
        info: ApiInfo,
        locale: Locale,
        zone: str = "UTC",
        quiet_hours: QuietHoursInput | None = None,
    ) -> NotificationSettings:
        """The language, and hours in which nothing is pushed or mailed (none, if left out)."""
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        if zone not in available_timezones():
            raise bad_input("zone", f"{zone[:80]!r} is no zone of IANA, such as Europe/Berlin")
        given: dict[str, Any] = {"who": who, "locale": locale.value, "zone": zone}
        async with info.context.index.writer.transaction() as db:
            await db.do(changes.SETTINGS, given | _quiet(quiet_hours))
        return await _settings(info.context, who)

    @mutation
    async def set_notification_choices(
        self, info: ApiInfo, choices: list[NotificationChoice]
    ) -> NotificationSettings:
        """What to hear of, by which channel. Everything is wanted that was not unwanted; what is
        unwanted IN_APP is not listed, yet it can be by another channel.
        """
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        if len(choices) > LARGEST_PAGE:
            raise bad_input("choices", f"at most {LARGEST_PAGE} at once", limit=LARGEST_PAGE)
        async with info.context.index.writer.transaction() as db:
            for one in choices:
                kinds = [kind.value for kind in one.kinds or NotificationKind]
                await changes.choose(db, who, one.channel.value, kinds, wanted=one.wanted)
        return await _settings(info.context, who)

    @mutation
    async def subscribe_to_push(
        self, info: ApiInfo, endpoint: str, p256dh: str, auth: str
    ) -> NotificationSettings:
        """Tells this browser by web push: what its PushSubscription holds (keys in base64url)."""
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        if info.context.index.push_key is None:
            raise unavailable("this server tells no browsers (DCHAT_VAPID_KEY is not set)")
        given = (_endpoint(endpoint), _point(p256dh), _secret(auth))
        async with info.context.index.writer.transaction() as db:
            await changes.subscribe(db, who, *given)
        return await _settings(info.context, who)

    @mutation
    async def unsubscribe_from_push(self, info: ApiInfo, endpoint: str) -> bool:
        """Tells this browser nothing more; false where it was not told."""
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        async with info.context.index.writer.transaction() as db:
            return await changes.unsubscribe(db, who, endpoint)

    @mutation
    async def set_mailbox(
        self, info: ApiInfo, email: str, pause_minutes: int = 60
    ) -> NotificationSettings:
        """Mails there, with at least that pause between two mails, once the link is followed that
        is sent there first.
        """
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        if not info.context.index.mails:
            raise unavailable("this server sends no e-mail (DCHAT_SMTP_URL is not set)")
        if not 1 <= pause_minutes <= LONGEST_PAUSE:
            told = f"{pause_minutes} is not between 1 and {LONGEST_PAUSE}"
            raise bad_input("pauseMinutes", told, limit=LONGEST_PAUSE)
        async with info.context.index.writer.transaction() as db:
            await changes.set_mailbox(db, who, _email(email), pause_minutes)
        return await _settings(info.context, who)

    @mutation
    async def remove_mailbox(self, info: ApiInfo) -> bool:
        """Mails nothing more; false where nothing was."""
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        async with info.context.index.writer.transaction() as db:
            return await changes.no_mailbox(db, who)


async def _settings(context: Context, who: bytes) -> NotificationSettings:
    await context.renew()
    return await NotificationSettings.of(context, who)


def _marked(
    ids: list[strawberry.ID] | None, up_to: strawberry.ID | None, read: bool
) -> tuple[list[int], int | None]:
    if (ids is None) == (up_to is None):
        raise bad_input("ids", "give exactly one of `ids` and `upTo`")
    if up_to is not None:
        if not read:
            raise bad_input("read", "only those of `ids` can be made unread")
        return [], _number("upTo", up_to)
    if len(ids or ()) > LARGEST_PAGE:
        raise bad_input("ids", f"at most {LARGEST_PAGE} at once", limit=LARGEST_PAGE)
    return [_number("ids", one) for one in ids or ()], None


def _number(argument: str, id_: str) -> int:
    match = NUMBERED.fullmatch(id_)
    if match is None or int(match[1]) > BIGINT_MAX:
        raise bad_input(argument, "not an id of a notification")
    return int(match[1])


def _quiet(given: QuietHoursInput | None) -> dict[str, int | None]:
    if given is None:
        return {"quiet_from": None, "quiet_until": None}
    for minute in (given.from_minute, given.until_minute):
        if not 0 <= minute < MINUTES:
            raise bad_input(
                "quietHours", f"{minute} is no minute of a day: 0 to 1439", limit=MINUTES - 1
            )
    return {"quiet_from": given.from_minute, "quiet_until": given.until_minute}


def _endpoint(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _no_endpoint() from None
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not plain or parts.scheme != "https" or not parts.hostname or port == 0 or parts.username:
        raise _no_endpoint()
    return url


def _no_endpoint() -> ApiError:
    told = f"not an https URL of at most {LONGEST_URL} characters"
    return bad_input("endpoint", told, limit=LONGEST_URL)


def _point(text: str) -> bytes:
    try:
        point = decoded(text)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        point = b""
    if len(point) != 65:
        raise bad_input("p256dh", "not a point of P-256: 65 bytes in base64url")
    return point


def _secret(text: str) -> bytes:
    try:
        secret = decoded(text)
    except ValueError:
        secret = b""
    if len(secret) != 16:
        raise bad_input("auth", "not 16 bytes in base64url")
    return secret


def _email(text: str) -> str:
    local, _, domain = text.strip().rpartition("@")
    email = f"{local}@{domain.lower()}"
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
        raise bad_input("email", "not an e-mail address", limit=LONGEST_EMAIL)
    return email
