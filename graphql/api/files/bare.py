"""Images without what they tell about where, when and by whom they were made.

Nothing is decoded anew: pixels and colours stay as they came, and which way is up; other parts, and
what stands behind an image, are left out. HEIC and AVIF, sound and films stay as they are.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from zlib import crc32

from PIL.Image import Exif

ORIENTATION: Final = 0x0112
EXIF: Final = b"Exif\0\0"
PNG_KEPT: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP mDCV cLLI acTL fcTL"
    b" fdAT".split()
)
WEBP_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
WEBP_TELLS: Final = 0x0C
"""The flags of VP8X that say that there are EXIF and XMP."""
WEBP_EXIF: Final = 0x08
LOOPS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


class Malformed(ValueError):
    """Its parts do not fit together."""


def bare(data: bytes, media: str, orientation: int) -> bytes:
    """The image without metadata but for how it is to be turned. Raises Malformed."""
    strip = FORMATS.get(media)
    if strip is None:
        return data
    try:
        return b"".join(strip(data, _turned(orientation)))
    except (IndexError, struct.error):
        raise Malformed("its parts do not fit together") from None


def _turned(orientation: int) -> bytes:
    """TIFF that says how an image is to be turned and nothing else; empty where it is upright."""
    if orientation not in range(2, 9):
        return b""
    exif = Exif()
    exif[ORIENTATION] = orientation
    return exif.tobytes().removeprefix(EXIF)


def _jpeg(data: bytes, tiff: bytes) -> Iterator[bytes]:
    """Segments (ITU T.81, B.1) up to the end of the first image: more may follow, as in MPF."""
    yield b"\xff\xd8"
    if tiff:
        yield b"\xff\xe1" + struct.pack(">H", len(EXIF + tiff) + 2) + EXIF + tiff
    at = 2
    while True:
        if data[at] != 0xFF:
            raise Malformed("its parts do not fit together")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker == 0xD9:
            yield b"\xff\xd9"
            return
        else:
            [length] = struct.unpack_from(">H", data, at + 2)
            if _jpeg_kept(marker, data[at + 4 : at + 2 + length]):
                yield data[at : at + 2 + length]
            at += 2 + length
            if marker == 0xDA:
                end = _scan_end(data, at)
                yield data[at:end]
                at = end


def _jpeg_kept(marker: int, body: bytes) -> bool:
    """JFIF, ICC profiles and Adobe's colours, of what applications and people add."""
    if marker == 0xE2:
        return body.startswith(b"ICC_PROFILE\0")
    return marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _scan_end(data: bytes, at: int) -> int:
    """Where the entropy-coded data ends: at a marker that is neither stuffing nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise Malformed("it is cut off")
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _png(data: bytes, tiff: bytes) -> Iterator[bytes]:
    """Chunks up to IEND (PNG 3, 5.3)."""
    yield data[:8]
    at, name = 8, b""
    while name != b"IEND":
        [length] = struct.unpack_from(">I", data, at)
        name = data[at + 4 : at + 8]
        if name == b"IDAT" and tiff:
            yield struct.pack(">I", len(tiff)) + b"eXIf" + tiff
            yield struct.pack(">I", crc32(b"eXIf" + tiff))
            tiff = b""
        if name in PNG_KEPT:
            yield data[at : at + 12 + length]
        at += 12 + length


def _webp(data: bytes, tiff: bytes) -> Iterator[bytes]:
    """Chunks of RIFF as far as WebP's container knows them."""
    [size] = struct.unpack_from("<I", data, 4)
    parts, at = [], 12
    while at < min(8 + size, len(data)):
        [length] = struct.unpack_from("<I", data, at + 4)
        name, end = data[at : at + 4], at + 8 + length + length % 2
        part = data[at:end]
        if name == b"VP8X":
            flags = part[8] & ~WEBP_TELLS | (WEBP_EXIF if tiff else 0)
            part = part[:8] + bytes([flags]) + part[9:]
        if name in WEBP_KEPT:
            parts.append(part)
        at = end
    if tiff and parts[0].startswith(b"VP8X"):
        parts.append(b"EXIF" + struct.pack("<I", len(tiff)) + tiff + bytes(len(tiff) % 2))
    body = b"".join(parts)
    yield b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _gif(data: bytes, _tiff: bytes) -> Iterator[bytes]:
    """Blocks up to the trailer (GIF89a, 27); of extensions those that move the pictures."""
    at = 13 + _colours(data[10])
    yield data[:at]
    while data[at] != 0x3B:
        begin = at
        if data[at] == 0x2C:
            at = _blocks_end(data, at + 11 + _colours(data[at + 9]))
            yield data[begin:at]
        elif data[at] == 0x21:
            at = _blocks_end(data, at + 2)
            moves = data[begin + 1] == 0xFF and data[begin + 3 : begin + 14] in LOOPS
            if data[begin + 1] == 0xF9 or moves:
                yield data[begin:at]
        else:
            raise Malformed("its parts do not fit together")
    yield b";"


def _colours(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1


FORMATS: Final[Mapping[str, Callable[[bytes, bytes], Iterator[bytes]]]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/gif": _gif,
}
