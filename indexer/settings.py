"""Settings: the only reader of the environment. Flags beat the environment, which beats `.env`."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from indexer.errors import ConfigError

PREFIX = "DCHAT_"


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
    database_url: str | None = Field(
        default=None, description="postgresql://…; unset: an embedded Postgres under the home"
    )
    redis_url: str | None = Field(
        default=None, description="redis://…; unset: an embedded Redis under the home"
    )
    home: Path = Field(default=Path(".dchat"), description="folder of embedded data and logs")
    host: str = Field(default="127.0.0.1", description="address that the API listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="port that the API listens on")
    poll_interval: float = Field(
        default=0.25,
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="seconds between two looks at the head",
    )
    rpc_timeout: float = Field(
        default=30,
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="seconds that one request may take",
    )
    rpc_patience: float = Field(
        default=300,
        ge=0,
        allow_inf_nan=False,
        description="seconds that an unreachable node or database is waited for",
    )
    rpc_concurrency: int = Field(
        default=4, ge=1, le=64, description="requests to nodes under way at once"
    )
    max_range: int = Field(default=100_000, ge=1, description="blocks asked for at once, at most")
    max_lag: int = Field(
        default=20, ge=0, description="blocks behind the head at which /readyz still says ready"
    )
    graphiql: bool = Field(default=True, description="serve GraphiQL to browsers at /graphql")
    log_format: Literal["text", "json"] = Field(default="text", description="how logs look")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="the least severe line that is logged"
    )

    @field_validator("rpc_urls", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("rpc_urls")
    @classmethod
    def _http(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for place, url in enumerate(value, 1):
            if not url.startswith(("http://", "https://")):
                raise ValueError(f"URL {place} does not begin with http:// or https://")
        return value

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("does not begin with postgresql://")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("does not begin with redis://")
        return value

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
    value = "" if "_url" in name else f"={first['input']!r}"
    reason = first["msg"].removeprefix("Value error, ")
    return f"{PREFIX}{name.upper()}{value}: {reason} (see `dchat --help`)"
