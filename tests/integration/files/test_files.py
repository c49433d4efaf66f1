"""Files come in whole or in pieces, are what they say, and go to those who may have them."""

import asyncio
import io
import random
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Any

import psycopg
import pytest
from PIL import Image
from sqlalchemy import Engine

from api.app import listening
from indexer.ipfs.cid import Cid
from indexer.settings import Settings
from tests.integration.api.rows import account
from tests.integration.api.test_websocket import Server
from tests.integration.files.conftest import Site
from tests.integration.ipfs.test_reference import REFERENCE, ROOT, ours
from workers.ipfs.reconcile import reconcile

TUS = {"tus-resumable": "1.0.0"}
PIECE = {**TUS, "content-type": "application/offset+octet-stream"}
SEND = 'mutation { sendMessage(groupId: "group_1", kind: %s, attachments: ["%s"]) { id %s } }'
SHOWN = "attachments { id cid name mediaType size url pinStatus thumbnailUrl width }"


def image(width: int = 800, height: int = 600) -> bytes:
    out = io.BytesIO()
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_tus_js_client_goes_on_where_it_broke_off(
    site: Site, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "noise"
    path.write_bytes(random.Random(7).randbytes(1_234_567))
    server = Server(site.app, timeout_graceful_shutdown=1)
    async with server.running(listening("127.0.0.1", 0)) as port:
        at = f"http://127.0.0.1:{port}/files/uploads"
        node, script = ROOT / ".venv/bin/node", REFERENCE / "upload.js"
        words = [str(one) for one in (node, script, at, site.token(1), path)]
        told = await asyncio.to_thread(
            subprocess.run, words, capture_output=True, text=True, timeout=60
        )
    assert told.returncode == 0, told.stderr
    number = told.stdout.strip().removeprefix("File:")
    got = await site.get(1, f"/files/{number}")
    assert got.content == path.read_bytes()
    with psycopg.connect(settings.database_url or "") as db:
        [[cid]] = db.execute("SELECT cid FROM files").fetchall()
    assert str(Cid.from_bytes(cid)) == ours(path, 1)


async def test_pieces_have_to_fit_together(site: Site) -> None:
    headers = site.headers(1) | TUS
    length = {"upload-length": "10", "upload-metadata": "filename " + b64encode(b"x").decode()}
    made = await site.http.post("/files/uploads", headers=headers | length)
    url = made.headers["location"]
    assert made.status_code == 201 and made.headers["upload-offset"] == "0"
    piece = site.headers(1) | PIECE
    wrong = await site.http.patch(url, headers=piece | {"upload-offset": "3"}, content=b"abc")
    assert wrong.status_code == 409
    part = await site.http.patch(url, headers=piece | {"upload-offset": "0"}, content=b"abc")
    assert (part.status_code, part.headers["upload-offset"]) == (204, "3")
    more = await site.http.patch(url, headers=piece | {"upload-offset": "3"}, content=b"a" * 8)
    assert more.status_code == 413
    for who, status in ((1, 200), (2, 404)):
        asked = await site.http.head(url, headers=site.headers(who) | TUS)
        assert asked.status_code == status
    assert (await site.http.delete(url, headers=site.headers(1) | TUS)).status_code == 204
    assert (await site.http.head(url, headers=headers)).status_code == 404
    assert (await site.http.post("/files/uploads", headers=TUS | length)).status_code == 401


async def test_a_private_file_goes_to_those_who_may_read_its_message(
    site: Site, settings: Settings
) -> None:
    made = (await site.upload(1, image(), "cat.jpg", "image/jpeg")).json()
    assert (await site.get(2, made["url"])).status_code == 404
    told: Any = await site.query(1, SEND % ("IMAGE", made["id"], SHOWN))
    [shown] = told["data"]["sendMessage"]["attachments"]
    assert (shown["cid"], shown["mediaType"], shown["width"]) == (made["cid"], "image/jpeg", 800)
    got = (await site.get(2, made["url"])).content
    assert b"secret" not in got and len(got) == int(shown["size"]) == int(made["size"])
    assert Image.open(io.BytesIO(got)).tobytes() == Image.open(io.BytesIO(image())).tobytes()
    small = (await site.get(2, shown["thumbnailUrl"])).content
    assert max(Image.open(io.BytesIO(small)).size) == 320 and b"secret" not in small
    assert (await site.get(9, made["url"])).status_code == 404
    assert (await site.get(None, made["url"])).status_code == 401
    for path in (f"/ipfs/{made['cid']}", f"/ipfs/{made['cid']}?format=raw"):
        assert (await site.get(1, path)).status_code == 404
    await asyncio.to_thread(_reconciled, settings)
    again: Any = await site.query(
        1, f'{{ group(groupId: "group_1") {{ messages(last: 1) {{ nodes {{ {SHOWN} }} }} }} }}'
    )
    node = again["data"]["group"]["messages"]["nodes"][0]
    assert node["attachments"][0]["pinStatus"] == "PINNED"
    assert (await site.get(1, f"/ipfs/{made['cid']}")).status_code == 404


def _reconciled(settings: Settings) -> None:
    asyncio.run(reconcile(settings, settings.database_url or ""))


async def test_a_public_file_is_content_like_any_other(site: Site) -> None:
    made = (await site.upload(1, b"for everybody", public="true")).json()
    assert (await site.get(None, made["url"])).content == b"for everybody"
    assert (await site.get(None, f"/ipfs/{made['cid']}")).content == b"for everybody"


async def test_what_others_own_is_not_attached(site: Site) -> None:
    made = (await site.upload(1, b"mine")).json()
    told: Any = await site.query(2, SEND % ("FILE", made["id"], ""))
    assert told["errors"][0]["extensions"]["argument"] == "attachments"


@pytest.mark.parametrize(
    ("data", "media", "status"),
    [
        (b"<script>alert(1)</script>", "image/png", 400),
        (image()[:200], "image/jpeg", 400),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "image/png", 400),
        (bytes(3_000_001), "application/octet-stream", 413),
        (b"<svg onload=alert(1)>", "text/html", 201),
    ],
)
async def test_a_file_is_what_it_says_or_refused(
    site: Site, data: bytes, media: str, status: int
) -> None:
    answer = await site.upload(1, data, "x", media)
    assert answer.status_code == status, answer.text
    if status == 201:
        got = await site.get(1, answer.json()["url"])
        assert got.headers["content-type"].startswith("text/plain")
        assert "sandbox" in got.headers["content-security-policy"]


