"""Public keys as clients publish them: JWK (RFC 7517), reduced to what makes the key."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Self

LONGEST: Final = 4096
"""Characters of a JWK."""
SECRET: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
P256: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_B: Final = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
P25519: Final = 2**255 - 19
SMALL: Final = frozenset(
    {
        0,
        1,
        P25519 - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)
"""The points of Curve25519 whose order divides 8: with them everybody agrees on the same secret."""
RSA_BITS: Final = range(2048, 8193)


class BadKey(ValueError):
    """The text is no public key that others could use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """`text` is the JWK with its required members alone, sorted, as RFC 7638 hashes it."""

    algorithm: str
    text: str

    @property
    def fingerprint(self) -> bytes:
        """The thumbprint of RFC 7638: SHA-256 of the text."""
        return sha256(self.text.encode()).digest()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a JWK; raises BadKey."""
        given = _object(text)
        if secret := SECRET & given.keys():
            raise BadKey(f"holds {sorted(secret)[0]!r}, which is secret: send the public key alone")
        kind, curve = given.get("kty"), given.get("crv")
        known = isinstance(kind, str) and isinstance(curve, str | None)
        found = KINDS.get((kind, curve)) if known else None
        if found is None:
            raise BadKey("is neither X25519 (OKP), nor P-256 (EC), nor RSA")
        algorithm, members, check = found
        parts = {name: _string(given, name) for name in members}
        check(parts)
        plain = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return cls(algorithm=algorithm, text=plain)


def shown(fingerprint: bytes) -> str:
    """A fingerprint as RFC 7638 writes it: base64url without padding."""
    return urlsafe_b64encode(fingerprint).rstrip(b"=").decode()


def read_fingerprint(text: str) -> bytes:
    """The 32 bytes of a fingerprint; raises BadKey."""
    found = _bytes({"fingerprint": text}, "fingerprint")
    if len(found) != 32:
        raise BadKey("is not the base64url of 32 bytes")
    return found


def _object(text: str) -> Mapping[str, Any]:
    try:
        given = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise BadKey(f"is not a JSON object of at most {LONGEST} characters")
    return given


def _string(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise BadKey(f"has no member {name!r}, or one that is no text")
    return value


def _bytes(parts: Mapping[str, str], name: str) -> bytes:
    """A member's bytes; there is one way to write them."""
    text = parts[name]
    try:
        found = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        found = b""
    if not found or shown(found) != text:
        raise BadKey(f"has a {name!r} that is not base64url without padding")
    return found


def _sized(parts: Mapping[str, str], name: str) -> bytes:
    found = _bytes(parts, name)
    if len(found) != 32:
        raise BadKey(f"has a {name!r} of {len(found)} bytes instead of 32")
    return found


def _x25519(parts: Mapping[str, str]) -> None:
    value = int.from_bytes(_sized(parts, "x"), "little") % 2**255
    if value % P25519 in SMALL:
        raise BadKey("is a point of small order: its secrets would be everybody's")


def _p256(parts: Mapping[str, str]) -> None:
    x, y = (int.from_bytes(_sized(parts, name)) for name in ("x", "y"))
    on_curve = (y * y - (x * x * x - 3 * x + P256_B)) % P256 == 0
    if not (x < P256 and y < P256 and on_curve):
        raise BadKey("is not a point of P-256")


def _rsa(parts: Mapping[str, str]) -> None:
    n, e = (int.from_bytes(_bytes(parts, name)) for name in ("n", "e"))
    if n.bit_length() not in RSA_BITS or n % 2 == 0:
        raise BadKey(
            f"has a modulus of {n.bit_length()} bits; {RSA_BITS[0]} to {RSA_BITS[-1]} are taken"
        )
    if e % 2 == 0 or not 65537 <= e < 2**32:
        raise BadKey("has an exponent that is not odd, or below 65537, or beyond 32 bits")


KINDS: Final[Mapping[Any, tuple[str, tuple[str, ...], Callable[[Mapping[str, str]], None]]]] = {
    ("OKP", "X25519"): ("X25519", ("crv", "kty", "x"), _x25519),
    ("EC", "P-256"): ("P-256", ("crv", "kty", "x", "y"), _p256),
    ("RSA", None): ("RSA", ("e", "kty", "n"), _rsa),
}
