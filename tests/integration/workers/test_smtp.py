"""Mails go to the server that is meant, encrypted, and no password goes anywhere else."""

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.workers.processes import free_port
from workers.mail.sending import NoServer, NotSent, Smtp

USER: Final = "dchat"
PASSWORD: Final = "p@ss/word"
LOGIN: Final = "dchat:p%40ss%2Fword@"


@dataclass(slots=True)
class Server:
    """What it was given, and whether that came encrypted."""

    port: int = field(default_factory=free_port)
    passwords: list[str] = field(default_factory=list)
    mails: list[tuple[bool, bytes]] = field(default_factory=list)

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        self.passwords.append(given.password.decode())
        known = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        secure = session.ssl is not None or server.transport.get_extra_info("sslcontext")
        self.mails.append((bool(secure), envelope.content))
        return "250 OK"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Self-made, for 127.0.0.1 alone."""

    path: Path

    @property
    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    host = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = Path(tmp_path_factory.mktemp("mail")) / "mail.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + pem)
    return Certificate(path)


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))


@contextmanager
def listening(**how: Any) -> Iterator[Server]:
    server = Server()
    controller = Controller(
        server, hostname="127.0.0.1", port=server.port, authenticator=server.authenticate, **how
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@pytest.fixture
def starttls(certificate: Certificate) -> Iterator[Server]:
    how = {"tls_context": certificate.context, "require_starttls": True, "auth_required": True}
    with listening(**how) as server:
        yield server


@pytest.fixture
def smtps(certificate: Certificate) -> Iterator[Server]:
    with listening(ssl_context=certificate.context, auth_require_tls=False) as server:
        yield server


@pytest.fixture
def plain() -> Iterator[Server]:
    with listening(auth_require_tls=False) as server:
        yield server


def mail() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@dchat.example", "b@home.example", "tea"
    made.set_content("Грета drinks tea")
    return made


def send(url: str) -> None:
    with Smtp(url) as smtp:
        smtp.send(mail())


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_goes_encrypted_to_who_knows_us(
    scheme: str, starttls: Server, smtps: Server
) -> None:
    server = starttls if scheme == "smtp" else smtps
    send(f"{scheme}://{LOGIN}127.0.0.1:{server.port}")
    [(secure, content)] = server.mails
    assert secure and b"Subject: tea" in content
    assert server.passwords == [PASSWORD]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_nobody_vouches_for_is_not_told_the_password(
    scheme: str, starttls: Server, smtps: Server
) -> None:
    server = starttls if scheme == "smtp" else smtps
    with pytest.raises(NoServer, match=r"not to be trusted \(self-signed.*SSL_CERT_FILE"):
        send(f"{scheme}://{LOGIN}127.0.0.1:{server.port}")
    assert (server.passwords, server.mails) == ([], [])


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_not_believed(smtps: Server) -> None:
    with pytest.raises(NoServer, match="name the host as the certificate does"):
        send(f"smtps://{LOGIN}localhost:{smtps.port}")
    assert smtps.passwords == []


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_said_to_be_one_and_not_shown(starttls: Server) -> None:
    with pytest.raises(NoServer, match="the user or the password of DCHAT_SMTP_URL: 535") as error:
        send(f"smtp://dchat:wr0ng@127.0.0.1:{starttls.port}")
    assert "wr0ng" not in str(error.value)
    assert starttls.mails == []


def test_a_password_is_kept_from_another_machine_without_encryption(
    plain: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Smtp, "_here", staticmethod(lambda _server: False))
    with pytest.raises(NoServer, match=r"offers no STARTTLS.*smtps://"):
        send(f"smtp://{LOGIN}127.0.0.1:{plain.port}")
    assert (plain.passwords, plain.mails) == ([], [])
    send(f"smtp://127.0.0.1:{plain.port}")
    monkeypatch.undo()
    send(f"smtp://{LOGIN}127.0.0.1:{plain.port}")
    assert plain.passwords == [PASSWORD]
    assert [secure for secure, _ in plain.mails] == [False, False]


def test_who_speaks_otherwise_or_not_at_all_is_named(plain: Server) -> None:
    with pytest.raises(NoServer, match=rf":{plain.port}: no TLS from the start.*smtp://"):
        send(f"smtps://127.0.0.1:{plain.port}")
    with pytest.raises(NoServer, match=r"refused \(DCHAT_SMTP_URL\)"):
        send(f"smtp://127.0.0.1:{free_port()}")
    with pytest.raises(NoServer, match="have to be ASCII"):
        send(f"smtp://gr%C3%BCn:x@127.0.0.1:{plain.port}")


def test_mails_share_a_connection_as_long_as_it_holds(plain: Server) -> None:
    with Smtp(f"smtp://{LOGIN}127.0.0.1:{plain.port}") as smtp:
        for mails in range(1, 5):
            smtp.send(mail())
            if mails == 2:
                assert smtp._kept is not None and smtp._kept.sock is not None
                smtp._kept.sock.shutdown(socket.SHUT_RDWR)
    assert len(plain.mails) == 4
    assert plain.passwords == [PASSWORD] * 2


def test_a_refusal_of_one_mail_is_no_refusal_of_others(
    plain: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> str:
        return "452 the disk is full"

    monkeypatch.setattr(Server, "handle_DATA", full)
    with pytest.raises(NotSent, match="452") as error:
        send(f"smtp://127.0.0.1:{plain.port}")
    assert not isinstance(error.value, NoServer)
