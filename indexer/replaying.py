"""`dchat replay`: which of the ways is meant, and what it came to."""

from collections.abc import Callable

import click

from indexer.settings import Settings
from indexer.sync.collector import spare_the_collector
from indexer.sync.progress import Progress
from indexer.sync.replay import Asked, Replay
from indexer.sync.shadow import Shadow
from indexer.sync.verdict import Verdict, lines


def replay(
    settings: Settings,
    url: str,
    *,
    from_block: int,
    to_block: int | None,
    refetch: bool,
    shadow: bool,
    swap: bool,
    fresh: bool,
) -> int:
    """Replays; returns the exit code. Raises UsageError where the flags contradict each other."""
    if swap and not shadow:
        raise click.UsageError("--swap goes with --shadow: without it the outcome is served anyway")
    if to_block is not None and to_block < from_block:
        raise click.UsageError(f"--to-block {to_block} is before --from-block {from_block}")
    if refetch and swap:
        raise click.UsageError("--swap goes with stored facts: --refetch alone serves fetched ones")
    if refetch and not shadow:
        from indexer.engine import index

        index(settings, url, to_block=to_block, once=True, anew_from=from_block)
        return 0
    asked = Asked(
        first=from_block,
        last=to_block,
        compare=shadow,
        swap=swap or not shadow,
        fresh=fresh,
        fetch=_fetching(settings, url) if refetch else None,
    )
    spare_the_collector()
    with Progress(to_block, doing="replaying") as progress:
        told = _run(settings, url, asked, progress)
    return _tell(told, asked) if told is not None else 0


def _fetching(settings: Settings, url: str) -> Callable[[Shadow, int], None]:
    from indexer.sync.fresh import Fresh

    return Fresh(settings, url).fetch


def _run(settings: Settings, url: str, asked: Asked, progress: Progress) -> Verdict | None:
    run = Replay(url, asked, progress, patience=settings.rpc_patience)
    try:
        return run.run()
    except KeyboardInterrupt:
        click.echo("interrupted: the same command goes on from here", err=True)
        raise
    finally:
        run.close()


def _tell(told: Verdict, asked: Asked) -> int:
    for line in lines(told):
        click.echo(line)
    if asked.swap:
        click.echo("what was derived is served")
        return 0
    if not told.equal:
        serves = "--swap" if asked.fetch is None else "--refetch without --shadow"
        click.echo(f"what was derived is kept: {serves} serves it, another replay drops it")
    return 0 if told.equal else 1
