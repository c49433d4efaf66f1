"""What is asked of the service, read once and checked."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from starlette.datastructures import QueryParams

from indexer.db.pins import State
from indexer.errors import NotACid
from indexer.ipfs.cid import Cid

MOST: Final = 1000
"""Pins of one answer, and words of a pin's metadata."""
MOST_CIDS: Final = 10
PAGE: Final = 10
STATES: Final = {state.name.lower(): state for state in State}
MATCHES: Final = {
    "exact": "r.name = :name",
    "iexact": "lower(r.name) = lower(:name)",
    "partial": "strpos(r.name, :name) > 0",
    "ipartial": "strpos(lower(r.name), lower(:name)) > 0",
}
Text = Annotated[str, Meta(max_length=255)]


class Pin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be pinned. `origins` are kept and never connected to: no text makes us ask a
    server of its author's choice.
    """

    cid: Text
    name: Text | None = None
    origins: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()
    meta: Annotated[dict[Text, str], Meta(max_length=MOST)] = msgspec.field(default_factory=dict)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which pins are listed; None leaves a question out."""

    cids: list[bytes] | None
    name: str | None
    match: str
    states: list[int]
    before: datetime | None
    after: datetime | None
    meta: dict[str, str] | None
    limit: int


class Unasked(ValueError):
    """It is nothing that can be answered: the text says why."""


def pin(body: bytes) -> tuple[Pin, Cid]:
    """What a body asks to be pinned. Raises Unasked."""
    try:
        found = msgspec.json.decode(body, type=Pin)
        return found, Cid.parse(found.cid)
    except (msgspec.DecodeError, NotACid) as error:
        raise Unasked(str(error)) from None


def asked(query: QueryParams) -> Asked:
    """What a query asks for: without states, for pins that are done. Raises Unasked."""
    match = query.get("match", "exact")
    if match not in MATCHES:
        raise Unasked(f"match is not one of {', '.join(MATCHES)}")
    return Asked(
        cids=_cids(_words(query, "cid")),
        name=query.get("name"),
        match=match,
        states=[_state(word) for word in _words(query, "status") or ["pinned"]],
        before=_moment(query, "before"),
        after=_moment(query, "after"),
        meta=_meta(query.get("meta")),
        limit=_limit(query.get("limit", str(PAGE))),
    )


def _words(query: QueryParams, name: str) -> list[str]:
    """The values of a parameter that is repeated, or given once with commas."""
    return [word for value in query.getlist(name) for word in value.split(",") if word]


def _cids(words: list[str]) -> list[bytes] | None:
    if len(words) > MOST_CIDS:
        raise Unasked(f"at most {MOST_CIDS} CIDs are looked for at once")
    try:
        return [bytes(Cid.parse(word).v1) for word in words] or None
    except NotACid as error:
        raise Unasked(str(error)) from None


def _state(word: str) -> int:
    if word not in STATES:
        raise Unasked(f"status is not one of {', '.join(STATES)}")
    return int(STATES[word])


def _moment(query: QueryParams, name: str) -> datetime | None:
    if (word := query.get(name)) is None:
        return None
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        raise Unasked(f"{name} is no time, such as 2026-01-31T12:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _meta(word: str | None) -> dict[str, str] | None:
    try:
        return None if word is None else msgspec.json.decode(word, type=dict[str, str])
    except msgspec.DecodeError:
        raise Unasked("meta is no JSON object of strings") from None


def _limit(word: str) -> int:
    if not word.isdecimal() or not 1 <= int(word[:9]) <= MOST:
        raise Unasked(f"limit is no number from 1 to {MOST}")
    return int(word)


def shown(row: Any, delegates: list[str]) -> dict[str, Any]:
    """A pin as the protocol tells of it; `row` as `requests` reads it."""
    pin = {"cid": row.asked, "name": row.name, "origins": row.origins, "meta": row.meta}
    info = {"dag_size": row.size, "status_details": row.last_error}
    return {
        "requestid": row.id.hex(),
        "status": State(row.state).name.lower(),
        "created": row.created_at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        "pin": {name: value for name, value in pin.items() if value},
        "delegates": delegates,
        "info": {name: str(value) for name, value in info.items() if value is not None},
    }
