"""GET /ipfs/{cid}: content from our store, verified block by block as it is sent.

Strangers made it, and it comes from the API's own origin: so nothing is sent as anything that a
browser would run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from api.media import ATTACHED, SNIFFED, media_type
from indexer.errors import BadContent, BlockMissing, CorruptBlock, NotACid, TooLarge
from indexer.ipfs.cid import Cid, Hash
from indexer.ipfs.reading import file_size, read, resolve
from indexer.ipfs.store import BlockStore
from indexer.settings import Settings

RAW: Final = "application/vnd.ipld.raw"
HEADERS: Final = {
    "accept-ranges": "bytes",
    "cache-control": "public, max-age=31536000, immutable",
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}
"""A CID never changes its content. Pages of any origin may show it."""
RANGE: Final = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.A)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A stored file: its own CID, its bytes, and what it is sent as."""

    cid: Cid
    size: int
    media: str

    @property
    def etag(self) -> str:
        return f'"{self.cid}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Bytes from `start` up to, not including, `stop`."""

    start: int
    stop: int


class Gateway:
    """Serves files of the store up to `most` bytes."""

    def __init__(self, store: BlockStore, *, most: int) -> None:
        self._store = store
        self._most = most

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(BlockStore(settings.ipfs_folder), most=settings.pin_max_size)

    def routes(self) -> list[BaseRoute]:
        methods = ["GET", "HEAD"]
        return [
            Route("/ipfs/{cid}", self.serve, methods=methods),
            Route("/ipfs/{cid}/{path:path}", self.serve, methods=methods),
        ]

    async def serve(self, request: Request) -> Response:
        """The file or the part that is asked for; else why not, in plain text."""
        try:
            root = Cid.parse(request.path_params["cid"])
        except NotACid as error:
            return _refused(400, str(error))
        return await self.deliver(request, root)

    async def deliver(self, request: Request, root: Cid) -> Response:
        """The content of a CID as the request wants it; else why not, in plain text."""
        try:
            if request.query_params.get("format") == "raw" or RAW in _accepted(request):
                return await run_in_threadpool(self._block, root, _path(request))
            file = await run_in_threadpool(self._file, root, _path(request))
        except (BlockMissing, CorruptBlock, NotACid) as error:
            return _refused(404, str(error))
        except TooLarge as error:
            return _refused(413, str(error))
        except BadContent as error:
            return _refused(415, str(error))
        return self._answer(request, file)

    def _file(self, root: Cid, path: list[str]) -> File:
        """Finds a file; raises TooLarge, and what `resolve` and `read` raise."""
        cid = resolve(root, path, self._get)
        size = file_size(cid, self._get)
        if size > self._most:
            raise TooLarge(f"{cid} has {size} bytes; at most {self._most} are served")
        start = b"".join(read(cid, self._get, stop=SNIFFED))
        return File(cid=cid, size=size, media=media_type(start, whole=size <= SNIFFED))

    def _block(self, root: Cid, path: list[str]) -> Response:
        """One block as it is, for those who verify it themselves."""
        cid = resolve(root, path, self._get)
        more = {"etag": f'"{cid}.raw"', "content-disposition": ATTACHED, "vary": "Accept"}
        return Response(self._get(cid), media_type=RAW, headers=HEADERS | more)

    def _get(self, cid: Cid) -> bytes:
        """A stored block: not one that a CID carries within itself, which anybody could send."""
        if cid.hash == Hash.IDENTITY:
            raise BlockMissing(f"{cid} holds its content itself, and is not stored here")
        return self._store.get(cid)

    def _answer(self, request: Request, file: File) -> Response:
        headers = HEADERS | {"etag": file.etag, "content-type": file.media, "vary": "Accept"}
        if file.media == "application/octet-stream":
            headers["content-disposition"] = ATTACHED
        if _known(request.headers.get("if-none-match"), file.etag):
            return Response(status_code=304, headers=headers)
        part = _part(request, file)
        if part is None:
            return self._send(request, file, Part(start=0, stop=file.size), headers, 200)
        if part.start >= part.stop:
            return _refused(416, "no such range", {"content-range": f"bytes */{file.size}"})
        headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{file.size}"
        return self._send(request, file, part, headers, 206)

    def _send(
        self, request: Request, file: File, part: Part, headers: dict[str, str], status: int
    ) -> Response:
        headers["content-length"] = str(part.stop - part.start)
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        return StreamingResponse(self._pieces(file, part), status_code=status, headers=headers)

    def _pieces(self, file: File, part: Part) -> Iterator[bytes]:
        """Ends the connection where a block turns out to be missing or rotten."""
        yield from read(file.cid, self._get, start=part.start, stop=part.stop)


def _part(request: Request, file: File) -> Part | None:
    """The one range that is asked for; None: the whole. An empty one cannot be had (RFC 9110)."""
    asked = RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or asked[1] == asked[2] == "":
        return None
    if request.headers.get("if-range", file.etag) != file.etag:
        return None
    if asked[1] == "":
        return Part(start=max(0, file.size - int(asked[2])), stop=file.size)
    last = int(asked[2]) if asked[2] else file.size - 1
    if last < int(asked[1]):
        return None if asked[2] else Part(start=0, stop=0)
    return Part(start=int(asked[1]), stop=min(last + 1, file.size))


def _known(header: str | None, etag: str) -> bool:
    """Whether the client has it already, weakly compared."""
    tags = [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
    return etag in tags or "*" in tags


def _accepted(request: Request) -> list[str]:
    return [part.split(";")[0].strip() for part in request.headers.get("accept", "").split(",")]


def _path(request: Request) -> list[str]:
    return [part for part in request.path_params.get("path", "").split("/") if part]


def _refused(status: int, reason: str, headers: dict[str, str] | None = None) -> Response:
    more = {"cache-control": "no-store"} | (headers or {})
    return PlainTextResponse(reason + "\n", status_code=status, headers=more)
