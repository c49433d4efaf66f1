"""One request to an endpoint: to a checked address, within a time, following nothing."""

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Final
from urllib.parse import SplitResult

from indexer.endpoints import parsed
from indexer.errors import Retryable
from workers.webhooks.addresses import Forbidden, checked

LONGEST_REST: Final = 3600.0
WAITING_HELPS: Final = {408, 425, 429}


class Failed(Retryable):
    """The endpoint did not take it, and may later."""


class Refused(Exception):
    """The endpoint does not want it: sending it again does not help. `status` is its answer's."""

    def __init__(self, said: str, status: int | None = None) -> None:
        super().__init__(said)
        self.status = status


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, private: bool
) -> None:
    """Sends it; an answer of 2xx is success. Raises Failed or Refused.

    `private`: whether addresses that are not public may be called.
    """
    try:
        status, rest = _exchange(parsed(url), body, headers, seconds, private)
    except Forbidden as error:
        raise Refused(str(error)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failed(f"{type(error).__name__}: {error}"[:300]) from None
    if 200 <= status < 300:
        return
    if status >= 500 or status in WAITING_HELPS:
        raise Failed(f"it answered {status}", retry_after=rest)
    raise Refused(f"it answered {status}", status)


def _exchange(
    to: SplitResult, body: bytes, headers: Mapping[str, str], seconds: float, private: bool
) -> tuple[int, float | None]:
    assert to.hostname is not None
    port = to.port or (443 if to.scheme == "https" else 80)
    address = checked(to.hostname, port, private=private)
    path = (to.path or "/") + (f"?{to.query}" if to.query else "")
    with _connected(to, address, port, seconds) as connection:
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, _rest(answer.getheader("Retry-After"))


@contextmanager
def _connected(
    to: SplitResult, address: str, port: int, seconds: float
) -> Iterator[http.client.HTTPConnection]:
    """A connection to the address, with the name's certificate; cut off after `seconds`."""
    assert to.hostname is not None
    connection = http.client.HTTPConnection(to.hostname, port, timeout=seconds)
    connection.sock = socket.create_connection((address, port), timeout=seconds)
    cut = Timer(seconds, _cut, [connection])
    cut.daemon = True
    cut.start()
    try:
        if to.scheme == "https":
            _encrypt(connection, to.hostname)
        yield connection
    finally:
        cut.cancel()
        connection.close()


def _encrypt(connection: http.client.HTTPConnection, name: str) -> None:
    connection.default_port = 443
    connection.sock = ssl.create_default_context().wrap_socket(
        connection.sock, server_hostname=name, do_handshake_on_connect=False
    )
    connection.sock.do_handshake()


def _cut(connection: http.client.HTTPConnection) -> None:
    """Ends a connection whose other side says a little now and then."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _rest(told: str | None) -> float | None:
    """The seconds that the endpoint wants to be left alone."""
    return min(float(told), LONGEST_REST) if told and told.isdecimal() else None
