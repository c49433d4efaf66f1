"""RFC 8291: a message that only the browser that subscribed can read, a record of RFC 8188."""

import os
import struct
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD: Final = 4096
"""Bytes that every push service takes (RFC 8030)."""
LONGEST: Final = RECORD - 86 - 17
"""Bytes of a message: a record less its header, the end mark and the tag."""
LAST: Final = b"\x02"
"""Marks the end of the last record."""


def encrypt(message: bytes, p256dh: bytes, auth: bytes) -> bytes:
    """The body of a request, `aes128gcm`; the keys are those of the browser's subscription.

    Raises ValueError where the message is too long, or `p256dh` no point of the curve.
    """
    return sealed(message, p256dh, auth, ec.generate_private_key(ec.SECP256R1()), os.urandom(16))


def sealed(
    message: bytes, p256dh: bytes, auth: bytes, ours: ec.EllipticCurvePrivateKey, salt: bytes
) -> bytes:
    """The same with a key pair and a salt that nobody must use twice."""
    if len(message) > LONGEST:
        raise ValueError(f"{len(message)} bytes are more than the {LONGEST} of a push message")
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), p256dh)
    public = point(ours)
    shared = ours.exchange(ec.ECDH(), theirs)
    secret = _derived(auth, shared, b"WebPush: info\x00" + p256dh + public, 32)
    key = _derived(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(salt, secret, b"Content-Encoding: nonce\x00", 12)
    header = salt + struct.pack("!IB", RECORD, len(public)) + public
    return header + AESGCM(key).encrypt(nonce, message + LAST, None)


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public half as 65 bytes."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(salt: bytes, secret: bytes, about: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=about).derive(secret)
