"""What must stay true of the repository as a whole."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE_BY_TOOLS = {"node_modules", "artifacts", "cache", "__pycache__", "build", "dist", ".git"}
SOURCE = {".py", ".sol", ".js", ".sh", ".mako"}
LONGEST = 300
VAGUE = {"utils", "util", "helpers", "helper", "manager", "service"}
# Written so that this file does not match itself.
REGISTRY = re.compile(
    r"registry\.npm[j]s|pypi\.or[g]|pythonhosted\.or[g]|registry\.yarn[p]kg|ghcr\.i[o]|docker\.i[o]"
)
HOME = re.compile(r"/(?:hom[e]|User[s])/\w|(?<![\w.*])/roo[t]/")


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file that belongs to the repository; no link is followed."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name in MADE_BY_TOOLS or is_private(path):
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def is_private(path: Path) -> bool:
    """Whether it is a hidden folder of a tool, or somebody's own settings."""
    return path.name == ".env" or (
        path.is_dir() and path.name.startswith(".") and path.name not in {".ci", ".github"}
    )


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def naming(pattern: re.Pattern[str]) -> list[str]:
    """The lines that match, as `file:line`."""
    return [
        f"{name(path)}:{number}"
        for path in files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def test_the_walk_sees_the_repository() -> None:
    seen = {name(path) for path in files()}
    assert {"pyproject.toml", "indexer/settings.py", ".ci/run", "requirements/runtime.lock"} <= seen
    assert not any(path.startswith((".venv", "hardhat/node_modules")) for path in seen)


def test_no_source_file_is_longer_than_300_lines() -> None:
    lengths = {
        name(path): len(path.read_text().splitlines()) for path in files() if path.suffix in SOURCE
    }
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_graphql_is_a_folder_and_never_a_package() -> None:
    assert not (ROOT / "graphql/__init__.py").exists()
    folders = (path for path in (ROOT / "tests").rglob("graphql") if path.is_dir())
    assert all("node_modules" in folder.parts for folder in folders)


def test_modules_are_named_by_what_they_hold() -> None:
    assert [name(path) for path in files() if path.suffix == ".py" and path.stem in VAGUE] == []


def test_no_file_names_a_registry() -> None:
    assert naming(REGISTRY) == []


def test_no_file_names_somebody_s_home() -> None:
    assert naming(HOME) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (REGISTRY, "https://registry.npm" + "js.org/mocha"),
        (REGISTRY, "--index-url https://pypi.or" + "g/simple"),
        (HOME, "cd /hom" + "e/ada/dchat"),
        (HOME, "PATH=/roo" + "t/.local/bin"),
        (HOME, "open /User" + "s/ada"),
    ],
)
def test_a_named_registry_or_home_is_seen(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


def test_every_make_target_explains_itself() -> None:
    makefile = (ROOT / "Makefile").read_text()
    declared = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert declared
    explained = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.M))
    assert set(declared[1].split()) == explained
