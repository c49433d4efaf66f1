"""Content comes whole, right and harmless, or not at all."""

import io
import random
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.media import media_type
from indexer.ipfs.building import CHUNK, build
from indexer.ipfs.cid import Cid, Codec, Hash
from indexer.ipfs.nodes import Kind, Link, Node, encode
from indexer.ipfs.store import BlockStore
from indexer.settings import Settings

DATA = b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(3 * CHUNK)
SIZE = len(DATA)


@pytest.fixture
def store(tmp_path: Path) -> BlockStore:
    return BlockStore(tmp_path / "ipfs")


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The application; of its database nothing is asked."""
    url = "postgresql://nobody@127.0.0.1:1/none"
    app = create_app(Settings(database_url=url, home=tmp_path, pin_max_size=1_000_000))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://dchat") as http:
        yield http


def add(store: BlockStore, data: bytes, version: int = 1) -> Cid:
    return build(io.BytesIO(data), store.put, version=version).cid


def keep(store: BlockStore, node: Node) -> Cid:
    block = encode(node)
    cid = Cid.of(block, Codec.DAG_PB)
    store.put(cid, block)
    return cid


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("data", [b"", b"tea", DATA])
async def test_a_file_comes_as_it_was_added(
    http: httpx.AsyncClient, store: BlockStore, data: bytes, version: int
) -> None:
    cid = add(store, data, version)
    answer = await http.get(f"/ipfs/{cid}")
    assert (answer.status_code, answer.content) == (200, data)
    assert answer.headers["etag"] == f'"{cid}"'
    assert answer.headers["content-length"] == str(len(data))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    head = await http.head(f"/ipfs/{cid}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == answer.headers


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        (f"bytes={CHUNK - 1}-{CHUNK}", CHUNK - 1, CHUNK + 1),
        ("bytes=100-", 100, SIZE),
        ("bytes=-7", SIZE - 7, SIZE),
        (f"bytes=-{SIZE * 2}", 0, SIZE),
        (f"bytes=10-{SIZE * 9}", 10, SIZE),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
    ],
)
async def test_a_range_comes_by_itself(
    http: httpx.AsyncClient, store: BlockStore, asked: str, start: int, stop: int
) -> None:
    cid = add(store, DATA)
    answer = await http.get(f"/ipfs/{cid}", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, DATA[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(stop - start)
    stale = {"Range": asked, "If-Range": '"other"'}
    assert (await http.get(f"/ipfs/{cid}", headers=stale)).status_code == 200


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0"])
async def test_a_range_that_is_not_there_is_refused(
    http: httpx.AsyncClient, store: BlockStore, asked: str
) -> None:
    answer = await http.get(f"/ipfs/{add(store, DATA)}", headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("asked", ["bytes=", "bytes=-", "bytes=5-1", "bytes=0-1,5-6", "lines=1-2"])
async def test_a_range_that_makes_no_sense_is_passed_over(
    http: httpx.AsyncClient, store: BlockStore, asked: str
) -> None:
    answer = await http.get(f"/ipfs/{add(store, DATA)}", headers={"Range": asked})
    assert (answer.status_code, len(answer.content)) == (200, SIZE)


@pytest.mark.parametrize("tags", ['"{}"', 'W/"{}"', '"x", "{}"', "*"])
async def test_what_a_client_has_is_not_sent_again(
    http: httpx.AsyncClient, store: BlockStore, tags: str
) -> None:
    cid = add(store, b"tea")
    answer = await http.get(f"/ipfs/{cid}", headers={"If-None-Match": tags.format(cid)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == f'"{cid}"'
    other = await http.get(f"/ipfs/{cid}", headers={"If-None-Match": '"x"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (DATA, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF1234WEBPVP8 ", "image/webp"),
        (b"RIFF1234JUNK\x00", "application/octet-stream"),
        (b"\x00\x00\x00\x1cftypavif", "image/avif"),
        (b"\x00\x00\x00\x1cftypisom", "video/mp4"),
        (b"", "text/plain; charset=utf-8"),
        ("tea 🍵".encode(), "text/plain; charset=utf-8"),
        (b"<!doctype html><script>alert(1)</script>", "text/plain; charset=utf-8"),
        (
            b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
            "text/plain; charset=utf-8",
        ),
        (b"\xef\xbb\xbf<html>", "text/plain; charset=utf-8"),
        (b"alert(1)", "text/plain; charset=utf-8"),
        (b"%PDF-1.7\n\x00", "application/octet-stream"),
        (b"\xfe\xff\x00<\x00h", "application/octet-stream"),
        (b"\x00asm\x01", "application/octet-stream"),
        (b"PK\x03\x04", "application/octet-stream"),
        (b"caf\xe9", "application/octet-stream"),
    ],
)
async def test_nothing_is_sent_that_a_browser_would_run(
    http: httpx.AsyncClient, store: BlockStore, data: bytes, media: str
) -> None:
    answer = await http.get(f"/ipfs/{add(store, data)}")
    assert answer.headers["content-type"] == media
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    attached = media == "application/octet-stream"
    assert (answer.headers.get("content-disposition") == "attachment") is attached


def test_a_character_that_the_look_cuts_is_still_text() -> None:
    cut = "é".encode() * 9 + b"\xc3"
    assert media_type(cut, whole=False).startswith("text/plain")
    assert media_type(cut, whole=True) == media_type(b"\xc3a", whole=False)


@pytest.mark.parametrize("name", ["cat", "Qm", "ipfs", "bafy", "x" * 500, "%00"])
async def test_what_is_no_cid_is_a_bad_request(http: httpx.AsyncClient, name: str) -> None:
    answer = await http.get(f"/ipfs/{name}")
    assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")


async def test_the_answer_says_why_it_is_no_cid(http: httpx.AsyncClient) -> None:
    answer = await http.get("/ipfs/bafy0")
    assert (answer.status_code, answer.text) == (400, "'0' is no digit of base 32\n")


async def test_what_is_not_stored_is_not_found(http: httpx.AsyncClient, tmp_path: Path) -> None:
    answer = await http.get(f"/ipfs/{Cid.of(b'tea', Codec.RAW)}")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert not (tmp_path / "ipfs").exists(), "reading makes no folder"


async def test_content_within_a_cid_is_not_sent_for_anybody(http: httpx.AsyncClient) -> None:
    mine = Cid(version=1, codec=Codec.RAW, hash=Hash.IDENTITY, digest=b"buy my pills")
    for more in ("", "?format=raw"):
        assert (await http.get(f"/ipfs/{mine}{more}")).status_code == 404


async def test_folders_are_walked_by_path_and_not_listed(
    http: httpx.AsyncClient, store: BlockStore
) -> None:
    tea = add(store, b"tea")
    links = (Link(cid=tea, name="my tea.txt"),)
    folder = keep(store, Node(kind=Kind.DIRECTORY, links=links))
    answer = await http.get(f"/ipfs/{folder}/my%20tea.txt")
    assert (answer.text, answer.headers["etag"]) == ("tea", f'"{tea}"')
    assert (await http.get(f"/ipfs/{folder}/coffee.txt")).status_code == 404
    assert (await http.get(f"/ipfs/{folder}")).status_code == 415
    assert (await http.get(f"/ipfs/{Cid.of(b'x', Codec.DAG_CBOR)}")).status_code == 404


async def test_a_file_that_is_or_claims_to_be_too_large_is_refused(
    http: httpx.AsyncClient, store: BlockStore
) -> None:
    assert (await http.get(f"/ipfs/{add(store, bytes(1_000_001))}")).status_code == 413
    leaf = Link(cid=add(store, b"tea"))
    bomb = Node(kind=Kind.FILE, size=3 * 2**50, sizes=(3 * 2**50,), links=(leaf,))
    assert (await http.get(f"/ipfs/{keep(store, bomb)}")).status_code == 413


async def test_a_rotten_block_is_never_sent(http: httpx.AsyncClient, store: BlockStore) -> None:
    cid = add(store, b"tea")
    next(store.root.glob("blocks/*/*")).write_bytes(b"pee")
    assert (await http.get(f"/ipfs/{cid}")).status_code == 404
    assert (await http.get(f"/ipfs/{cid}?format=raw")).status_code == 404


async def test_blocks_come_raw_for_those_who_verify(
    http: httpx.AsyncClient, store: BlockStore
) -> None:
    cid = add(store, DATA)
    by_query = await http.get(f"/ipfs/{cid}?format=raw")
    by_header = await http.get(f"/ipfs/{cid}", headers={"Accept": "application/vnd.ipld.raw"})
    assert by_query.content == by_header.content == store.get(cid)
    assert by_query.headers["content-type"] == "application/vnd.ipld.raw"
    assert by_query.headers["etag"] == f'"{cid}.raw"'


async def test_only_reading_is_possible(http: httpx.AsyncClient, store: BlockStore) -> None:
    cid = add(store, b"tea")
    for method in ("POST", "PUT", "DELETE"):
        assert (await http.request(method, f"/ipfs/{cid}")).status_code == 405
