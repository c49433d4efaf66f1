"""Small files taken at once, and files given to those who may have them."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import orjson
from sqlalchemy import Row, text
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.accounts.desk import Desk
from api.accounts.viewer import Viewer
from api.errors import ApiError, Code, bad_input
from api.files.access import may_have
from api.files.cabinet import Cabinet, offer_of
from api.files.tus import guarded, uploader
from api.gateway import Gateway
from api.reads.moment import NOW
from api.reads.view import View
from indexer.ipfs.cid import Cid

SMALL: Final = 16 * 2**20
"""Bytes of a file that comes in one request."""
FIND: Final = text("SELECT * FROM files WHERE id = :id")
PRIVATE: Final = {
    "cache-control": "private, max-age=300",
    "cross-origin-resource-policy": "same-site",
    "vary": "Authorization",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """POST /files, and GET /files/{id}."""

    cabinet: Cabinet
    desk: Desk

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/files", guarded(self.take), methods=["POST"]),
            Route("/files/{id:int}", guarded(self.give), methods=["GET", "HEAD"]),
            Route("/files/{id:int}/thumbnail", guarded(self.give), methods=["GET", "HEAD"]),
        ]

    async def take(self, request: Request) -> Response:
        """The file in the field `file` of a form; `public` makes it everybody's."""
        who = await uploader(self.desk, request)
        most = min(SMALL, self.cabinet.most)
        length = request.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > most + 65_536:
            told = f"give its length; at most {most} bytes come at once: use /files/uploads"
            raise ApiError(Code.LIMIT_EXCEEDED, told, measure="bytes", limit=most)
        try:
            async with request.form(max_files=1, max_fields=10) as form:
                given = form.get("file")
                if not isinstance(given, UploadFile):
                    raise bad_input("file", "send a form with the file in this field")
                self.cabinet.require_size(given.size or 0)
                private = form.get("public") != "true"
                offer = offer_of(
                    who, given.filename or "file", given.content_type or "", private=private
                )
                row = await self.cabinet.keep(offer, given.file, given.size or 0)
        except MultiPartException as error:
            raise bad_input("file", error.message) from None
        made = {"id": f"File:{row.id}", "cid": str(Cid.from_bytes(row.cid)), "size": row.size}
        made |= {"mediaType": row.media_type, "url": f"/files/{row.id}"}
        return Response(orjson.dumps(made), status_code=201, media_type="application/json")

    async def give(self, request: Request) -> Response:
        """The file, or the small picture of it; 404 to who may not have it."""
        viewer = await self.desk.viewer(request.headers.get("authorization"))
        row = await self._allowed(viewer, request.path_params["id"])
        small = request.url.path.endswith("/thumbnail")
        if row is None or (small and row.thumbnail is None):
            return Response("no such file, or none that you may have\n", status_code=404)
        store = self.cabinet.store(private=row.private)
        gateway = Gateway(store, most=self.cabinet.most)
        cid = Cid.from_bytes(row.thumbnail if small else row.cid)
        response = await gateway.deliver(request, cid)
        if row.private:
            response.headers.update(PRIVATE)
        if not small and "content-disposition" not in response.headers:
            response.headers["content-disposition"] = f"inline; filename*=UTF-8''{quote(row.name)}"
        return response

    async def _allowed(self, viewer: Viewer, id_: int) -> Row[Any] | None:
        async with self.cabinet.writer.transaction() as db:
            row = await db.row(FIND, {"id": min(id_, 2**63 - 1)})
            if row is None or not await may_have(View(db, NOW), viewer, row):
                return None
            return row
