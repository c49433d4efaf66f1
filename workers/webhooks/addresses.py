"""Where a webhook may be sent to: addresses of the public internet, checked after DNS.

The connection goes to the address that was checked, never to the name again: a name that answers
otherwise the second time gains nothing.
"""

import ipaddress
import socket
from collections.abc import Iterable

from indexer.endpoints import IPAddress, public


class Forbidden(Exception):
    """The endpoint is not one of the public internet."""


def checked(host: str, port: int, *, private: bool) -> str:
    """The address to connect to. Raises Forbidden, and OSError where the name has none.

    A name with one private address among others is refused: it is a trick or a mistake.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(sockaddr[0]).split("%")[0] for *_, sockaddr in found]
    if not private:
        refuse(host, map(ipaddress.ip_address, addresses))
    return addresses[0]


def refuse(host: str, addresses: Iterable[IPAddress]) -> None:
    """Raises Forbidden where one of the addresses is not public."""
    for address in addresses:
        if not public(address):
            raise Forbidden(
                f"{host} has an address that is not public: "
                "DCHAT_WEBHOOK_PRIVATE=true allows it, for development"
            )
