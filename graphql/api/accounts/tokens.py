"""Access tokens: short-lived, signed, and checked without the database."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import jwt

from api.accounts.secret import key_id, token_secrets
from api.accounts.viewer import EVERYTHING, Viewer
from api.errors import unauthenticated
from indexer.settings import Settings
from indexer.units import Address, address, to_hex

ALGORITHM: Final = "HS256"
ISSUER: Final = "dchat"


class Tokens:
    """Signs with the first secret, and takes what any of them signed: so secrets are rotated."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._life = timedelta(seconds=settings.access_life)

    @cached_property
    def _secrets(self) -> Mapping[str, str]:
        """By id, the signing one first. Read, or made, with the first token."""
        return {key_id(secret): secret for secret in token_secrets(self._settings)}

    def issue(self, who: Address, session: bytes) -> tuple[str, datetime]:
        """An access token of the session, and when it ends."""
        begins = datetime.now(UTC)
        ends = (begins + self._life).replace(microsecond=0)
        about = {"iss": ISSUER, "sub": to_hex(who), "sid": session.hex()}
        signer, secret = next(iter(self._secrets.items()))
        headers = {"kid": signer}
        return jwt.encode({**about, "iat": begins, "exp": ends}, secret, ALGORITHM, headers), ends

    def viewer(self, token: str) -> Viewer:
        """Who the token speaks for. Raises UNAUTHENTICATED."""
        try:
            secret = self._secrets[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(
                token,
                secret,
                [ALGORITHM],
                issuer=ISSUER,
                options={"require": ["iss", "sub", "sid", "iat", "exp"]},
            )
            return _viewer(claims)
        except jwt.ExpiredSignatureError:
            raise unauthenticated("the access token has expired: refresh it", "EXPIRED") from None
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
            raise unauthenticated("this is no token of ours", "INVALID_TOKEN") from None


def _viewer(claims: Mapping[str, Any]) -> Viewer:
    return Viewer(
        address=address(claims["sub"]),
        session=bytes.fromhex(claims["sid"]),
        scopes=EVERYTHING,
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )
