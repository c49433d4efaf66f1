"""The peers' npm packages: installed from their locks when they are measured, never by setup."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.peers.peer import Command, Peer
from benchmarks.program import Failed

LONGEST: Final = 900
"""Seconds that an installation may take."""

INSTALL: Final = (*("npm", "install", "--no-save", "--include=dev", "--loglevel=error"),)
"""What the lock says. `npm ci` refuses a lock that does not name the packages of all platforms."""


class Unavailable(Failed):
    """The peer cannot be run here."""


def environment(peer: Peer, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our environment with the Node of `make setup` and the peer's programs first in the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DCHAT_")}
    node, programs = Path(sys.executable).parent, peer.folder / "node_modules" / ".bin"
    own = peer.folder / "bin"
    path = f"{own}:{programs}:{node}:{kept.get('PATH', '')}"
    quiet = {"DO_NOT_TRACK": "1", "CI": "true"}
    return {**kept, **quiet, "PATH": path, **(more or {})}


def install(peer: Peer) -> None:
    """Builds the peer; installs its packages where its lock is another than at the last time."""
    shutil.copytree(peer.source, peer.folder, dirs_exist_ok=True)
    wanted = (peer.source / "package-lock.json").read_bytes()
    stamp = peer.folder / "node_modules" / ".locked"
    if not stamp.exists() or stamp.read_bytes() != wanted:
        execute(peer, INSTALL)
        stamp.write_bytes(wanted)
    for command in peer.build:
        execute(peer, command)


def execute(peer: Peer, command: Command, more: Mapping[str, str] | None = None) -> None:
    """Runs a command in the peer's folder. Raises Unavailable with its words where it fails."""
    told = environment(peer, more)
    try:
        done = subprocess.run(
            command,
            cwd=peer.folder,
            env=told,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{peer.name}: {error}") from None
    if done.returncode:
        lines = done.stdout.decode(errors="replace").strip().splitlines()[-20:]
        raise Unavailable("\n".join([f"{peer.name}: `{' '.join(command)}` failed:", *lines]))
