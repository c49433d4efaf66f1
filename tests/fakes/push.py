"""A browser and its push service: checks what RFC 8030, 8188, 8291 and 8292 ask of a request."""

import base64
import json
import os
import subprocess
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from indexer.vapid_key import decoded, encoded

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Browser:
    """A subscription's keys; decrypts with another implementation than ours (npm http_ece)."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def p256dh(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def read(self, body: bytes) -> bytes:
        secret = self.key.private_numbers().private_value.to_bytes(32)
        given = {"body": base64.b64encode(body).decode(), "privateKey": encoded(secret)}
        words = [ROOT / ".venv/bin/node", ROOT / "tests/reference/decrypt.js"]
        told = json.dumps(given | {"auth": encoded(self.auth)}).encode()
        return subprocess.run(words, input=told, capture_output=True, check=True, timeout=60).stdout


@dataclass(slots=True)
class PushService:
    """Takes messages for its subscriptions, of whoever holds the key that they were made with."""

    application_server_key: str
    url: str = ""
    messages: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    """Path → what is answered instead of 201."""
    _server: ThreadingHTTPServer = field(init=False)
    _thread: Thread = field(init=False)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        if path in self.answers:
            return self.answers[path]
        if (refusal := self._refusal(headers, body)) is not None:
            return refusal
        self.messages.append((path, headers, body))
        return 201

    def _refusal(self, headers: dict[str, str], body: bytes) -> int | None:
        if not headers.get("TTL", "").isdecimal() or len(headers.get("Topic", "")) > 32:
            return 400
        if headers.get("Content-Encoding") != "aes128gcm" or len(body) > 4096:
            return 413
        return None if self._authorized(headers.get("Authorization", "")) else 403

    def _authorized(self, said: str) -> bool:
        scheme, _, rest = said.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        if scheme != "vapid" or parts["k"] != self.application_server_key:
            return False
        signed, _, signature = parts["t"].rpartition(".")
        head, claims = (json.loads(decoded(part)) for part in signed.split("."))
        origin = self.url.rstrip("/")
        known = head["alg"] == "ES256" and claims["aud"] == origin and "sub" in claims
        return known and _signed(parts["k"], signed, decoded(signature))

    def __enter__(self) -> Self:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(service.take(self.path, dict(self.headers), body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _signed(key: str, said: str, signature: bytes) -> bool:
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
    numbers = (int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    try:
        public.verify(encode_dss_signature(*numbers), said.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
