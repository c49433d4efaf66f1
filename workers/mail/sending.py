"""One mail to the server that is set."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from indexer.errors import ConfigError, Retryable

SECONDS: Final = 20.0


class NotSent(Retryable):
    """The server did not take it, and may later."""


class NoServer(NotSent):
    """It takes no mail at all: nobody is there, or does not let us in."""


class NoSuchMailbox(Exception):
    """The server says that nobody is there."""


class Smtp:
    """Connections by a URL: `smtp://` with STARTTLS where offered, `smtps://` from the start.

    Certificates are checked by the authorities of the system, or those that SSL_CERT_FILE names. A
    password goes to another machine only if nobody in between can read it.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.hostname is None:
            raise ConfigError("DCHAT_SMTP_URL names no host")
        self._host, self._secure = parts.hostname, parts.scheme == "smtps"
        self._port = parts.port or (465 if self._secure else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._kept: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        """Keeps its connection from one mail to the next, until it is left."""
        return self

    def __exit__(self, *_: object) -> None:
        if self._kept is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._kept.quit()
            self._drop()

    def send(self, mail: EmailMessage) -> None:
        """Raises NotSent or NoSuchMailbox."""
        server = self._server()
        try:
            server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(error) from None
        except smtplib.SMTPSenderRefused as error:
            raise NoServer(f"it refuses DCHAT_MAIL_FROM: {_said(error)}") from None
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise NotSent(f"{type(error).__name__}: {error}"[:300]) from None

    def _server(self) -> smtplib.SMTP:
        """The connection: the one before, if it still answers, or a new one."""
        if self._kept is not None and not _answers(self._kept):
            self._drop()
        if self._kept is None:
            try:
                self._kept = self._called()
                self._introduce(self._kept)
            except (smtplib.SMTPException, OSError, UnicodeError) as error:
                self._drop()
                raise NoServer(f"{self._host}:{self._port}: {self._why(error)}"[:300]) from None
        return self._kept

    def _drop(self) -> None:
        if self._kept is not None:
            self._kept.close()
        self._kept = None

    def _called(self) -> smtplib.SMTP:
        if not self._secure:
            return smtplib.SMTP(self._host, self._port, timeout=SECONDS)
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(self._host, self._port, timeout=SECONDS, context=context)

    def _introduce(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if not self._secure and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif not self._secure and self._user and not self._here(server):
            raise smtplib.SMTPException(
                "it offers no STARTTLS, so the password of DCHAT_SMTP_URL is kept from it: use "
                "smtps://, or a URL without user and password"
            )
        if self._user:
            server.login(self._user, self._password)

    @staticmethod
    def _here(server: smtplib.SMTP) -> bool:
        """Whether it is on this machine."""
        assert server.sock is not None
        return ip_address(server.sock.getpeername()[0]).is_loopback

    def _why(self, error: Exception) -> str:
        """What happened, and what to look at."""
        match error:
            case ssl.SSLCertVerificationError():
                return (
                    f"its certificate is not to be trusted ({error.verify_message}): name the host "
                    "as the certificate does, and an authority of your own by SSL_CERT_FILE"
                )
            case ssl.SSLError() if self._secure:
                return f"no TLS from the start there ({error.reason}): try smtp://, with STARTTLS"
            case smtplib.SMTPAuthenticationError():
                told = _said(error)
                return f"it refuses the user or the password of DCHAT_SMTP_URL: {told}"
            case UnicodeError():
                return "the user and the password of DCHAT_SMTP_URL have to be ASCII"
            case smtplib.SMTPNotSupportedError() | smtplib.SMTPServerDisconnected() | OSError():
                return f"{error} (DCHAT_SMTP_URL)"
        return str(error)


def _answers(server: smtplib.SMTP) -> bool:
    try:
        return server.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _said(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{error.smtp_code} {words}"[:200]


def _refused(error: smtplib.SMTPRecipientsRefused) -> NotSent | NoSuchMailbox:
    [(code, said)] = error.recipients.values()
    words = f"it answered {code} {said.decode('utf-8', 'replace')}"[:300]
    return NoSuchMailbox(words) if 500 <= code < 600 else NotSent(words)
