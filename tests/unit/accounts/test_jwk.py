"""Public keys: what is one, and its fingerprint."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.accounts.jwk import P256, P25519, SMALL, BadKey, PublicKey, read_fingerprint, shown

RSA_N = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWK"
    "RXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMic"
    "AtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3"
    "XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)
"""The key of RFC 7638, section 3.1."""
RSA = {"kty": "RSA", "n": RSA_N, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5
A24 = 121665


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def okp(x: int, **more: Any) -> dict[str, Any]:
    return {"kty": "OKP", "crv": "X25519", "x": b64(x.to_bytes(32, "little")), **more}


def ec(x: int, y: int, **more: Any) -> dict[str, Any]:
    return {"kty": "EC", "crv": "P-256", "x": b64(x.to_bytes(32)), "y": b64(y.to_bytes(32)), **more}


def test_the_fingerprint_is_that_of_rfc_7638() -> None:
    key = PublicKey.parse(json.dumps(RSA))
    assert shown(key.fingerprint) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert read_fingerprint(shown(key.fingerprint)) == key.fingerprint


@pytest.mark.parametrize("jwk", [RSA, okp(9), ec(GX, GY)], ids=["RSA", "X25519", "P-256"])
def test_what_does_not_make_the_key_is_left_out(jwk: dict[str, Any]) -> None:
    plain = PublicKey.parse(json.dumps(jwk))
    more = PublicKey.parse(json.dumps({"use": "enc", "ext": True, "key_ops": [], **jwk}, indent=1))
    assert plain == more
    assert PublicKey.parse(plain.text) == plain


@pytest.mark.parametrize(
    ("jwk", "words"),
    [
        (okp(9, d="AA"), "secret"),
        (okp(9) | {"crv": "Ed25519"}, "neither"),
        (okp(9) | {"x": okp(9)["x"] + "="}, "base64url"),
        (okp(9) | {"x": b64(bytes(31) + b"\1\1")}, "33 bytes"),
        (ec(GX, GY + 1), "not a point"),
        (ec(GX, GY) | {"y": 7}, "no text"),
        (RSA | {"n": b64((2**1023 + 1).to_bytes(128))}, "1024 bits"),
        (RSA | {"e": "Aw"}, "exponent"),
        ([], "JSON object"),
        ({"kty": ["RSA"]}, "neither"),
    ],
)
def test_what_is_no_key_that_others_could_use_is_refused(jwk: Any, words: str) -> None:
    with pytest.raises(BadKey, match=words):
        PublicKey.parse(json.dumps(jwk))


@given(st.text(max_size=200) | st.recursive(st.none() | st.text() | st.integers(), st.lists))
def test_whatever_is_sent_is_read_or_refused(value: Any) -> None:
    for text in (value if isinstance(value, str) else "x", json.dumps(value)):
        with pytest.raises(BadKey):
            PublicKey.parse(text)


def test_the_refused_points_are_those_of_small_order() -> None:
    for u in SMALL:
        assert eightfold_is_infinity(u)
        for written in (each for each in (u, u + P25519) if each < 2**255):
            with pytest.raises(BadKey, match="small order"):
                PublicKey.parse(json.dumps(okp(written)))
    assert not eightfold_is_infinity(9)
    assert P256.bit_length() == 256


def eightfold_is_infinity(u: int) -> bool:
    """By three doublings on the Montgomery curve, in projective coordinates."""
    x, z = u, 1
    for _ in range(3):
        a, b = pow(x + z, 2, P25519), pow(x - z, 2, P25519)
        x, z = a * b % P25519, (a - b) * (b + (A24 + 1) * (a - b)) % P25519
    return z == 0
