"""What the viewer was told, and how the viewer wants to be told."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any, Final, Self

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from api.authorization import Act, require
from api.context import Context
from api.paging import Args
from api.reads import hooks
from api.reads import notifications as reads
from api.reads.moment import NOW
from api.reads.payments import PAYMENT
from api.reads.red_packets import RED_PACKET
from api.reads.snapshot import Momentary
from api.reads.view import View
from api.types.connection import Connection, connection
from api.types.field import field, subscription
from api.types.groups import Group, group_by_key
from api.types.kinds import NotificationChannel, NotificationKind, made
from api.types.webhooks import Webhook
from indexer.effects.effect import Kind
from indexer.texts.catalogue import Locale as Language
from indexer.texts.notices import Reader, text
from indexer.units import Hash32

ApiInfo = Info[Context, None]


Locale: Final[Any] = made(
    "Locale",
    {one.value.replace("-", "_").upper(): one.value for one in Language},
    "The language of notifications.",
)


@strawberry.input
class NotificationFilter:
    unread: bool | None = None
    kind_in: list[NotificationKind] | None = None


@strawberry.type(description="Something that the viewer was told. A reorg takes it back.")
class Notification:
    view: strawberry.Private[View]
    row: strawberry.Private[Any]
    id: strawberry.ID
    key: Hash32 = strawberry.field(description="What happened: the same for all who are told.")
    kind: NotificationKind
    arguments: JSON = strawberry.field(
        description="The event's arguments and what belongs to it; amounts in wei, decimal."
    )
    block_number: int
    block_hash: Hash32
    created_at: datetime
    read_at: datetime | None

    @field
    async def text(self) -> str:
        """What happened, as a sentence in the viewer's language."""
        group = await _group(self.view, self.row.arguments)
        reader = await reader_of(self.view, self.row.recipient)
        name = None if group is None else group.name
        return text(Kind(self.row.kind), self.row.arguments, name, reader)

    @field
    async def group(self) -> Group | None:
        """The group that it is about."""
        return await _group(self.view, self.row.arguments)

    @classmethod
    def of(cls, view: View, row: Any) -> Self:
        return cls(
            view=view,
            row=row,
            id=strawberry.ID(f"Notification:{row.number}"),
            key=row.key,
            kind=NotificationKind(row.kind),
            arguments=row.arguments,
            block_number=row.block_number,
            block_hash=row.block_hash,
            created_at=row.created_at,
            read_at=row.read_at,
        )


async def reader_of(view: View, address: bytes) -> Reader:
    """The language and the clock of this person."""
    row = await reads.SETTINGS.row(view, address)
    return Reader() if row is None else Reader(locale=Language(row.locale), zone=row.zone)


async def _group(view: View, arguments: Any) -> Group | None:
    key = await _group_key(view, arguments)
    return None if key is None else await group_by_key(view, Hash32(key))


async def _group_key(view: View, arguments: Any) -> bytes | None:
    if (key := arguments.get("group_key")) is not None:
        return bytes.fromhex(key[2:])
    for name, lookup in (
        ("payment_id", PAYMENT),
        ("funding_id", PAYMENT),
        ("red_packet_id", RED_PACKET),
    ):
        if (key := arguments.get(name)) is not None:
            row = await lookup.row(view, bytes.fromhex(key[2:]))
            return None if row is None else bytes(row.group_key)
    return None


@strawberry.type(description="Minutes of the day, by the clock of `zone`; may lie across midnight.")
class QuietHours:
    from_minute: int
    until_minute: int = strawberry.field(description="The first minute that is not quiet any more.")


@strawberry.type
class UnwantedNotifications:
    channel: NotificationChannel
    kinds: list[NotificationKind]


@strawberry.type(description="A browser that is told by web push.")
class PushSubscription:
    endpoint: str
    created_at: datetime


@strawberry.type
class Mailbox:
    email: str
    verified: bool = strawberry.field(description="Nothing is sent there before.")
    pause_minutes: int = strawberry.field(description="Between two mails, at least.")


