"""What a text that should name content names: avatars and attachments are whatever people wrote."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from indexer.errors import NotACid
from indexer.ipfs.cid import Cid

LONGEST: Final = 4096
"""Characters that are looked at; longer ones name nothing."""
BARE: Final = re.compile(r"[A-Za-z0-9_-]{16,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Content of IPFS: what is at `path` below the block `cid`."""

    cid: Cid
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MutableName:
    """An IPNS name: what it points at can change, so it is not pinned."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAddress:
    """An http URL that names no CID."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inline:
    """A data URL: the content itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """An empty text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage:
    """Anything else, and why."""

    reason: str


Claim = Content | MutableName | WebAddress | Inline | Nothing | Garbage


def recognise(text: str) -> Claim:
    """What the text names. Never raises."""
    text = text.strip()
    if not text:
        return Nothing()
    if text[:5].lower() == "data:":
        return Inline()
    if len(text) > LONGEST:
        return Garbage(reason=f"it has more than {LONGEST} characters")
    try:
        return _named(text)
    except (NotACid, ValueError) as error:
        return Garbage(reason=str(error))


def _named(text: str) -> Claim:
    url = urlsplit(text)
    if url.scheme in ("http", "https"):
        return _web(text, url)
    if url.scheme in ("ipfs", "ipns", "dweb"):
        return _of_ipfs(url.scheme, text.partition(":")[2])
    if text.startswith(("/ipfs/", "/ipns/", "ipfs/", "ipns/")):
        return _of_ipfs("dweb", text)
    return _bare(text)


def _of_ipfs(scheme: str, rest: str) -> Claim:
    """`//<cid>/path`; also `//ipfs/<cid>/path` and `/ipfs/<cid>/path`, which many write."""
    parts = _parts(rest)
    if parts[:1] in (["ipfs"], ["ipns"]):
        scheme, *parts = parts
    if not parts:
        raise NotACid("it says ipfs and names no CID")
    if scheme == "ipns":
        return MutableName(name=parts[0])
    return _content(parts[0], parts[1:])


def _web(text: str, url: SplitResult) -> Claim:
    """A gateway's URL names content, by its path or by its host; any other is an address."""
    if not url.hostname:
        raise NotACid("it is a URL without a host")
    label, _, rest = url.hostname.partition(".")
    parts = _parts(url.path)
    try:
        if rest.startswith("ipfs."):
            return _content(label, parts)
        if parts[:1] == ["ipfs"] and len(parts) > 1:
            return _content(parts[1], parts[2:])
    except NotACid:
        pass
    return WebAddress(url=text)


def _bare(text: str) -> Claim:
    parts = _parts(text)
    if not parts or not BARE.fullmatch(parts[0]):
        raise NotACid("it is neither a CID nor a URL")
    return _content(parts[0], parts[1:])


def _content(cid: str, path: list[str]) -> Content:
    if ".." in path or "." in path:
        raise NotACid("its path climbs")
    return Content(cid=Cid.parse(cid), path=tuple(path))


def _parts(text: str) -> list[str]:
    """The segments of a path, decoded, without query and fragment."""
    plain = re.split(r"[?#]", text, maxsplit=1)[0]
    return [unquote(part, errors="strict") for part in plain.split("/") if part]
