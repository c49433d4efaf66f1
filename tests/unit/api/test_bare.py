"""What is left of an image tells nothing of who made it, and looks the same."""

import io
import random
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageDraw
from PIL.ImageCms import ImageCmsProfile, createProfile
from PIL.PngImagePlugin import PngInfo

from api.files.bare import ORIENTATION, Malformed, bare

SECRET = b"52.5163N 13.3777E"
MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
GPS = 0x8825


def drawn(n: int = 0) -> Image.Image:
    made = Image.new("RGB", (60, 40), (20 * n, 60, 120))
    ImageDraw.Draw(made).ellipse((5, 5 + n, 40, 30), fill=(230, 200, 20))
    return made


def exif(orientation: int) -> Image.Exif:
    made = Image.Exif()
    made[ORIENTATION] = orientation
    made[0x010E] = SECRET.decode()
    made.get_ifd(GPS)[0x001D] = SECRET.decode()
    return made


def photo(kind: str, orientation: int = 6, **more: Any) -> bytes:
    """With everything that cameras, programs and people write into an image."""
    out = io.BytesIO()
    if kind == "PNG":
        info = PngInfo()
        info.add_text("Location", SECRET.decode())
        info.add_itxt("XML:com.adobe.xmp", SECRET.decode(), zip=False)
        more |= {"pnginfo": info}
    if kind == "GIF":
        drawn().save(out, kind, comment=SECRET, save_all=True, append_images=[drawn(3)], loop=2)
    else:
        xmp = {"xmp": SECRET} if kind in ("WEBP", "JPEG") else {}
        if kind == "JPEG":
            xmp["comment"] = SECRET
        drawn().save(out, kind, exif=exif(orientation), **xmp, **more)
    tail = b"\xff\xd8\xff\xe1" + SECRET
    return out.getvalue() + tail


PHOTOS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "jpeg": ("JPEG", lambda: photo("JPEG")),
    "progressive jpeg": ("JPEG", lambda: photo("JPEG", progressive=True)),
    "jpeg with restarts": ("JPEG", lambda: photo("JPEG", restart_marker_rows=1)),
    "png": ("PNG", lambda: photo("PNG")),
    "webp": ("WEBP", lambda: photo("WEBP")),
    "lossless webp": ("WEBP", lambda: photo("WEBP", lossless=True)),
    "gif that moves": ("GIF", lambda: photo("GIF")),
}


def frames(data: bytes) -> list[bytes]:
    with Image.open(io.BytesIO(data)) as image:
        found = []
        for n in range(getattr(image, "n_frames", 1)):
            image.seek(n)
            found.append(image.convert("RGBA").tobytes())
        return found


@pytest.mark.parametrize("name", PHOTOS)
def test_every_pixel_stays_and_nothing_else_is_told(name: str) -> None:
    kind, make = PHOTOS[name]
    data = make()
    left = bare(data, MEDIA[kind], 6)
    assert data.count(SECRET) > 1 and SECRET not in left
    assert frames(left) == frames(data)
    assert bare(left, MEDIA[kind], 6) == left
    with Image.open(io.BytesIO(left)) as image:
        assert [*image.getexif().items()] == ([] if kind == "GIF" else [(ORIENTATION, 6)])
        with Image.open(io.BytesIO(data)) as before:
            assert image.info.get("loop") == before.info.get("loop")


def test_an_upright_image_and_one_without_metadata_have_no_exif() -> None:
    for kind, media in MEDIA.items():
        out = io.BytesIO()
        drawn().save(out, kind)
        assert bare(photo(kind, 1), media, 1) == bare(bare(photo(kind, 1), media, 1), media, 1)
        assert frames(bare(out.getvalue(), media, 1)) == frames(out.getvalue())
        with Image.open(io.BytesIO(bare(photo(kind, 1), media, 1))) as image:
            assert not image.getexif()


def test_colour_profiles_stay() -> None:
    profile = ImageCmsProfile(createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG", "WEBP"):
        left = bare(photo(kind, icc_profile=profile), MEDIA[kind], 1)
        with Image.open(io.BytesIO(left)) as image:
            assert image.info["icc_profile"] == profile


@pytest.mark.parametrize("name", PHOTOS)
def test_what_is_broken_anywhere_is_refused_or_told_less(name: str) -> None:
    """Cut off, and with bytes changed: no other error, and an end."""
    kind, make = PHOTOS[name]
    data, dice = make(), random.Random(7)
    for n in range(300):
        broken = bytearray(data)
        if n % 2:
            del broken[dice.randrange(len(broken)) :]
        for _ in range(dice.randint(1, 3)):
            if broken:
                broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            bare(bytes(broken), MEDIA[kind], 6)
        except Malformed:
            continue
