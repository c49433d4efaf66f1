"""What a file is sent as: what its first bytes say, as long as no browser would run it."""

from typing import Final

SNIFFED: Final = 4096
"""Bytes that are looked at."""
ATTACHED: Final = "attachment"
TEXT: Final = "text/plain; charset=utf-8"
UNKNOWN: Final = "application/octet-stream"

PREFIXES: Final = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"\x00\x00\x01\x00": "image/x-icon",
    b"OggS\x00": "application/ogg",
    b"ID3": "audio/mpeg",
    b"fLaC": "audio/flac",
    b"\x1aE\xdf\xa3": "video/webm",
}
RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/avi"}
BRANDS: Final = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
"""Of the ISO base media file format; others of it are films."""
CONTROLS: Final = frozenset(range(32)) - frozenset(b"\t\n\f\r\x1b")
"""Bytes that no text holds."""


def media_type(start: bytes, *, whole: bool) -> str:
    """The type by the file's first bytes; `whole`: they are all of it.

    Markup and scripts are plain text, SVG too; what is neither known nor text is for download.
    """
    if known := _known(start):
        return known
    return TEXT if _is_text(start, whole=whole) else UNKNOWN


def _known(start: bytes) -> str | None:
    for prefix, media in PREFIXES.items():
        if start.startswith(prefix):
            return media
    if start.startswith(b"RIFF"):
        return RIFF.get(start[8:12])
    if start[4:8] == b"ftyp":
        return BRANDS.get(start[8:12], "video/mp4")
    return None


def _is_text(start: bytes, *, whole: bool) -> bool:
    """Whether it is UTF-8 without control characters; a character may be cut off at the end."""
    if CONTROLS & frozenset(start):
        return False
    try:
        start.decode()
    except UnicodeDecodeError as error:
        return not whole and error.end == len(start) and "end of data" in error.reason
    return True
