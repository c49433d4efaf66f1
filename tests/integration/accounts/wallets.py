"""Wallets that sign in, and tokens for tests that are about something else."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from eth_keys.datatypes import PrivateKey

from api.accounts.signatures import digest
from api.accounts.tokens import Tokens
from api.accounts.viewer import EVERYTHING, Viewer
from indexer.settings import Settings
from indexer.units import Address, checksum, keccak, to_hex

CHALLENGE = """mutation ($address: Address!) {
  signInChallenge(address: $address) { message nonce domain uri chainId }
}"""
SIGN_IN = """mutation ($message: String!, $signature: Bytes!) {
  signIn(message: $message, signature: $signature) {
    address accessToken accessExpiresAt refreshToken refreshExpiresAt sessionId
  }
}"""
SESSION = """
INSERT INTO sessions (id, address, client, expires_at)
VALUES (%s, %s, 'a test', now() + interval '1 day')
"""


class Wallet:
    """The key that a number stands for."""

    def __init__(self, number: int = 1) -> None:
        self.key = PrivateKey(keccak(b"wallet %d" % number))
        self.address = Address(self.key.public_key.to_canonical_address())
        self.shown = checksum(self.address)

    def sign(self, message: str) -> str:
        """As `personal_sign` does it."""
        signature = bytearray(self.key.sign_msg_hash(digest(message)).to_bytes())
        signature[64] += 27
        return to_hex(bytes(signature))

    async def sign_in(self, run: Any) -> dict[str, Any]:
        """The credentials; `run` is a client's way to the data of an operation."""
        made = (await run(CHALLENGE, address=self.shown))["signInChallenge"]
        signature = self.sign(made["message"])
        return (await run(SIGN_IN, message=made["message"], signature=signature))["signIn"]  # type: ignore[no-any-return]


def signed_in(who: bytes, **changes: Any) -> Viewer:
    """Whoever has this address, with a session that no table has; for `Context.viewer`."""
    plain: dict[str, Any] = {
        "address": Address(who),
        "session": bytes(16),
        "scopes": EVERYTHING,
        "expires_at": datetime.now(UTC) + timedelta(hours=1),
    }
    return Viewer(**plain | changes)


def token_of(settings: Settings, who: bytes) -> str:
    """An access token of a session of the address, which begins here."""
    session = secrets.token_bytes(16)
    with psycopg.connect(settings.database_url or "") as db:
        db.execute(SESSION, (session, who))
    return Tokens(settings).issue(Address(who), session)[0]
