"""Files once they are whole: checked, cut into blocks, counted, pinned by the workers."""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from sqlalchemy import Row, text

from api.errors import ApiError, Code, bad_input
from api.files.images import TYPES, NotAnImage, Picture, picture
from api.media import SNIFFED, media_type
from api.references import refer, unrefer
from api.writes import Transaction, Writer
from indexer.db.pins import Referrer
from indexer.ipfs.building import build
from indexer.ipfs.cid import Cid
from indexer.ipfs.store import BlockStore
from indexer.settings import Settings
from indexer.units import Address

LONGEST_NAME: Final = 255
MOST_SHOWN: Final = 32 * 2**20
"""Bytes of an image, which is decoded as a whole."""
MAJOR: Final = ("image", "audio", "video")
"""Of these a file has to be what it claims to be."""

ADD: Final = text("""
INSERT INTO files (owner, cid, name, size, media_type, private, thumbnail, width, height)
VALUES (:owner, :cid, :name, :size, :media_type, :private, :thumbnail, :width, :height)
ON CONFLICT (owner, cid, private, name) DO UPDATE SET name = excluded.name RETURNING *
""")
USED: Final = text("""
SELECT coalesce((SELECT sum(size) FROM files WHERE owner = :owner), 0)
    + coalesce((SELECT sum(length) FROM uploads WHERE owner = :owner AND file IS NULL
        AND expires_at > now() AND id <> :but), 0) AS used
""")
"""Served by files_owner_cid_private_name_idx and uploads_owner_idx."""
LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:owner, 0))")
"""One who uploads at a time: his files are counted before another one is added."""
DELETE: Final = text("DELETE FROM files WHERE id = :id AND owner = :owner RETURNING id")
UNUSE: Final = text("DELETE FROM file_uses WHERE file = :id")
KINDS: Final = (
    Referrer.FILE,
    Referrer.PRIVATE_FILE,
    Referrer.THUMBNAIL,
    Referrer.PRIVATE_THUMBNAIL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A file that somebody wants to keep here. `declared` is what he says that it is."""

    owner: Address
    name: str
    declared: str
    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a file turned out to be, its blocks kept."""

    cid: Cid
    size: int
    media: str
    picture: Picture | None
    small: Cid | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cabinet:
    """Where whole files are kept: private ones apart. Sizes are bytes."""

    writer: Writer
    public: BlockStore
    private: BlockStore
    incoming: Path
    most: int
    quota: int
    life: float

    @classmethod
    def of(cls, settings: Settings, writer: Writer) -> Self:
        return cls(
            writer=writer,
            public=BlockStore(settings.ipfs_folder),
            private=BlockStore(settings.private_folder),
            incoming=settings.uploads_folder,
            most=settings.file_max_size,
            quota=settings.file_quota,
            life=settings.upload_life,
        )

    def store(self, *, private: bool) -> BlockStore:
        """Where such files are."""
        return self.private if private else self.public

    async def keep(self, offer: Offer, file: BinaryIO, size: int, upload: bytes = b"") -> Row[Any]:
        """The row of the file, which came by that upload. Raises BAD_USER_INPUT, or LIMIT_EXCEEDED
        for the quota.
        """
        checked = await asyncio.to_thread(self._checked, offer, file, size)
        async with self.writer.transaction() as db:
            await db.rows(LOCK, {"owner": offer.owner.hex()})
            row = await db.row(ADD, _row(offer, checked))
            assert row is not None
            await self.require_room(db, offer.owner, 0, upload)
            await _refer(db, offer, row.id, checked)
        return row

    async def require_room(
        self, db: Transaction, owner: Address, size: int, but: bytes = b""
    ) -> None:
        """Raises LIMIT_EXCEEDED where the owner's files, and what he uploads but for that upload,
        would be more than the quota.
        """
        await db.rows(LOCK, {"owner": owner.hex()})
        row = await db.row(USED, {"owner": owner, "but": but})
        assert row is not None
        if row.used + size > self.quota:
            told = f"your files would have {int(row.used) + size} bytes; you may have {self.quota}"
            raise ApiError(Code.LIMIT_EXCEEDED, told, measure="bytes", limit=self.quota)

    def require_size(self, size: int) -> None:
        """Raises LIMIT_EXCEEDED for a file that is too large."""
        if size > self.most:
            told = f"the file has {size} bytes; at most {self.most} are taken"
            raise ApiError(Code.LIMIT_EXCEEDED, told, measure="bytes", limit=self.most)

    async def delete(self, owner: Address, file: int) -> bool:
        """Gives a file of one's own up; False where there is none. The workers unpin it."""
        async with self.writer.transaction() as db:
            if await db.row(DELETE, {"id": file, "owner": owner}) is None:
                return False
            await db.do(UNUSE, {"id": file})
            await unrefer(db, _key(file), *KINDS)
        return True

    def _checked(self, offer: Offer, file: BinaryIO, size: int) -> Checked:
        media = _media(offer, file, size)
        store = self.store(private=offer.private)
        shown = None
        if media in TYPES:
            if size > MOST_SHOWN:
                problem = f"an image may have {MOST_SHOWN} bytes; put a larger one into an archive"
                raise bad_input("file", problem, limit=MOST_SHOWN)
            file.seek(0)
            try:
                shown = picture(file.read(), media)
            except NotAnImage as error:
                raise bad_input("file", str(error)) from None
        file.seek(0)
        tree = build(file if shown is None else io.BytesIO(shown.bare), store.put)
        small = None if shown is None else build(io.BytesIO(shown.small), store.put).cid
        return Checked(cid=tree.cid, size=tree.size, media=media, picture=shown, small=small)


def offer_of(owner: Address, name: str, declared: str, *, private: bool) -> Offer:
    """The offer; raises BAD_USER_INPUT for a name that no file can have."""
    plain = name.replace("\\", "/").rsplit("/", 1)[-1].strip() or "file"
    if len(plain) > LONGEST_NAME:
        problem = f"it has more than {LONGEST_NAME} characters"
        raise bad_input("filename", problem, limit=LONGEST_NAME)
    if any(ord(c) < 32 or "\ud800" <= c <= "\udfff" for c in plain):
        raise bad_input("filename", "it holds a control character")
    return Offer(owner=owner, name=plain, declared=declared[:100].lower(), private=private)


def _media(offer: Offer, file: BinaryIO, size: int) -> str:
    """What the file is by its bytes; raises BAD_USER_INPUT where it claims to be another."""
    file.seek(0)
    found = media_type(file.read(SNIFFED), whole=size <= SNIFFED)
    major = offer.declared.split("/")[0]
    if major in MAJOR and found.split("/")[0] not in (major, *_kin(major, found)):
        problem = f"it is declared as {offer.declared}, and its bytes say {found.split(';')[0]}"
        raise bad_input("filetype", problem)
    return found


def _kin(major: str, found: str) -> Sequence[str]:
    """Containers that hold sound or pictures that move, whatever is said first."""
    both = {"video/mp4", "video/webm", "audio/mp4", "application/ogg", "video/quicktime"}
    return (found.split("/")[0],) if major in ("audio", "video") and found in both else ()


def _row(offer: Offer, checked: Checked) -> dict[str, Any]:
    shown = checked.picture
    return {
        "owner": offer.owner,
        "cid": bytes(checked.cid.v1),
        "name": offer.name,
        "size": checked.size,
        "media_type": checked.media,
        "private": offer.private,
        "thumbnail": None if checked.small is None else bytes(checked.small.v1),
        "width": None if shown is None else shown.width,
        "height": None if shown is None else shown.height,
    }


async def _refer(db: Transaction, offer: Offer, id_: int, checked: Checked) -> None:
    kinds = (
        (Referrer.PRIVATE_FILE, Referrer.PRIVATE_THUMBNAIL)
        if offer.private
        else (Referrer.FILE, Referrer.THUMBNAIL)
    )
    for kind, cid in zip(kinds, (checked.cid, checked.small), strict=True):
        if cid is not None:
            await refer(db, kind, _key(id_), cid)


def _key(file: int) -> bytes:
    return file.to_bytes(8)
