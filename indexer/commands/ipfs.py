"""`dchat ipfs`: content by its CID, in the store of this machine and in the table of pins."""

import json as jsons
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from indexer.db import pins as table
from indexer.db.connection import connect, translated
from indexer.db.pins import Pin, Reference, Referrer
from indexer.errors import BadContent, BlockMissing, NotACid
from indexer.flags import DATABASE, database, settings_of
from indexer.ipfs.building import build
from indexer.ipfs.cid import Cid
from indexer.ipfs.claims import Content, recognise
from indexer.ipfs.pinset import PinSet
from indexer.ipfs.reading import read, resolve
from indexer.ipfs.store import BlockStore
from indexer.settings import Settings

STORE = ("ipfs_path", "home", "log_format", "log_level")


@click.group()
def ipfs() -> None:
    """Add, read and check content, and see what is pinned.

    Workers pin what is added here and what groups refer to; `/ipfs/<cid>` of the API serves it.
    """


@ipfs.command()
@settings_of(*DATABASE, "ipfs_path")
@click.argument("files", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--v0", is_flag=True, help="CIDs of version 0 (Qm…)")
def add(settings: Settings, files: Sequence[Path], v0: bool) -> None:
    """Store files, have them pinned, and print the CIDs, which are those of `ipfs add`."""
    store = BlockStore(settings.ipfs_folder)
    with database(settings) as url, translated(), connect(url) as db, db.cursor() as cursor:
        for path in files:
            cid = _stored(store, path, version=0 if v0 else 1)
            one = Reference(bytes(cid.v1), str(cid), cid)
            table.refer(cursor, Referrer.HAND, [one])
            db.commit()
            click.echo(f"{cid}  {path}")


def _stored(store: BlockStore, path: Path, *, version: int) -> Cid:
    try:
        with path.open("rb") as file:
            return build(file, store.put, version=version).cid
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from None


@ipfs.command()
@settings_of(*DATABASE)
@click.argument("cids", nargs=-1, required=True)
def rm(settings: Settings, cids: Sequence[str]) -> None:
    """Give up what was added by hand; it is unpinned unless a group refers to it too."""
    keys = [bytes(_named(text).cid.v1) for text in cids]
    with database(settings) as url, translated(), connect(url) as db, db.cursor() as cursor:
        table.unrefer(cursor, Referrer.HAND, keys)


@ipfs.command()
@settings_of(*STORE)
@click.argument("name")
def cat(settings: Settings, name: str) -> None:
    """Write a stored file to the standard output; NAME is a CID, an ipfs:// or a gateway's URL."""
    content, store = _named(name), BlockStore(settings.ipfs_folder)
    cid = resolve(content.cid, content.path, store.get)
    for piece in read(cid, store.get):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


@ipfs.command()
@settings_of(*DATABASE)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1))
@click.option("--json", is_flag=True, help="print one JSON document")
def pins(settings: Settings, limit: int, json: bool) -> None:
    """Show what is pinned or shall be, newest first."""
    with database(settings) as url, translated(), connect(url) as db, db.cursor() as cursor:
        found = table.newest(cursor, most=limit)
    if json:
        click.echo(jsons.dumps([_told(pin) for pin in found], default=str, indent=2))
        return
    for pin in found:
        click.echo(_line(pin))


@ipfs.command()
@settings_of(*STORE)
@click.argument("cids", nargs=-1)
def verify(settings: Settings, cids: Sequence[str]) -> None:
    """Read every block below these CIDs, or below all that is kept, and check its hash.

    Ends with 1 where anything is missing or rotten; workers fetch it anew.
    """
    held = PinSet(BlockStore(settings.ipfs_folder))
    wanted = [_named(text).cid for text in cids] or list(held.all())
    bad = sum(not _whole(held, cid) for cid in wanted)
    click.echo(f"{len(wanted) - bad} of {len(wanted)} are whole")
    sys.exit(1 if bad else 0)


def _whole(held: PinSet, cid: Cid) -> bool:
    try:
        held.verify(cid)
    except (BlockMissing, BadContent) as error:
        click.echo(f"{cid}: {error}")
        return False
    return True


def _named(text: str) -> Content:
    claim = recognise(text)
    if isinstance(claim, Content):
        return claim
    kind = type(claim).__name__
    raise NotACid(f"{text[:80]!r} names no content of IPFS: {getattr(claim, 'reason', kind)}")


def _told(pin: Pin) -> dict[str, Any]:
    values = {name: getattr(pin, name) for name in Pin.__slots__}
    return values | {"cid": str(pin.cid), "state": pin.state.name}


def _line(pin: Pin) -> str:
    size = "" if pin.size is None else f", {pin.size} bytes"
    tries = f", {pin.attempts} attempts" if pin.attempts else ""
    error = f": {pin.last_error}" if pin.last_error else ""
    return f"{pin.state.name:8} {pin.cid}  {pin.references} references{size}{tries}{error}"
