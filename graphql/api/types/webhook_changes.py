"""What the viewer changes of webhooks."""

import ipaddress
import re
from typing import Final

import strawberry
from strawberry.types import Info

from api.authorization import Act, require
from api.context import Context
from api.errors import ApiError, bad_input
from api.limits import LARGEST_PAGE
from api.notifying import hooks
from api.paging import BIGINT_MAX
from api.types.field import mutation
from api.types.kinds import NotificationKind
from api.types.webhooks import Webhook, WebhookSecret
from indexer.endpoints import parsed, public
from indexer.errors import ConfigError

ApiInfo = Info[Context, None]

LONGEST_URL: Final = 2000


@strawberry.type
class WebhookMutations:
    """The mutations of webhooks; all take a sign-in."""

    @mutation
    async def create_webhook(
        self, info: ApiInfo, url: str, kinds: list[NotificationKind] | None = None
    ) -> WebhookSecret:
        """Tells this endpoint what the viewer is told, by signed requests: of these kinds, or of
        all. Its URL is https, and its host has public addresses alone.
        """
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        where = _endpoint(url, private=info.context.index.private_hooks)
        names = None if kinds is None else sorted({kind.name for kind in kinds})
        if names == []:
            raise bad_input("kinds", "name at least one, or leave them out to hear of all")
        async with info.context.index.writer.transaction() as db:
            row, secret = await hooks.create(db, who, where, names)
        await info.context.renew()
        return WebhookSecret(webhook=Webhook.of(await info.context.view(), row), secret=secret)

    @mutation
    async def rotate_webhook_secret(self, info: ApiInfo, id: strawberry.ID) -> WebhookSecret:
        """Another secret, which signs every request from now on: let the endpoint take both for a
        minute, as one that is under way was signed by the old one.
        """
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        async with info.context.index.writer.transaction() as db:
            found = await hooks.rotate(db, who, _webhook(id))
        if found is None:
            raise _unknown(id)
        await info.context.renew()
        row, secret = found
        return WebhookSecret(webhook=Webhook.of(await info.context.view(), row), secret=secret)

    @mutation
    async def set_webhook_enabled(self, info: ApiInfo, id: strawberry.ID, enabled: bool) -> Webhook:
        """Whether it is told. What was under way when it is disabled is given up, and can be
        replayed; what happens meanwhile it never hears of.
        """
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        change = hooks.enable if enabled else hooks.disable
        async with info.context.index.writer.transaction() as db:
            row = await change(db, who, _webhook(id))
        if row is None:
            raise _unknown(id)
        await info.context.renew()
        return Webhook.of(await info.context.view(), row)

    @mutation
    async def replay_webhook(
        self, info: ApiInfo, id: strawberry.ID, deliveries: list[strawberry.ID] | None = None
    ) -> int:
        """Enables it, and sends these deliveries again under their keys, also those that arrived;
        or, left out, all that were given up. Answers how many they are.
        """
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        if len(deliveries or ()) > LARGEST_PAGE:
            raise bad_input("deliveries", f"at most {LARGEST_PAGE} at once", limit=LARGEST_PAGE)
        numbers = None
        if deliveries is not None:
            numbers = [_number("deliveries", "Delivery", one) for one in deliveries]
        async with info.context.index.writer.transaction() as db:
            count = await hooks.replay(db, who, _webhook(id), numbers)
        if count is None:
            raise _unknown(id)
        return count

    @mutation
    async def delete_webhook(self, info: ApiInfo, id: strawberry.ID) -> bool:
        """Removes it and what was meant for it; false where the viewer has no such webhook."""
        who = require(info.context.viewer, Act.CHANGE_NOTIFICATIONS)
        async with info.context.index.writer.transaction() as db:
            return await hooks.delete(db, who, _webhook(id))


def _endpoint(url: str, *, private: bool) -> str:
    """The URL. Workers look at each address that its host has, whenever they call it."""
    if len(url) > LONGEST_URL or not url.isascii():
        raise bad_input("url", f"at most {LONGEST_URL} ASCII characters", limit=LONGEST_URL)
    try:
        parts = parsed(url)
    except ConfigError as error:
        raise bad_input("url", str(error)) from None
    if parts.scheme != "https" and not private:
        raise bad_input("url", "begin with https://: what is told is the viewer's alone")
    try:
        address = ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return url
    if not public(address) and not private:
        raise bad_input("url", f"{address} is no address that everybody may call")
    return url


def _webhook(id_: str) -> int:
    return _number("id", "Webhook", id_)


def _number(argument: str, kind: str, id_: str) -> int:
    match = re.fullmatch(rf"{kind}:([0-9]{{1,19}})", id_, re.ASCII)
    if match is None or int(match[1]) > BIGINT_MAX:
        raise bad_input(argument, f"not the id of a {kind.lower()}: those look like {kind}:7")
    return int(match[1])


def _unknown(id_: str) -> ApiError:
    return bad_input("id", f"you have no {id_[:40]}: see notificationSettings {{ webhooks }}")
