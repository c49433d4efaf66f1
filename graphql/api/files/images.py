"""Images looked at with care: their size, and a small picture of them that is made anew.

What strangers send is not decoded before its header says that it is of a size that fits in memory.
The small picture holds pixels only: no metadata, no profile, no trailing bytes.
"""

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from api.files.bare import ORIENTATION, bare

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
TYPES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What is decoded; other images have no small picture."""
MOST_PIXELS: Final = 40_000_000
EDGE: Final = 320
"""Pixels of the small picture's longer side."""
QUALITY: Final = 80


class NotAnImage(ValueError):
    """It begins like an image, and is none that can be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image's size in pixels, the small picture (WebP), and the image without metadata."""

    width: int
    height: int
    small: bytes
    bare: bytes


def picture(data: bytes, media: str) -> Picture:
    """What is kept of the image. Raises NotAnImage."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _picture(data, media)
    except NotAnImage:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise NotAnImage(f"the image can't be read: {error}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAnImage(f"the image is too large: {error}") from None


def _picture(data: bytes, media: str) -> Picture:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        if width * height > MOST_PIXELS:
            told = f"the image has {width}x{height} pixels; at most {MOST_PIXELS:,} are taken"
            raise NotAnImage(told)
        turned = int(image.getexif().get(ORIENTATION, 1))
        image.draft("RGB", (EDGE, EDGE))
        image.seek(0)
        upright = ImageOps.exif_transpose(image)
        plain = upright.convert("RGBA" if upright.mode in ("RGBA", "LA", "P", "PA") else "RGB")
        plain.thumbnail((EDGE, EDGE))
        alone = Image.new(plain.mode, plain.size)
        alone.paste(plain)
        out = io.BytesIO()
        alone.save(out, "WEBP", quality=QUALITY)
    plain_data = bare(data, media, turned)
    return Picture(width=width, height=height, small=out.getvalue(), bare=plain_data)
