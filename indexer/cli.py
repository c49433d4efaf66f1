"""The command `dchat`: one verb a command, one line for each error, `--help` that teaches."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from indexer import __version__, log
from indexer.errors import ConfigError, DchatError
from indexer.settings import PREFIX, Settings

F = TypeVar("F", bound=Callable[..., Any])

EVERYWHERE = ("home", "log_format", "log_level")
DATABASE = ("database_url", "rpc_patience", *EVERYWHERE)
NODE = ("rpc_urls", "deployment", "poll_interval", "rpc_timeout", "rpc_concurrency", "max_range")
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


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dchat")
def dchat() -> None:
    """An index of a group chat's on-chain life, and the GraphQL API over it.

    `dchat up` runs everything on this machine. A deployment of one's own runs `dchat migrate` once,
    then `dchat index`, `dchat serve` and `dchat worker`.
    """


@dchat.command()
@settings_of(*DATABASE, "redis_url", *NODE, *SERVER)
@click.option("--fresh", is_flag=True, help="delete the embedded data first")
def up(settings: Settings, fresh: bool) -> None:
    """Run it all: databases, a dev chain with a community on it, the index and the API.

    With DCHAT_RPC_URLS and DCHAT_DEPLOYMENT set, that chain is followed instead of a dev chain.
    """
    from indexer.dev.up import up as run

    run(settings, fresh=fresh)


@dchat.command()
@settings_of(*DATABASE, *NODE)
@click.option("--to-block", type=click.IntRange(min=0), help="stop after this block")
@click.option("--once", is_flag=True, help="stop at the head")
def index(settings: Settings, to_block: int | None, once: bool) -> None:
    """Follow the chain into Postgres, from the deployment's first block to the head and on."""
    from indexer.sync.index import index as run

    with database(settings) as url:
        run(settings, url, to_block=to_block, once=once)


@dchat.command()
@settings_of(*DATABASE, *SERVER)
def serve(settings: Settings) -> None:
    """Serve the index over GraphQL at /graphql, with /healthz and /readyz beside it."""
    from api.app import serve as run
    from indexer.db import schema

    with database(settings) as url:
        schema.check(url, patience=settings.rpc_patience)
        run(settings.model_copy(update={"database_url": url}))


@dchat.command()
@settings_of(*DATABASE)
def migrate(settings: Settings) -> None:
    """Bring the database's schema up to date."""
    from indexer.db import schema

    with database(settings) as url:
        before, after = schema.migrate(url, patience=settings.rpc_patience)
    moved = f"from {before} to {after}" if before else f"created at {after}"
    click.echo(f"schema {after}: nothing to do" if before == after else f"schema {moved}")


@dchat.command()
@settings_of(*DATABASE)
def status(settings: Settings) -> None:
    """Say where the index stands."""
    from indexer.db import schema
    from indexer.sync.status import status as tell

    with database(settings) as url:
        schema.check(url)
        for line in tell(url):
            click.echo(line)


@dchat.command()
@settings_of(*DATABASE, "redis_url")
@click.option("--beat", is_flag=True, help="send the scheduled tasks instead of working them off")
@click.option("--concurrency", default=2, show_default=True, help="processes that work")
def worker(settings: Settings, beat: bool, concurrency: int) -> None:
    """Work off tasks from Redis; `--beat` sends the scheduled ones, in one process of its own."""
    from indexer.db import schema
    from workers import app

    with database(settings) as url, broker(settings) as redis:
        schema.check(url, patience=settings.rpc_patience)
        if beat:
            settings.home.mkdir(parents=True, exist_ok=True)
            schedule = str(settings.home / "beat-schedule")
            app.beat(redis, url, level=settings.log_level, schedule=schedule)
        else:
            app.work(redis, url, level=settings.log_level, concurrency=concurrency)


@dchat.command()
@settings_of("rpc_urls", "deployment", "log_format", "log_level")
@click.option("--seed", default=1, show_default=True, help="which community")
@click.option("--pace", default=1.0, show_default=True, help="seconds between two of its actions")
def community(settings: Settings, seed: int, pace: float) -> None:
    """Simulate people who use the contracts of a dev chain, so that there is something to see."""
    import asyncio

    from indexer.dev.community import run

    if not settings.rpc_urls or not settings.deployment:
        raise ConfigError("a community needs DCHAT_RPC_URLS and DCHAT_DEPLOYMENT (a file's path)")
    asyncio.run(run(settings.rpc_urls[0], Path(settings.deployment), seed, pace))


def main() -> None:
    """Runs the command line; every error of ours is one line and an exit code of its own."""
    asked: list[int] = []

    def stop(number: int, _: object) -> None:
        asked.append(number)
        signal.raise_signal(signal.SIGINT)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        dchat(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(0 if asked else 130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except DchatError as error:
        click.echo(f"dchat: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
