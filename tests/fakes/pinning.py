"""A real local server of the IPFS Pinning Service API."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiohttp import web

from indexer.errors import NotACid
from indexer.ipfs.cid import Cid
from tests.fakes.ipfs import TOKEN, Holder

STATES = {"queued", "pinning", "pinned", "failed"}
MATCHES: dict[str, Any] = {
    "exact": lambda a, b: a == b,
    "iexact": lambda a, b: a.lower() == b.lower(),
    "partial": lambda a, b: b in a,
    "ipartial": lambda a, b: b.lower() in a.lower(),
}


class FakePinningService(Holder):
    """`first` is the state of new requests; `move(state)` is what the service does meanwhile."""

    token = TOKEN

    def __init__(self) -> None:
        super().__init__()
        self.first = "queued"
        self.requests: dict[str, dict[str, Any]] = {}

    def move(self, state: str) -> None:
        for one in self.requests.values():
            one["status"] = state

    def states(self) -> list[tuple[str, str]]:
        """The CID and state of each request."""
        return [(one["pin"]["cid"], one["status"]) for one in self.requests.values()]

    def routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/pins", self._list)
        router.add_post("/pins", self._add)
        router.add_get("/pins/{id}", self._get)
        router.add_post("/pins/{id}", self._replace)
        router.add_delete("/pins/{id}", self._delete)

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        limit = int(query.get("limit", "10"))
        wanted = set(query.get("status", "pinned").split(","))
        if not wanted <= STATES or not 1 <= limit <= 1000:
            return _refused(400, "BAD_REQUEST", "an unknown status, or a wrong limit")
        found = [one for one in reversed(self.requests.values()) if one["status"] in wanted]
        found = [one for one in found if _fits(one, query)]
        return web.json_response({"count": len(found), "results": found[:limit]})

    async def _add(self, request: web.Request) -> web.Response:
        pin = await request.json()
        try:
            Cid.parse(pin["cid"])
        except (KeyError, TypeError, NotACid):
            return _refused(400, "BAD_REQUEST", "no such CID")
        one = {
            "requestid": uuid4().hex,
            "status": self.first,
            "created": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "pin": pin,
            "delegates": ["/ip4/127.0.0.1/tcp/4001/p2p/QmServicePeerId"],
            "info": {},
        }
        self.requests[one["requestid"]] = one
        return web.json_response(one, status=202)

    async def _get(self, request: web.Request) -> web.Response:
        one = self.requests.get(request.match_info["id"])
        return _gone() if one is None else web.json_response(one)

    async def _replace(self, request: web.Request) -> web.Response:
        if self.requests.pop(request.match_info["id"], None) is None:
            return _gone()
        return await self._add(request)

    async def _delete(self, request: web.Request) -> web.Response:
        if self.requests.pop(request.match_info["id"], None) is None:
            return _gone()
        return web.Response(status=202)


def _fits(one: dict[str, Any], query: Any) -> bool:
    """Whether a request passes the filters besides its state."""
    pin, match = one["pin"], MATCHES[query.get("match", "exact")]
    cids = query["cid"].split(",") if "cid" in query else [pin["cid"]]
    return (
        pin["cid"] in cids
        and ("name" not in query or match(pin.get("name", ""), query["name"]))
        and ("before" not in query or one["created"] < query["before"])
        and ("after" not in query or one["created"] > query["after"])
    )


def _refused(status: int, reason: str, details: str) -> web.Response:
    return web.json_response({"error": {"reason": reason, "details": details}}, status=status)


def _gone() -> web.Response:
    return _refused(404, "NOT_FOUND", "no such request")
