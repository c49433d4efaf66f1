"""The 2048-bit logs bloom of a block header (Yellow Paper, section 4.3.1)."""

from functools import lru_cache

from indexer.units import keccak


@lru_cache(maxsize=65_536)
def mask(item: bytes) -> int:
    """The three bits of an address or a topic."""
    digest = keccak(item)
    bits = 0
    for at in (0, 2, 4):
        bits |= 1 << (int.from_bytes(digest[at : at + 2], "big") & 2047)
    return bits


def bloom(items: list[bytes]) -> bytes:
    """The 256 bytes of a bloom that holds the items."""
    bits = 0
    for item in items:
        bits |= mask(item)
    return bits.to_bytes(256, "big")


def holds(bits: int, item: bytes) -> bool:
    """Whether the bloom (as an integer) may hold the item; False is certain."""
    wanted = mask(item)
    return bits & wanted == wanted
