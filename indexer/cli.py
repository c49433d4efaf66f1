"""The command `dchat`: one verb a command, one line for each error, `--help` that teaches."""

import sys
from pathlib import Path
from typing import Any

import click

from indexer import __version__
from indexer.commands.ipfs import ipfs
from indexer.commands.outbox import outbox
from indexer.commands.webhooks import webhooks
from indexer.ending import end_by_signals
from indexer.errors import ConfigError, DchatError
from indexer.flags import DATABASE, NODE, SERVER, Group, broker, database, redis, settings_of
from indexer.settings import Settings


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dchat")
def dchat() -> None:
    """An index of a group chat's on-chain life, and the GraphQL API over it.

    `dchat up` runs everything on this machine. A deployment of one's own runs `dchat migrate` once,
    then `dchat index`, `dchat serve` and `dchat worker`.
    """


@dchat.command()
@settings_of(*DATABASE, "redis_url", *NODE, "audit_interval", *SERVER)
@click.option("--fresh", is_flag=True, help="delete the embedded data first")
def up(settings: Settings, fresh: bool) -> None:
    """Run it all: databases, a dev chain with a community on it, the index and the API.

    With DCHAT_RPC_URLS and DCHAT_DEPLOYMENT set, that chain is followed instead of a dev chain.
    """
    from indexer.dev.up import up as run

    run(settings, fresh=fresh)


@dchat.command()
@settings_of(*DATABASE, *NODE, "audit_interval", "redis_url", "fetchers", "fetch_lease")
@click.option("--to-block", type=click.IntRange(min=0), help="stop after this block")
@click.option("--once", is_flag=True, help="stop at the head")
@click.option("--no-audit", is_flag=True, help="do not compare with the contracts' state")
def index(settings: Settings, to_block: int | None, once: bool, no_audit: bool) -> None:
    """Follow the chain into Postgres, from the deployment's first block to the head and on.

    Some changes have no event. They are seen by watching calls near the head, and otherwise by an
    audit: of everything once history is in, and of a slice of it every so often.

    With `--fetchers celery` history is fetched by the processes of `dchat worker --queues
    dchat.fetch`, on any machines, --rpc-concurrency stretches at once; this process writes, and
    fetches what none of them gives. Near the head it always fetches by itself.
    """
    from indexer.commands.fetching import fetchers
    from indexer.engine import index as run

    with database(settings) as url, fetchers(settings) as carrier:
        run(settings, url, to_block=to_block, once=once, audit=not no_audit, carrier=carrier)


@dchat.command()
@settings_of(*DATABASE, "redis_url", *SERVER)
def serve(settings: Settings) -> None:
    """Serve the index over GraphQL at /graphql, with /healthz and /readyz beside it."""
    from api.app import serve as run
    from indexer.db import schema

    with database(settings) as url, redis(settings) as shared:
        schema.check(url, patience=settings.rpc_patience)
        run(settings.model_copy(update={"database_url": url, "redis_url": shared}))


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
@settings_of(*DATABASE, "rpc_urls", "rpc_timeout", "rpc_concurrency", "max_range")
@click.option("--block", type=click.IntRange(min=0), help="compare at this block [newest indexed]")
@click.option("--all", "everything", is_flag=True, help="every entity, list, block and event")
@click.option("--sample", type=click.IntRange(min=1), help="so many of each kind [default: 100]")
@click.option("--json", is_flag=True, help="print one JSON document, with every difference")
def verify(
    settings: Settings, block: int | None, everything: bool, sample: int | None, json: bool
) -> None:
    """Compare the index with the contracts' own views, and with its own facts, at one block.

    Entities, lists and money are compared with what the contracts answer at the block, every table
    with a fresh fold of the stored facts, stored blocks (and with --all every event) with the
    node's. What the node can't answer, for it has no state that old, is told as not compared. The
    index may run meanwhile; nothing is written.

    Ends with 0 where all is equal, 1 where anything differs, 66 where nothing could be compared
    with the contracts, 75 where the block left the chain meanwhile: run it again then.
    """
    from indexer.audit.verify import verify as run

    if everything and sample is not None:
        raise click.UsageError("--all and --sample exclude each other")
    some = None if everything else (sample or 100)
    with database(settings) as url:
        lines, code = run(settings, url, block=block, sample=some, json=json)
    click.echo("\n".join(lines))
    sys.exit(code)


@dchat.command()
@settings_of(*DATABASE, *NODE)
@click.option(
    "--from-block",
    type=click.IntRange(min=0),
    required=True,
    help="the first block to replay; 0: all of them",
)
@click.option(
    "--to-block",
    type=click.IntRange(min=0),
    help="the last one (default: the newest that is indexed)",
)
@click.option("--refetch", is_flag=True, help="from facts fetched anew instead of the stored ones")
@click.option("--shadow", is_flag=True, help="only compare the outcome with what is served")
@click.option("--swap", is_flag=True, help="with --shadow: then serve the outcome")
@click.option("--fresh", is_flag=True, help="do not go on with what an interrupted replay has left")
def replay(settings: Settings, **asked: Any) -> None:
    """Derive the projections again, from block --from-block on.

    Facts (events with their causes, observations) stay as they are, and no node is needed. The
    tables are made beside the served ones, while the index follows the chain and the API answers,
    and take their place in one short transaction. Events that an older dchat could not decode and
    this one can are counted as decoded from then on.

    With --shadow the outcome is compared with what is served, table by table, at one block; it is
    served only with --swap. With --refetch everything from --from-block on is taken back and
    fetched from the node again, as after a reorg; no other indexer may run. With both, the events
    are fetched beside the stored ones, and compared too.

    Interrupted anywhere, the same command goes on; a --refetch goes on with `dchat index`.

    Ends with 0 where all is equal or the outcome is served, with 1 where --shadow found
    differences, with 75 where another process is in the way.
    """
    from indexer.replaying import replay as run

    with database(settings) as url:
        code = run(settings, url, **asked)
    sys.exit(code)


@dchat.command()
@settings_of(*DATABASE, "rpc_urls", "rpc_timeout")
@click.option(
    "--to-block", type=click.IntRange(min=0), required=True, help="the block to go back to"
)
def rewind(settings: Settings, to_block: int) -> None:
    """Take the index back to a block, facts and projections, as if it had just got there.

    `dchat index` then goes on from there. Stop it before: ends with 75 while an indexer runs.
    A backfill does not keep every block. Where block --to-block was not kept a node is asked for
    its hash, if DCHAT_RPC_URLS names one; else the index goes back to the nearest block below that
    was kept, and says so: nothing happened in between.
    """
    from indexer.sync.rewind import rewind as run

    with database(settings) as url:
        click.echo(run(settings, url, to_block))


@dchat.command()
@settings_of(*DATABASE, "redis_url", "rpc_urls", "effects_lease", "webhook_private")
@click.option("--beat", is_flag=True, help="send the scheduled tasks instead of working them off")
@click.option("--concurrency", default=2, show_default=True, help="processes that work")
@click.option("--queues", help="work off only these, comma-separated [default: all]")
def worker(settings: Settings, beat: bool, concurrency: int, queues: str | None) -> None:
    """Work off tasks from Redis, and send to Redis what is due in the outbox.

    `--beat` sends the scheduled tasks instead, in one process of its own. Queues: dchat
    (housekeeping), dchat.people (notifications), dchat.push (browsers), dchat.webhooks, dchat.mail,
    dchat.ipfs (content). `--queues dchat.fetch` fetches history for `dchat index --fetchers
    celery`, and is in no default; alone it needs DCHAT_RPC_URLS and Redis, and no Postgres.
    """
    from indexer.commands.fetching import giver, reaching
    from indexer.db import schema
    from workers import app
    from workers.terms import Terms

    chosen = queues or ",".join(app.QUEUES)
    with reaching(settings, chosen) as url, broker(settings) as redis:
        if url:
            schema.check(url, patience=settings.rpc_patience)
        if beat:
            settings.home.mkdir(parents=True, exist_ok=True)
            schedule = str(settings.home / "beat-schedule")
            app.beat(redis, url, level=settings.log_level, schedule=schedule)
        else:
            terms = Terms.of(settings)
            app.work(
                redis,
                url,
                level=settings.log_level,
                concurrency=concurrency,
                queues=chosen,
                terms=terms,
                settings=settings,
                give=giver(settings, chosen),
            )


@dchat.command("push-key")
def push_key() -> None:
    """Print a new DCHAT_VAPID_KEY, by which push services know this installation.

    Workers and the API need the same one. Browsers that subscribed with another have to subscribe
    anew, so keep it.
    """
    from indexer.vapid_key import new_key

    click.echo(new_key())


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


dchat.add_command(ipfs)
dchat.add_command(outbox)
dchat.add_command(webhooks)


def main() -> None:
    """Runs the command line; every error of ours is one line and an exit code of its own."""
    came = end_by_signals()
    try:
        dchat(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(0 if came else 130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except DchatError as error:
        click.echo(f"dchat: {error}", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
