"""Settings: the only reader of the environment. Flags beat the environment, which beats `.env`."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from indexer.errors import ConfigError
from indexer.forms import (
    Contact,
    Http,
    Lease,
    Life,
    Mailbox,
    Postgres,
    PushKey,
    Redis,
    Smtp,
    Span,
    Timeout,
)

PREFIX = "DCHAT_"
ORIGIN = re.compile(r"https?://[^/?#\s]+")


class Settings(BaseSettings):
    """Everything that can be set, with its default. `dchat --help` shows the descriptions."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    rpc_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="JSON-RPC endpoints, comma-separated; the healthiest is used",
    )
    deployment: str | None = Field(
        default=None, description="chain id, name or path of a deployments file"
    )
    database_url: Postgres | None = Field(
        default=None, description="postgresql://…; unset: an embedded Postgres under the home"
    )
    redis_url: Redis | None = Field(
        default=None, description="redis://…; unset: an embedded Redis under the home"
    )
    home: Path = Field(default=Path(".dchat"), description="folder of embedded data and logs")
    host: str = Field(default="127.0.0.1", description="address that the API listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="port that the API listens on")
    poll_interval: Timeout = Field(
        default=0.25,
        description="seconds between two looks at the head, where no node announces blocks",
    )
    rpc_timeout: Timeout = Field(
        default=30,
        description="seconds that one request may take",
    )
    rpc_patience: Span = Field(
        default=300,
        description="seconds that an unreachable node or database is waited for",
    )
    rpc_concurrency: int = Field(
        default=4, ge=1, le=64, description="requests to nodes under way at once"
    )
    max_range: int = Field(default=100_000, ge=1, description="blocks asked for at once, at most")
    cross_check: bool = Field(
        default=True, description="ask a second endpoint, where there is one, for the same logs"
    )
    fetchers: Literal["local", "celery"] = Field(
        default="local",
        description="who fetches history: the indexer itself, or workers of the queue dchat.fetch",
    )
    fetch_lease: Lease = Field(
        default=30,
        description="seconds after which a stretch of history that no worker gave is asked again",
    )
    audit_interval: float = Field(
        default=60,
        ge=0,
        le=86_400,
        allow_inf_nan=False,
        description="seconds between two slices of the audit at the finalized block, 0 for none",
    )
    effects_age: Span = Field(
        default=86_400,
        description="seconds that a block may be old and still notify somebody, 0 for none",
    )
    effects_lease: Lease = Field(
        default=60,
        description="seconds after which an effect that nobody finished is begun again",
    )
    webhook_private: bool = Field(
        default=False,
        description="let webhooks go to private addresses: for development, never in production",
    )
    vapid_key: PushKey | None = Field(
        default=None,
        description="private key by which push services know us: `dchat push-key` makes one; "
        "unset: no browser is told",
    )
    vapid_contact: Contact = Field(
        default="mailto:nobody@example.invalid",
        description="where push services can reach who runs this: mailto: or https:",
    )
    smtp_url: Smtp | None = Field(
        default=None,
        description="smtp://user:password@host:587 (STARTTLS where offered) or smtps://…; "
        "unset: no e-mail is sent",
    )
    mail_from: Mailbox = Field(
        default="dchat <dchat@example.invalid>", description="sender of e-mails"
    )
    public_url: Http = Field(
        default="http://127.0.0.1:8000",
        description="URL at which people reach the API, for links in e-mails",
    )
    max_lag: int = Field(
        default=20, ge=0, description="blocks behind the head at which /readyz still says ready"
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="origins whose pages may use the API, comma-separated, or * for all",
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="proxies whose X-Forwarded headers count, comma-separated, or * for all",
    )
    max_body: int = Field(
        default=262_144, ge=1024, description="bytes of a request or a message to the API, at most"
    )
    max_rows: int = Field(
        default=50_000, ge=1, description="rows that one GraphQL operation could touch, at most"
    )
    rate_limit: int = Field(
        default=1000,
        ge=0,
        description="GraphQL operations a minute of one client address, 0 for any number",
    )
    max_subscriptions: int = Field(
        default=1000,
        ge=1,
        description="subscriptions and WebSockets of one client address at an API process, at most",
    )
    sign_in_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="domains whose pages people may sign in at, comma-separated; unset: those of "
        "the CORS origins, and this machine's",
    )
    sign_in_limit: int = Field(
        default=100,
        ge=0,
        description="sign-ins and refreshes a minute of one client address, 0 for any number",
    )
    token_secrets: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="secrets of access tokens, comma-separated: the first signs, all are taken; "
        "unset: one that is kept under the home",
    )
    access_life: float = Field(
        default=900, ge=1, le=86_400, description="seconds that an access token is good for"
    )
    session_life: Life = Field(
        default=2_592_000,
        description="seconds that a session lasts without being refreshed",
    )
    message_life: Span = Field(
        default=0, description="seconds that messages are kept, by whole months, 0 for ever"
    )
    documents: Path | None = Field(
        default=None,
        description="folder or JSON file of GraphQL documents that clients may name by sha256",
    )
    only_documents: bool = Field(
        default=False, description="refuse all GraphQL documents but those that may be named so"
    )
    introspection: bool = Field(default=True, description="tell clients the GraphQL schema")
    graphiql: bool = Field(default=True, description="serve GraphiQL to browsers at /graphql")
    ipfs_path: Path | None = Field(
        default=None, description="folder of IPFS blocks; unset: ipfs under the home"
    )
    ipfs_gateways: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="trustless IPFS gateways that content is fetched from, comma-separated",
    )
    pin_backend: Literal["embedded", "kubo", "service", "pinata"] = Field(
        default="embedded", description="who keeps content, besides the folder of IPFS blocks"
    )
    pin_url: Http | None = Field(
        default=None, description="URL of Kubo's RPC API, or of the pinning service"
    )
    pin_token: str | None = Field(
        default=None, description="access token of the pinning service or of Pinata"
    )
    pin_service_tokens: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="access tokens of those who may have content pinned at /pins, comma-separated",
    )
    pin_max_size: int = Field(
        default=104_857_600, ge=1, description="bytes of one pinned content, at most"
    )
    file_max_size: int = Field(
        default=104_857_600, ge=1, description="bytes of one file that somebody uploads, at most"
    )
    file_quota: int = Field(
        default=1_073_741_824, ge=1, description="bytes of all files of one address, at most"
    )
    upload_life: Life = Field(
        default=86_400,
        description="seconds that an upload that was begun may take",
    )
    pin_timeout: Timeout = Field(
        default=120,
        description="seconds that fetching or pinning one content may take",
    )
    pin_grace: Span = Field(
        default=604_800,
        description="seconds that content stays pinned after nothing refers to it any more",
    )
    log_format: Literal["text", "json"] = Field(default="text", description="how logs look")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="the least severe line that is logged"
    )

    @field_validator(
        "rpc_urls",
        "cors_origins",
        "ipfs_gateways",
        "sign_in_domains",
        "token_secrets",
        "pin_service_tokens",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("rpc_urls", "ipfs_gateways")
    @classmethod
    def _http(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for place, url in enumerate(value, 1):
            if not url.startswith(("http://", "https://")):
                raise ValueError(f"URL {place} does not begin with http:// or https://")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*" and not ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is not an origin, such as https://app.example.org")
        return value

    @field_validator("token_secrets", "pin_service_tokens")
    @classmethod
    def _long(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(secret) < 32 for secret in value):
            raise ValueError("a secret has less than 32 characters")
        return value

    @property
    def ipfs_folder(self) -> Path:
        """Where the blocks are."""
        return self.ipfs_path or self.home / "ipfs"

    @property
    def private_folder(self) -> Path:
        """Where the blocks of private files are: no gateway looks there."""
        return self.ipfs_folder / "private"

    @property
    def uploads_folder(self) -> Path:
        """Where files come in."""
        return self.ipfs_folder / "uploads"

    @classmethod
    def load(cls, **flags: Any) -> Self:
        """Flags over environment over `.env`. Raises ConfigError naming the first wrong one."""
        try:
            return cls(**{name: value for name, value in flags.items() if value is not None})
        except ValidationError as error:
            raise ConfigError(_one_line(error)) from None


def _one_line(error: ValidationError) -> str:
    """What is wrong with the first wrong setting; a URL is not shown, as it may hold a password."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    shown = not any(part in name for part in ("_url", "_key", "secret", "token"))
    value = f"={first['input']!r}" if shown else ""
    reason = first["msg"].removeprefix("Value error, ")
    return f"{PREFIX}{name.upper()}{value}: {reason} (see `dchat --help`)"
