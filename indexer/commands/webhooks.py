"""`dchat webhooks`: the endpoints that are told of what happens."""

import json as jsons
import secrets
from collections.abc import Sequence
from typing import Any

import click

from indexer.db import webhooks as hooks
from indexer.db.connection import connect, translated
from indexer.db.webhooks import Webhook
from indexer.effects.effect import Kind
from indexer.endpoints import parsed
from indexer.errors import ConfigError
from indexer.flags import DATABASE, database, settings_of
from indexer.settings import Settings
from indexer.units import Address, address, checksum

KINDS = [kind.name for kind in Kind]


@click.group()
def webhooks() -> None:
    """Register endpoints that are told by a signed POST, and send them again what they missed.

    Each request carries Dchat-Key (the same for every repetition), Dchat-Timestamp and
    Dchat-Signature; docs/operations.md shows how to verify it in three lines.
    """


@webhooks.command()
@settings_of(*DATABASE)
@click.argument("url")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS, case_sensitive=False))
@click.option("--address", "about", help="only what this address is told, 0x…")
@click.option("--secret", help="what signs the requests [default: a new one, which is printed]")
def add(
    settings: Settings, url: str, kinds: Sequence[str], about: str | None, secret: str | None
) -> None:
    """Register URL; without --kind and --address it hears of everything."""
    parsed(url)
    try:
        who = None if about is None else address(about)
    except ValueError as error:
        raise ConfigError(f"--address: {error}") from None
    chosen = secret or secrets.token_urlsafe(32)
    listed = jsons.dumps([*kinds]) if kinds else None
    with database(settings) as at, translated(), connect(at) as db, db.cursor() as cursor:
        number = hooks.add(cursor, url, chosen, listed, who)
    click.echo(f"webhook {number}: {url}")
    if secret is None:
        click.echo(f"secret {chosen}")


@webhooks.command("list")
@settings_of(*DATABASE)
@click.option("--json", is_flag=True, help="print one JSON document")
def list_(settings: Settings, json: bool) -> None:
    """Say which endpoints there are and how they are doing; secrets are not shown."""
    with database(settings) as at, translated(), connect(at) as db, db.cursor() as cursor:
        found = hooks.listed(cursor)
    if json:
        click.echo(jsons.dumps([_document(one) for one in found], default=str, indent=2))
        return
    for one in found:
        kinds = ", ".join(one.kinds) if one.kinds else "everything"
        about = f" about {checksum(Address(one.address))}" if one.address else ""
        click.echo(f"{one.id:>4} {_state(one)}: {one.url} hears of {kinds}{about}")


@webhooks.command()
@settings_of(*DATABASE)
@click.argument("number", type=int)
@click.option("--all", "everything", is_flag=True, help="also what had arrived")
def replay(settings: Settings, number: int, everything: bool) -> None:
    """Enable webhook NUMBER and send it again what was given up, under the same keys."""
    with database(settings) as at, translated(), connect(at) as db, db.cursor() as cursor:
        if hooks.read(cursor, number) is None:
            raise _unknown(number)
        count = hooks.replay(cursor, number, done=everything)
    click.echo(f"webhook {number} enabled, {count} to be sent again")


@webhooks.command()
@settings_of(*DATABASE)
@click.argument("number", type=int)
def remove(settings: Settings, number: int) -> None:
    """Remove webhook NUMBER and what was meant for it."""
    with database(settings) as at, translated(), connect(at) as db, db.cursor() as cursor:
        if not hooks.remove(cursor, number):
            raise _unknown(number)
    click.echo(f"webhook {number} removed")


def _unknown(number: int) -> ConfigError:
    return ConfigError(f"there is no webhook {number}: see `dchat webhooks list`")


def _state(one: Webhook) -> str:
    if one.disabled_at is not None:
        return f"disabled since {one.disabled_at:%Y-%m-%d %H:%M} ({one.last_error})"
    return f"failing ({one.last_error})" if one.failures else "well"


def _document(one: Webhook) -> dict[str, Any]:
    shown = one._asdict() | {"state": _state(one).split(" ")[0]}
    del shown["secret"]
    return shown | {"address": checksum(Address(one.address)) if one.address else None}