@strawberry.type(description="How the viewer wants to be told.")
class NotificationSettings:
    view: strawberry.Private[View]
    address: strawberry.Private[bytes]
    locale: Locale
    zone: str = strawberry.field(description="Whose clock quiet hours go by (IANA).")
    quiet_hours: QuietHours | None
    push_key: str | None = strawberry.field(
        description="`applicationServerKey` to subscribe with; null where browsers are not told."
    )

    @field
    async def unwanted(self) -> list[UnwantedNotifications]:
        """What the viewer does not want to hear of; everything else is told."""
        found: dict[int, list[Any]] = {}
        for row in await reads.unwanted(self.view, self.address):
            found.setdefault(row.channel, []).append(NotificationKind(row.kind))
        return [
            UnwantedNotifications(
                channel=NotificationChannel(one), kinds=sorted(kinds, key=lambda kind: kind.value)
            )
            for one, kinds in sorted(found.items())
        ]

    @field
    async def push_subscriptions(self) -> list[PushSubscription]:
        rows = await reads.browsers(self.view, self.address)
        return [PushSubscription(endpoint=row.url, created_at=row.created_at) for row in rows]

    @field
    async def webhooks(self) -> list[Webhook]:
        """Endpoints of the viewer's own, the oldest first."""
        rows = await hooks.owned(self.view, self.address)
        return [Webhook.of(self.view, row) for row in rows]

    @field
    async def mailbox(self) -> Mailbox | None:
        """Where the viewer is mailed."""
        row = await reads.MAILBOX.row(self.view, self.address)
        if row is None:
            return None
        verified = row.verified_at is not None
        return Mailbox(email=row.email, verified=verified, pause_minutes=row.pause)

    @classmethod
    async def of(cls, context: Context, address: bytes) -> Self:
        view = await context.view()
        row = await reads.SETTINGS.row(view, address)
        quiet = None
        if row is not None and row.quiet_from is not None:
            quiet = QuietHours(from_minute=row.quiet_from, until_minute=row.quiet_until)
        return cls(
            view=view,
            address=address,
            locale=Locale("en" if row is None else row.locale),
            zone="UTC" if row is None else row.zone,
            quiet_hours=quiet,
            push_key=context.index.push_key,
        )


@strawberry.type(description="`reverted`: a reorg took it back, and it is gone from the list.")
class NotificationUpdate:
    view: strawberry.Private[View]
    notification: Notification
    reverted: bool

    @field
    async def unread_count(self) -> int:
        return await reads.unread(self.view, self.notification.row.recipient)


@strawberry.type
class NotificationQueries:
    @field
    async def notifications(
        self,
        info: ApiInfo,
        where: NotificationFilter | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Notification]:
        """What the viewer was told, newest first; takes a sign-in."""
        who = require(info.context.viewer, Act.READ_NOTIFICATIONS)
        args = Args(first=first, after=after, last=last, before=before)
        view = await info.context.view()
        return connection(
            view, reads.NOTIFICATION_LIST, Notification.of, args, key=who, where=where
        )

    @field
    async def unread_notification_count(self, info: ApiInfo) -> int:
        """How many of them the viewer has not read."""
        who = require(info.context.viewer, Act.READ_NOTIFICATIONS)
        return await reads.unread(await info.context.view(), who)

    @field
    async def notification_settings(self, info: ApiInfo) -> NotificationSettings:
        """How the viewer wants to be told."""
        who = require(info.context.viewer, Act.READ_NOTIFICATIONS)
        return await NotificationSettings.of(info.context, who)


@strawberry.type
class NotificationSubscriptions:
    @subscription
    async def notification_added(self, info: ApiInfo) -> AsyncGenerator[NotificationUpdate, None]:
        """What the viewer is told from now on; and of that, what a reorg takes back."""
        who = require(info.context.viewer, Act.READ_NOTIFICATIONS)
        index = info.context.index
        async with index.notices.feed(who) as feed:
            while True:
                told = await feed.next()
                view = View(Momentary(index.engine), NOW)
                yield NotificationUpdate(
                    view=view,
                    notification=Notification.of(view, told.row),
                    reverted=told.reverted,
                )
