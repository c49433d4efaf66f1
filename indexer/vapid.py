"""The key by which push services know us (RFC 8292)."""

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from indexer.settings import Settings
from indexer.vapid_key import encoded, private_key

LIFE: Final = 12 * 3600
"""Seconds that a token is good for; the standard allows a day."""


@dataclass(frozen=True, kw_only=True)
class Vapid:
    """A private key, and where its owner can be reached (`mailto:` or `https:`)."""

    key: bytes
    contact: str

    @classmethod
    def of(cls, settings: Settings) -> "Vapid | None":
        """The one that is set, if one is."""
        if settings.vapid_key is None:
            return None
        return cls(key=private_key(settings.vapid_key), contact=settings.vapid_contact)

    @cached_property
    def _private(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int.from_bytes(self.key), ec.SECP256R1())

    @cached_property
    def public(self) -> str:
        """What browsers subscribe with: `applicationServerKey`, base64url."""
        public = self._private.public_key()
        return encoded(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def authorization(self, endpoint: str) -> str:
        """The header for a request to this endpoint."""
        to = urlsplit(endpoint)
        audience = f"{to.scheme}://{to.netloc}"
        claims = {"aud": audience, "exp": int(time.time()) + LIFE, "sub": self.contact}
        signed = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
        r, s = decode_dss_signature(self._private.sign(signed.encode(), ec.ECDSA(SHA256())))
        token = f"{signed}.{encoded(r.to_bytes(32) + s.to_bytes(32))}"
        return f"vapid t={token}, k={self.public}"


def _json(value: dict[str, Any]) -> str:
    return encoded(msgspec.json.encode(value))
