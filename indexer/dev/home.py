"""The folder of embedded data and logs (DCHAT_HOME)."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from indexer.errors import ConfigError

MARKER: Final = "dchat-home"
ROOMS: Final = ("postgres", "redis", "chain", "deployments", "logs", "run")
HARMLESS: Final = frozenset({MARKER, ".DS_Store", "ipfs", "tokens"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A folder that is ours alone; `path` is absolute."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> Self:
        """The home at `path`, made where missing; raises ConfigError if it is somebody else's."""
        home = cls(path=path.expanduser().resolve())
        try:
            home._make()
        except OSError as error:
            raise ConfigError(
                f"DCHAT_HOME={home.path}: {error.strerror}; name a folder that you can write to"
            ) from None
        return home

    def _make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self._refuse_foreign()
        (self.path / MARKER).touch()
        for room in ROOMS:
            (self.path / room).mkdir(exist_ok=True)

    def _refuse_foreign(self) -> None:
        names = {entry.name for entry in self.path.iterdir()}
        if MARKER not in names and names - HARMLESS:
            raise ConfigError(
                f"DCHAT_HOME={self.path} holds other things and is not a dchat home; "
                "name an empty or a new folder"
            )

    def room(self, name: str) -> Path:
        """The folder of one part's data."""
        return self.path / name

    def log(self, name: str) -> Path:
        """The log file of one part."""
        return self.path / "logs" / f"{name}.log"

    def run(self, name: str) -> Path:
        """A lock or state file."""
        return self.path / "run" / name

    def wipe(self) -> None:
        """Empties our rooms but `run`, whose locks somebody may hold; nothing else is touched."""
        self._refuse_foreign()
        for room in ROOMS:
            if room != "run":
                shutil.rmtree(self.path / room, ignore_errors=False)
                (self.path / room).mkdir()


def write_private(path: Path, text: str) -> None:
    """Replaces the file by one that only we can read."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
