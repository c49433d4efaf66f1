"""tus 1.0 (https://tus.io): uploads that go on where they were interrupted.

Extensions: creation, creation-with-upload, termination, expiration. Each request carries the token
of who began the upload.
"""

import re
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from api.accounts.desk import Desk
from api.authorization import Act, require
from api.errors import ApiError, Code, bad_input
from api.files.cabinet import offer_of
from api.files.uploads import Moved, TooMuch, Uploads
from api.policy import dressed
from indexer.units import Address

VERSION: Final = "1.0.0"
PATH: Final = "/files/uploads"
PIECE: Final = "application/offset+octet-stream"
ID: Final = re.compile(r"[0-9a-f]{32}")
NUMBER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
EXTENSIONS: Final = "creation,creation-with-upload,termination,expiration"
HEADERS: Final = (
    "Location",
    "Tus-Resumable",
    "Tus-Version",
    "Tus-Extension",
    "Tus-Max-Size",
    "Upload-Offset",
    "Upload-Length",
    "Upload-Expires",
    "Dchat-File",
)
"""Headers that pages of other origins may read."""
STATUS: Final = {
    str(Code.UNAUTHENTICATED): 401,
    str(Code.FORBIDDEN): 403,
    str(Code.LIMIT_EXCEEDED): 413,
    str(Code.SERVICE_UNAVAILABLE): 503,
}
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tus:
    """The endpoints of the protocol."""

    uploads: Uploads
    desk: Desk

    def routes(self) -> list[BaseRoute]:
        one = f"{PATH}/{{id}}"
        return [
            Route(PATH, guarded(self.options), methods=["OPTIONS"]),
            Route(PATH, guarded(self.create), methods=["POST"]),
            Route(one, guarded(self.options), methods=["OPTIONS"]),
            Route(one, guarded(self.head), methods=["HEAD"]),
            Route(one, guarded(self.patch), methods=["PATCH"]),
            Route(one, guarded(self.delete), methods=["DELETE"]),
        ]

    async def options(self, _request: Request) -> Response:
        """What this server can do."""
        told = {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(self.uploads.cabinet.most),
        }
        return Response(status_code=204, headers=told)

    async def create(self, request: Request) -> Response:
        """Begins an upload, perhaps with its first bytes."""
        who = await uploader(self.desk, request)
        if (refused := _spoken(request)) is not None:
            return refused
        length = _number(request, "Upload-Length")
        told = metadata(request.headers.get("upload-metadata", ""))
        name, declared = told.get("filename", "file"), told.get("filetype", "")
        offer = offer_of(who, name, declared, private=told.get("public") != "true")
        row = await self.uploads.begin(offer, length)
        if request.headers.get("content-type") == PIECE or length == 0:
            row = await self.uploads.take(bytes(row.id), who, 0, request.stream()) or row
        headers = {"Location": f"{PATH}/{bytes(row.id).hex()}", **_stand(row)}
        return Response(status_code=201, headers=headers)

    async def head(self, request: Request) -> Response:
        """How far the upload is."""
        who = await uploader(self.desk, request)
        row = await self._found(request, who)
        if row is None:
            return Response(status_code=404)
        length = {"Upload-Length": str(row.length), "Cache-Control": "no-store"}
        return Response(status_code=200, headers={**_stand(row), **length})

    async def patch(self, request: Request) -> Response:
        """Adds to the upload; the last piece makes a file of it."""
        who = await uploader(self.desk, request)
        if (refused := _spoken(request)) is not None:
            return refused
        if request.headers.get("content-type") != PIECE:
            return _told(415, f"the content type has to be {PIECE}")
        offset, id_ = _number(request, "Upload-Offset"), request.path_params["id"]
        if not ID.fullmatch(id_):
            return Response(status_code=404)
        try:
            row = await self.uploads.take(bytes.fromhex(id_), who, offset, request.stream())
        except Moved:
            return _told(409, "the upload stands elsewhere: ask with HEAD")
        except TooMuch:
            return _told(413, "more came than Upload-Length said")
        if row is None:
            return Response(status_code=404)
        return Response(status_code=204, headers=_stand(row))

    async def delete(self, request: Request) -> Response:
        """Gives the upload up."""
        who = await uploader(self.desk, request)
        id_ = request.path_params["id"]
        gone = bool(ID.fullmatch(id_)) and await self.uploads.end(bytes.fromhex(id_), who)
        return Response(status_code=204 if gone else 404)

    async def _found(self, request: Request, who: Address) -> Row[Any] | None:
        id_ = request.path_params["id"]
        return await self.uploads.find(bytes.fromhex(id_), who) if ID.fullmatch(id_) else None


async def uploader(desk: Desk, request: Request) -> Address:
    """Who uploads. Raises UNAUTHENTICATED or FORBIDDEN."""
    viewer = await desk.viewer(request.headers.get("authorization"))
    return require(viewer, Act.UPLOAD_FILE)


def guarded(handler: Handler) -> Handler:
    """The handler, whose errors are answers, and whose answers say the version of the protocol."""

    async def handle(request: Request) -> Response:
        try:
            response = await handler(request)
        except ApiError as error:
            [told] = dressed([error])
            body = {"errors": [told.formatted]}
            response = JSONResponse(body, status_code=STATUS.get(error.code, 400))
        response.headers["Tus-Resumable"] = VERSION
        return response

    return handle


def metadata(header: str) -> Mapping[str, str]:
    """`key base64, key base64` as a mapping; raises BAD_USER_INPUT."""
    found = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = b64decode(value, validate=True).decode()
        except ValueError:
            problem = f"the value of {key[:40]!r} is not base64 of UTF-8"
            raise bad_input("Upload-Metadata", problem) from None
    return found


def _stand(row: Row[Any]) -> dict[str, str]:
    ends = row.expires_at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    told = {"Upload-Offset": str(row.received), "Upload-Expires": ends}
    return told if row.file is None else {**told, "Dchat-File": f"File:{row.file}"}


def _number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not NUMBER.fullmatch(text):
        raise bad_input(header, "give the number of bytes")
    return int(text)


def _spoken(request: Request) -> Response | None:
    """The refusal of another version of the protocol."""
    if request.headers.get("tus-resumable") == VERSION:
        return None
    return Response(status_code=412, headers={"Tus-Version": VERSION})


def _told(status: int, words: str) -> Response:
    return Response(words + "\n", status_code=status, media_type="text/plain")
