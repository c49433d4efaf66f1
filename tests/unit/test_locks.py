"""Every package is locked, with hashes, and the two locks agree."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;\\]+)(?P<rest>.*)$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
LOCKS = ("development", "runtime", "benchmarks")


def lines(lock: str) -> list[str]:
    text = (ROOT / f"requirements/{lock}.lock").read_text()
    return [line for line in text.splitlines() if not line.startswith("#")]


def pins(lock: str) -> set[tuple[str, str]]:
    """Normalised name, and version with condition; a name may have one for each platform."""
    found = (PIN.match(line) for line in lines(lock))
    return {(pin["name"], pin["version"] + pin["rest"].rstrip("\\ ")) for pin in found if pin}


def locked(lock: str) -> set[str]:
    return {name for name, _ in pins(lock)}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def names(requirements: list[str]) -> set[str]:
    """Normalised as PEP 503 does."""
    bare = (re.split(r"[\[<>=;! ]", requirement)[0] for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in bare}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_only_exact_versions_with_hashes(lock: str) -> None:
    text = lines(lock)
    assert [line for line in text if not (PIN.match(line) or HASH.match(line))] == []
    unhashed = [
        line
        for line, following in zip(text, [*text[1:], ""], strict=True)
        if PIN.match(line) and not HASH.match(following)
    ]
    assert unhashed == []


def test_the_runtime_lock_is_part_of_the_development_lock() -> None:
    assert pins("runtime") <= pins("development")


def test_every_declared_package_is_locked() -> None:
    declared = project()
    runtime = names(declared["project"]["dependencies"] + declared["build-system"]["requires"])
    embedded = names(declared["project"]["optional-dependencies"]["embedded"])
    development = names(declared["dependency-groups"]["dev"])
    assert runtime <= locked("runtime")
    assert runtime | embedded | development <= locked("development")
    assert names(declared["dependency-groups"]["bench"]) <= locked("benchmarks")
