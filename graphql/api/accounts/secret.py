"""The secrets that tokens are signed with."""

import os
import secrets
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from indexer.errors import ConfigError
from indexer.settings import Settings


def token_secrets(settings: Settings) -> Sequence[str]:
    """Those that are set, the first of which signs; else one that is kept under the home."""
    return settings.token_secrets or (_kept(settings.home / "tokens" / "secret"),)


def key_id(secret: str) -> str:
    """A name of the secret that tells nothing of it."""
    return sha256(b"dchat token " + secret.encode()).hexdigest()[:8]


def _kept(path: Path) -> str:
    """The secret in the file, which is made where it is missing: once, whoever else does that."""
    try:
        if not path.exists():
            _make(path)
        return path.read_text()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; set DCHAT_TOKEN_SECRETS") from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path.with_name(f".{secrets.token_hex(8)}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
