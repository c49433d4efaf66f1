"""Who asks: an address that signed in, what its token is good for, or nobody."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from indexer.units import Address


class Scope(StrEnum):
    """What a token is good for. Sessions have all of them, API keys those that they were given."""

    MESSAGES_READ = "messages:read"
    MESSAGES_WRITE = "messages:write"
    NOTIFICATIONS = "notifications"
    KEYS = "keys"
    ACCOUNT = "account"


EVERYTHING: Final = frozenset(Scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """`session` is the session's id (16 bytes), `api_key` the key's; `expires_at` is when the token
    ends, and with it whatever was opened by it.
    """

    address: Address | None = None
    session: bytes | None = None
    api_key: bytes | None = None
    scopes: frozenset[Scope] = frozenset()
    expires_at: datetime | None = None


ANONYMOUS: Final = Viewer()
