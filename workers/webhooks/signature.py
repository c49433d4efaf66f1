"""A webhook's signature: HMAC-SHA256 of its time and its body, under the endpoint's secret."""

import hashlib
import hmac


def headers(secret: str, key: bytes, body: bytes, now: int) -> dict[str, str]:
    """What a request carries: the signature is over `<now>.<body>`, `now` in unix seconds."""
    signed = str(now).encode() + b"." + body
    return {
        "Content-Type": "application/json",
        "User-Agent": "dchat",
        "Dchat-Key": key.hex(),
        "Dchat-Timestamp": str(now),
        "Dchat-Signature": hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest(),
    }
