"""The quantities of the domain: bytes and integers inside, hex and decimal strings at the edges."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NewType

from Crypto.Hash import keccak as _keccak

Address = NewType("Address", bytes)
"""20 bytes."""
Hash32 = NewType("Hash32", bytes)
"""32 bytes."""
BlockNumber = NewType("BlockNumber", int)
Wei = NewType("Wei", int)

ZERO_ADDRESS: Final = Address(bytes(20))
UINT256_MAX: Final = 2**256 - 1
LATEST_TIME: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
LATEST_SECONDS: Final = int(LATEST_TIME.timestamp())


def keccak(data: bytes) -> Hash32:
    """Keccak-256, Ethereum's hash (not NIST's SHA3-256)."""
    return Hash32(_keccak.new(digest_bits=256, data=data).digest())


def to_hex(data: bytes) -> str:
    """0x-prefixed lower-case hex."""
    return "0x" + data.hex()


def checksum(address: Address) -> str:
    """The address in EIP-55 mixed case."""
    plain = address.hex()
    digest = keccak(plain.encode()).hex()
    return "0x" + "".join(c.upper() if d > "7" else c for c, d in zip(plain, digest, strict=False))


def address(text: str) -> Address:
    """The 20 bytes of a 0x address. Raises ValueError (wrong length, digit or EIP-55 checksum)."""
    value = Address(_unhex(text, 20))
    digits = text[2:]
    if digits not in (digits.lower(), digits.upper()) and text[2:] != checksum(value)[2:]:
        raise ValueError(f"{text} has a wrong EIP-55 checksum; {checksum(value)} is right")
    return value


def hash32(text: str) -> Hash32:
    """The 32 bytes of a 0x hash. Raises ValueError."""
    return Hash32(_unhex(text, 32))


def _unhex(text: str, size: int) -> bytes:
    if not text.startswith(("0x", "0X")) or len(text) != 2 + 2 * size:
        raise ValueError(f"{text[:80]!r} is not 0x and {2 * size} hex digits")
    try:
        return bytes.fromhex(text[2:]) if text[2:].isalnum() else _refuse(text)
    except ValueError:
        raise ValueError(f"{text!r} holds something that is not a hex digit") from None


def _refuse(text: str) -> bytes:
    raise ValueError(text)


def text(data: bytes) -> str:
    """UTF-8 as people read it: invalid bytes and NUL become U+FFFD (Postgres stores no NUL)."""
    return data.decode("utf-8", "replace").replace("\x00", "\ufffd")


@lru_cache(maxsize=4096)
def clamp_time(seconds: int) -> datetime:
    """Unix seconds as aware UTC; whatever lies beyond the year 9999 is its last second."""
    return datetime.fromtimestamp(min(max(seconds, 0), LATEST_SECONDS), UTC)
