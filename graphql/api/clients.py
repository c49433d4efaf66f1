"""Who asks: the address of a client, and how many streams each of them holds open."""

from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

from api.errors import ApiError, Code


def client_of(scope: MutableMapping[str, Any]) -> str:
    """The address that limits count by; of IPv6 the /64, as each household has a whole one.

    The server has put the address there that a trusted proxy tells (DCHAT_TRUSTED_PROXIES).
    """
    host = str((scope.get("client") or ("unknown",))[0])
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        plain = address.ipv4_mapped
        return str(plain) if plain else str(IPv6Network((address, 64), strict=False))
    return str(address)


class Seats:
    """Connections and subscriptions that clients hold open here: so many each, no more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = Counter[str]()

    def require(self, client: str) -> None:
        """Raises LIMIT_EXCEEDED where the client has no seat left."""
        if self._taken[client] >= self._most:
            told = f"your address has {self._most} connections and subscriptions open here, the"
            message = f"{told} most that it may have: end some, or share one connection"
            raise ApiError(Code.LIMIT_EXCEEDED, message, measure="subscriptions", limit=self._most)

    @contextmanager
    def taken(self, client: str) -> Iterator[None]:
        """Takes a seat for as long as the context lasts."""
        self._taken[client] += 1
        try:
            yield
        finally:
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]
