"""Who runs Postgres, which refuses to run as root."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from indexer.dev.process import OURSELVES, Identity
from indexer.errors import ConfigError

NOBODY: Final = "nobody"
MAPPED: Final = ("unshare", "--user", "--map-user=65534", "--map-group=65534")


def unprivileged(program: Path, data: Path) -> Identity:
    """We where we are not root; else nobody where it reaches program and data; else ourselves under
    another name (a user namespace). Raises ConfigError where none of these works."""
    if os.geteuid() != 0:
        return OURSELVES
    for identity in _choices(data):
        if _can_run(program, identity):
            return identity
    raise ConfigError(
        f"Postgres does not run as root, and user {NOBODY} cannot reach {program} or {data}: "
        "run dchat as an ordinary user, or move the repository and DCHAT_HOME out of private "
        "folders, or set DCHAT_DATABASE_URL"
    )


def _choices(data: Path) -> Iterable[Identity]:
    uid = _uid_of(NOBODY)
    if uid is not None and enterable(data.parent, uid):
        yield Identity(uid=uid)
    if sys.platform == "linux" and shutil.which(MAPPED[0]):
        yield Identity(prefix=MAPPED)


def _uid_of(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def enterable(folder: Path, uid: int) -> bool:
    """Whether a user without groups may pass through the folder and all that it lies in."""
    return all(_passes(each.stat(), uid) for each in (folder, *folder.parents))


def _passes(found: os.stat_result, uid: int) -> bool:
    needed = stat.S_IXUSR if found.st_uid == uid else stat.S_IXOTH
    return bool(found.st_mode & needed)


def _can_run(program: Path, identity: Identity) -> bool:
    try:
        tried = subprocess.run(
            [*identity.prefix, str(program), "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            user=identity.uid,
            group=identity.uid,
            extra_groups=None if identity.uid is None else [],
            check=False,
        )
    except (PermissionError, FileNotFoundError):
        return False
    return tried.returncode == 0


def give(path: Path, identity: Identity) -> None:
    """Makes a file, or a folder and all in it, belong to whom Postgres runs as."""
    owner = os.geteuid() if identity.uid is None else identity.uid
    if os.geteuid() != 0 or path.stat().st_uid == owner:
        return
    for root, _, files in os.walk(path, topdown=False):
        for each in (*(Path(root, name) for name in files), Path(root)):
            os.chown(each, owner, owner, follow_symlinks=False)
    os.chown(path, owner, owner)
