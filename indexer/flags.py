"""What the commands share: flags for settings, and databases that run while they are in use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from indexer import log
from indexer.settings import PREFIX, Settings

F = TypeVar("F", bound=Callable[..., Any])

EVERYWHERE = ("home", "log_format", "log_level")
DATABASE = ("database_url", "rpc_patience", *EVERYWHERE)
NODE = (
    "rpc_urls",
    "deployment",
    "poll_interval",
    "rpc_timeout",
    "rpc_concurrency",
    "max_range",
    "cross_check",
)
SERVER = ("host", "port", "max_lag", "graphiql")


class Group(click.Group):
    """Lists every setting below the commands."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Settings (environment or .env; a command's flags beat them)"):
            formatter.write_dl([_described(name) for name in Settings.model_fields])


def _described(name: str) -> tuple[str, str]:
    field = Settings.model_fields[name]
    default = "" if field.default in (None, ()) else f" [default: {field.default}]"
    return f"{PREFIX}{name.upper()}", f"{field.description}{default}"


def _flag(name: str) -> Callable[[F], F]:
    variable, description = _described(name)
    flag = f"--{name.replace('_', '-')}"
    return click.option(flag, name, default=None, help=f"{description} ({variable})")


def settings_of(*names: str) -> Callable[[F], F]:
    """Gives a command a flag for each of these settings, and the Settings as its first argument."""

    def decorate(command: F) -> F:
        def run(**given: Any) -> Any:
            flags = {name: given.pop(name) for name in names}
            settings = Settings.load(**flags)
            log.configure(settings.log_level, settings.log_format)
            return command(settings, **given)

        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
        wrapped: Any = run
        for name in reversed(names):
            wrapped = _flag(name)(wrapped)
        return wrapped  # type: ignore[no-any-return]

    return decorate


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of the database: the one that is set, or else the embedded one, while in use."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    from indexer.dev.postgres import embedded_postgres

    with embedded_postgres(settings.home) as url:
        yield url


@contextmanager
def broker(settings: Settings) -> Iterator[str]:
    """The URL of Redis: the one that is set, or else the embedded one, while in use."""
    if settings.redis_url is not None:
        yield settings.redis_url
        return
    from indexer.dev.redis import embedded_redis

    with embedded_redis(settings.home) as url:
        yield url


@contextmanager
def redis(settings: Settings) -> Iterator[str | None]:
    """The URL of Redis for who can do without: the embedded one only where the database is too, as
    servers on several machines have to share theirs.
    """
    if settings.redis_url is not None or settings.database_url is None:
        with broker(settings) as url:
            yield url
        return
    told = "there is no Redis: nobody can sign in or be seen typing, and no rate is counted"
    log.get_logger(__name__).warning(told, set=f"{PREFIX}REDIS_URL")
    yield None
