"""What is to be known of a peer: how it is built, started, and told from done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.archive import Archive
from benchmarks.chain import HERE
from indexer.events.definitions import Contract

SOURCES: Final = HERE / "peers"
WORKSHOP: Final = HERE / ".peers"
"""Where they are installed and built: what tools make is not mixed with what people wrote."""
ABIS: Final = HERE.parent / "contracts" / "abi"

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a peer is started for: a node, the chain behind it, an empty database."""

    node_url: str
    database_url: str
    archive: Archive

    def address(self, contract: Contract) -> str:
        return "0x" + self.archive.meta.address(contract).hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """An indexer of others.

    `build` runs once after the packages are installed, `prepare` before each run. `done` is a query
    that answers true once everything is indexed; None: the process ends by itself. `cached`: what
    it keeps of the node's answers outlives `forget`, so that a second run shows a warm cache.
    """

    name: str
    package: str
    command: Command
    environment: Callable[[Task], Mapping[str, str]]
    table: Callable[[str], str]
    build: tuple[Command, ...] = ()
    prepare: tuple[Command, ...] = ()
    done: str | None = None
    forget: str | None = None
    unknown: frozenset[str] = field(default_factory=frozenset)
    """The measures that it cannot know in its idiom."""

    @property
    def source(self) -> Path:
        return SOURCES / self.name.lower()

    @property
    def folder(self) -> Path:
        return WORKSHOP / self.name.lower()