async def test_a_bomb_is_not_decoded(site: Site) -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    answer = await site.upload(1, out.getvalue(), "bomb.png", "image/png")
    assert answer.status_code == 400 and "pixels" in answer.text


async def test_nobody_has_more_than_his_quota(site: Site, database: Engine) -> None:
    for n in range(2):
        assert (await site.upload(1, bytes([n]) * 2_400_000)).status_code == 201
    again = await site.upload(1, bytes([0]) * 2_400_000)
    assert again.status_code == 201, "the same file is the same file"
    assert (await site.upload(1, bytes([7]) * 2_400_000)).status_code == 413
    length = {"upload-length": "2400000"}
    begun = await site.http.post("/files/uploads", headers=site.headers(1) | TUS | length)
    assert begun.status_code == 413
    assert (await site.upload(2, bytes([7]) * 2_400_000)).status_code == 201


async def test_a_file_goes_with_the_messages_that_it_hangs_on(site: Site) -> None:
    made = (await site.upload(1, b"for two", "a.txt")).json()
    node = f'{{ node(id: "{made["id"]}") {{ id }} }}'

    async def seen() -> list[int]:
        for who in (1, 2, 9):
            told: Any = await site.query(who, node)
            assert bool(told["data"]["node"]) == ((await site.get(who, made["url"])).is_success)
        return [who for who in (1, 2, 9) if (await site.get(who, made["url"])).is_success]

    assert await seen() == [1]
    told: Any = await site.query(1, SEND % ("FILE", made["id"], ""))
    message = told["data"]["sendMessage"]["id"]
    assert await seen() == [1, 2]
    to = "0x" + account(9).hex()
    passing = f'mutation {{ forwardMessage(id: "{message}", recipient: "{to}") {{ id }} }}'
    told = await site.query(2, passing)
    passed = told["data"]["forwardMessage"]["id"]
    assert await seen() == [1, 2, 9]
    for who, one in ((1, message), (2, passed)):
        await site.query(who, f'mutation {{ deleteMessage(id: "{one}") {{ id }} }}')
    assert await seen() == [1]


async def test_the_same_bytes_are_kept_once_whoever_brings_them(
    site: Site, settings: Settings
) -> None:
    data = random.Random(3).randbytes(600_000)
    one = (await site.upload(1, data)).json()
    before = kept(settings)
    two = (await site.upload(2, data, "b.txt")).json()
    assert one["cid"] == two["cid"] and one["id"] != two["id"] and kept(settings) == before
    await site.query(1, f'mutation {{ deleteFile(id: "{one["id"]}") }}')
    assert (await site.get(1, one["url"])).status_code == 404
    assert (await site.get(2, two["url"])).content == data


def kept(settings: Settings) -> int:
    """Bytes of the store of private files."""
    files = settings.private_folder.rglob("*")
    return sum(one.stat().st_size for one in files if one.is_file())
