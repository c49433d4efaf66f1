"""The registry of public keys: each is signed by its owner's wallet, and none is ever forgotten.

The signed text is kept and given to everybody, so whoever encrypts can check for himself that the
key is the wallet's: this server could withhold a key, but not make one up.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from api.accounts.jwk import PublicKey, shown
from api.errors import ApiError, Code, bad_input
from api.writes import Transaction
from indexer.units import Address, checksum

FRESHNESS: Final = timedelta(minutes=5)
"""How far the signed time may be from now."""
MOST: Final = 20
"""Keys of one address that stand."""

LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
OF: Final = text("""
SELECT fingerprint, revoked_at FROM public_keys WHERE address = :address
""")
"""By the primary key's first column."""
ADD: Final = text("""
INSERT INTO public_keys (address, fingerprint, algorithm, key, message, signature)
VALUES (:address, :fingerprint, :algorithm, :key, :message, :signature) RETURNING *
""")
REVOKE: Final = text("""
UPDATE public_keys SET revoked_at = now()
WHERE address = :address AND fingerprint = ANY(CAST(:fingerprints AS bytea[]))
AND revoked_at IS NULL RETURNING *
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a wallet signs to publish a key."""

    address: Address
    key: PublicKey
    chain_id: int
    issued_at: datetime

    @property
    def text(self) -> str:
        """The message."""
        issued = self.issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (
            "Publish an encryption key in dchat.\n\n"
            f"Address: {checksum(self.address)}\nChain ID: {self.chain_id}\n"
            f"Algorithm: {self.key.algorithm}\nFingerprint: {shown(self.key.fingerprint)}\n"
            f"Issued At: {issued}"
        )


def check_time(issued_at: datetime) -> None:
    """Raises BAD_USER_INPUT where the time is not about now."""
    if abs(datetime.now(UTC) - issued_at) > FRESHNESS:
        raise bad_input("issuedAt", "is more than 5 minutes from this server's time")


async def register(
    db: Transaction, statement: Statement, signature: bytes, *, replacing: bool
) -> Row[Any]:
    """The key's row, which is new; with `replacing` the others of the address end. The same key
    again is no error while it stands. Raises BAD_USER_INPUT, LIMIT_EXCEEDED.
    """
    who, key = statement.address, statement.key
    await db.rows(LOCK, {"name": f"public_keys {who.hex()}"})
    known = {bytes(row.fingerprint): row.revoked_at for row in await db.rows(OF, {"address": who})}
    if key.fingerprint in known:
        raise bad_input("key", _known(known[key.fingerprint]))
    standing = [each for each, revoked in known.items() if revoked is None]
    if replacing:
        await revoke(db, who, standing)
    elif len(standing) >= MOST:
        message = f"{MOST} keys stand, the most that there may be: revoke some"
        raise ApiError(Code.LIMIT_EXCEEDED, message, measure="publicKeys", limit=MOST)
    values = {"address": who, "fingerprint": key.fingerprint, "algorithm": key.algorithm}
    proof = {"key": key.text, "message": statement.text, "signature": signature}
    [row] = await db.rows(ADD, {**values, **proof})
    return row


async def revoke(db: Transaction, who: Address, fingerprints: list[bytes]) -> Row[Any] | None:
    """The row of a key that ends now; None where none of them stands."""
    return await db.row(REVOKE, {"address": who, "fingerprints": fingerprints})


def _known(revoked_at: datetime | None) -> str:
    if revoked_at is None:
        return "is registered already"
    return f"was revoked at {revoked_at:%Y-%m-%dT%H:%M:%SZ}, and a revoked key never comes back"
