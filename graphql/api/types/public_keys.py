"""Public keys that users have published for encryption between clients."""

from datetime import datetime
from typing import Any, Self

import strawberry

from api.accounts.jwk import shown
from api.scalars import Bytes


@strawberry.type
class PublicKey:
    fingerprint: str = strawberry.field(description="JWK thumbprint (RFC 7638), base64url.")
    algorithm: str = strawberry.field(description="X25519, P-256 or RSA.")
    key: str = strawberry.field(description="JWK, with its required members alone.")
    registered_at: datetime
    revoked_at: datetime | None
    message: str = strawberry.field(
        description="What the owner's wallet signed, so that nobody need trust this server."
    )
    signature: Bytes

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            fingerprint=shown(row.fingerprint),
            algorithm=row.algorithm,
            key=row.key,
            registered_at=row.registered_at,
            revoked_at=row.revoked_at,
            message=row.message,
            signature=Bytes(row.signature),
        )
