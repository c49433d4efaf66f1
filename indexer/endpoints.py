"""Where a webhook may be: a URL that can be called, at an address that everybody may call."""

import ipaddress
from typing import Final
from urllib.parse import SplitResult, urlsplit

from indexer.errors import ConfigError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address in the last 32 bits."""


def parsed(url: str) -> SplitResult:
    """The parts of a webhook's URL. Raises ConfigError where nobody could be called there."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ConfigError(f"{url[:80]!r} is not a URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ConfigError(f"{url[:80]!r} is not a URL that begins with http:// or https://")
    if parts.username or parts.password:
        raise ConfigError("a webhook's URL holds no user name: check the signature instead")
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise ConfigError(f"{url[:80]!r} holds a blank or a control character: encode it")
    return parts


def public(address: IPAddress) -> bool:
    """Whether everybody may call it; what an IPv6 address stands for counts, too."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return public(inner)
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast
