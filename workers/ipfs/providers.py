"""Who else keeps content for us: a Kubo node, a pinning service, Pinata.

Each of their verbs may be said again without harm, and none needs anything remembered between two
calls but the CID.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from enum import Enum
from typing import Any, Final, Protocol

import aiohttp

from indexer.errors import BadContent, ContentUnavailable
from indexer.ipfs.cid import Cid
from workers.ipfs.http import Http

Car = Callable[[], Iterator[bytes]]
"""Begins to send all that we hold of a content, as a CAR."""
UNDER_WAY: Final = "queued,pinning,pinned,failed"


class Progress(Enum):
    """How far a provider is."""

    PENDING = "pending"
    PINNED = "pinned"


class Provider(Protocol):
    """`holdings` is None where we do not hold the whole content ourselves."""

    async def pin(self, cid: Cid, holdings: Car | None) -> Progress:
        """Begins to pin, or tells how far it is."""

    async def unpin(self, cid: Cid) -> None:
        """Gives the pin up, if there is one."""


class Kubo:
    """A Kubo node, by its RPC API. https://docs.ipfs.tech/reference/kubo/rpc."""

    def __init__(self, http: Http) -> None:
        self._http = http

    async def pin(self, cid: Cid, holdings: Car | None) -> Progress:
        """Gives the node what we hold; else the node fetches it, which takes its time."""
        if holdings is not None:
            await self._import(cid, holdings)
        told = await self._call("pin/add", arg=str(cid), progress="false")
        _expect(cid, (told or {}).get("Pins"), self._http.name)
        return Progress.PINNED

    async def unpin(self, cid: Cid) -> None:
        try:
            await self._call("pin/rm", arg=str(cid))
        except ContentUnavailable as error:
            if "not pinned" not in str(error):
                raise

    async def block(self, cid: Cid) -> bytes:
        """Makes a node a source of blocks as well."""
        return await self._http.read("POST", "/api/v0/block/get", params={"arg": str(cid)})

    async def _import(self, cid: Cid, holdings: Car) -> None:
        form = aiohttp.FormData()
        form.add_field("file", _stream(holdings), filename=f"{cid}.car")
        query = {"pin-roots": "false", "stats": "false"}
        await self._http.read("POST", "/api/v0/dag/import", params=query, data=form)

    async def _call(self, verb: str, **query: str) -> Any:
        return await self._http.json("POST", f"/api/v0/{verb}", params=query)


class PinningService:
    """Any provider of https://ipfs.github.io/pinning-services-api-spec.

    It fetches from the network by itself: what only we hold has to be reachable there.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    async def pin(self, cid: Cid, holdings: Car | None) -> Progress:
        found = await self._requests(cid)
        if any(one["status"] == "pinned" for one in found):
            return Progress.PINNED
        if any(one["status"] in ("queued", "pinning") for one in found):
            return Progress.PENDING
        for failed in found:
            await self._drop(failed["requestid"])
        told = await self._http.json("POST", "/pins", json={"cid": str(cid), "name": "dchat"})
        return Progress.PINNED if _status(told) == "pinned" else Progress.PENDING

    async def unpin(self, cid: Cid) -> None:
        for one in await self._requests(cid):
            await self._drop(one["requestid"])

    async def _requests(self, cid: Cid) -> list[dict[str, Any]]:
        query = {"cid": str(cid), "status": UNDER_WAY, "limit": "100"}
        told = await self._http.json("GET", "/pins", params=query)
        results = told.get("results") if isinstance(told, dict) else None
        if not isinstance(results, list) or not all(map(_is_status, results)):
            raise ContentUnavailable(f"{self._http.name} answered no list of pins")
        return results

    async def _drop(self, request: str) -> None:
        try:
            await self._http.read("DELETE", f"/pins/{request}")
        except BadContent as error:
            if "answered 404" not in str(error):
                raise


class Pinata:
    """Pinata, by its API of version 3. https://docs.pinata.cloud.

    `uploads` is the server that takes content, `http` the one for everything else.
    """

    def __init__(self, http: Http, uploads: Http) -> None:
        self._http = http
        self._uploads = uploads

    async def pin(self, cid: Cid, holdings: Car | None) -> Progress:
        if await self._files(cid):
            return Progress.PINNED
        if holdings is not None:
            return await self._upload(cid, holdings)
        query = {"cid": str(cid)}
        told = await self._http.json("GET", "/v3/files/public/pin_by_cid", params=query)
        if not _list(told, "jobs"):
            order = {"cid": str(cid), "name": str(cid)}
            await self._http.json("POST", "/v3/files/public/pin_by_cid", json=order)
        return Progress.PENDING

    async def unpin(self, cid: Cid) -> None:
        for file in await self._files(cid):
            await self._http.read("DELETE", f"/v3/files/public/{file['id']}")

    async def _upload(self, cid: Cid, holdings: Car) -> Progress:
        """As a CAR, so that the content keeps its CID, however it was cut into blocks."""
        form = aiohttp.FormData({"network": "public", "name": str(cid), "car": "true"})
        form.add_field("file", _stream(holdings), filename=f"{cid}.car")
        told = await self._uploads.json("POST", "/v3/files", data=form)
        data = told.get("data") if isinstance(told, dict) else None
        _expect(cid, [data.get("cid")] if isinstance(data, dict) else None, self._uploads.name)
        return Progress.PINNED

    async def _files(self, cid: Cid) -> list[dict[str, Any]]:
        told = await self._http.json("GET", "/v3/files/public", params={"cid": str(cid)})
        return [file for file in _list(told, "files") if _same(cid, file.get("cid"))]


async def _stream(holdings: Car) -> AsyncIterator[bytes]:
    for piece in holdings():
        yield piece


def _expect(cid: Cid, told: Any, name: str) -> None:
    """Raises ContentUnavailable unless a provider speaks of the very content."""
    if not isinstance(told, list) or not any(_same(cid, one) for one in told):
        raise ContentUnavailable(f"{name} was given {cid} and speaks of {str(told)[:100]}")


def _same(cid: Cid, told: Any) -> bool:
    try:
        return isinstance(told, str) and Cid.parse(told).v1 == cid.v1
    except BadContent:
        return False


def _is_status(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("requestid"), str) and bool(_status(one))


def _status(one: Any) -> str:
    status = one.get("status") if isinstance(one, dict) else None
    return status if isinstance(status, str) else ""


def _list(told: Any, name: str) -> list[dict[str, Any]]:
    """`data.<name>` of an answer of Pinata's."""
    data = told.get("data") if isinstance(told, dict) else None
    found = data.get(name) if isinstance(data, dict) else None
    return [one for one in found or () if isinstance(one, dict)]
