"""Multibase: bytes as text whose first character names the alphabet.

https://github.com/multiformats/multibase: those alphabets that CIDs are written in.
"""

from dataclasses import dataclass
from typing import Final

from indexer.errors import NotACid

BITCOIN: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LOWER32: Final = "abcdefghijklmnopqrstuvwxyz234567"
LOWER36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
LOWER16: Final = "0123456789abcdef"
URL64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True)
class Numeral:
    """Bytes as one big number; each leading zero byte is one leading zero digit."""

    alphabet: str

    def encode(self, data: bytes) -> str:
        number, base = int.from_bytes(data), len(self.alphabet)
        digits = []
        while number:
            number, digit = divmod(number, base)
            digits.append(self.alphabet[digit])
        zeros = len(data) - len(data.lstrip(b"\0"))
        return self.alphabet[0] * zeros + "".join(reversed(digits))

    def decode(self, text: str) -> bytes:
        number = 0
        for character in text:
            number = number * len(self.alphabet) + _digit(self.alphabet, character)
        zeros = len(text) - len(text.lstrip(self.alphabet[0]))
        return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)


@dataclass(frozen=True, slots=True)
class Grouped:
    """RFC 4648 without padding: so many bits a character, unused bits zero."""

    alphabet: str
    bits: int

    def encode(self, data: bytes) -> str:
        count = -(-len(data) * 8 // self.bits)
        number = int.from_bytes(data) << (count * self.bits - len(data) * 8)
        mask = (1 << self.bits) - 1
        places = range((count - 1) * self.bits, -1, -self.bits)
        return "".join(self.alphabet[number >> place & mask] for place in places)

    def decode(self, text: str) -> bytes:
        number = 0
        for character in text:
            number = number << self.bits | _digit(self.alphabet, character)
        size, unused = divmod(len(text) * self.bits, 8)
        if unused >= self.bits or number & ((1 << unused) - 1):
            raise NotACid(f"{text[:80]!r} ends within a byte")
        return (number >> unused).to_bytes(size)


Base = Numeral | Grouped

BASES: Final[dict[str, Base]] = {
    "f": Grouped(LOWER16, 4),
    "F": Grouped(LOWER16.upper(), 4),
    "b": Grouped(LOWER32, 5),
    "B": Grouped(LOWER32.upper(), 5),
    "k": Numeral(LOWER36),
    "K": Numeral(LOWER36.upper()),
    "z": Numeral(BITCOIN),
    "u": Grouped(URL64, 6),
}
"""By the character that stands before the text."""


def decode(text: str) -> bytes:
    """The bytes of a multibase text. Raises NotACid."""
    base = BASES.get(text[:1])
    if base is None:
        raise NotACid(f"{text[:80]!r} begins with no multibase that CIDs are written in")
    return base.decode(text[1:])


def encode(data: bytes, base: str) -> str:
    """The multibase text; `base` is the character that names the alphabet."""
    return base + BASES[base].encode(data)


def _digit(alphabet: str, character: str) -> int:
    place = alphabet.find(character)
    if place < 0:
        raise NotACid(f"{character!r} is no digit of base {len(alphabet)}")
    return place
