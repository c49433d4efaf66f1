"""How the key is written by which push services know us."""

import base64
import binascii
import secrets
from typing import Final

ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256: a private key is below it."""


def new_key() -> str:
    """A private key as DCHAT_VAPID_KEY holds it."""
    return encoded((secrets.randbelow(ORDER - 1) + 1).to_bytes(32))


def private_key(text: str) -> bytes:
    """The 32 bytes of a key. Raises ValueError."""
    key = decoded(text)
    if len(key) != 32 or not 0 < int.from_bytes(key) < ORDER:
        raise ValueError("is not a key: `dchat push-key` makes one")
    return key


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes of base64url, padded or not. Raises ValueError."""
    try:
        plain = text.rstrip("=")
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not base64url") from None
