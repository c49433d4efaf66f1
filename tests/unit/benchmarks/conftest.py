"""One small chain for all of these tests."""

from pathlib import Path

import pytest

from benchmarks.chain import Recipe, chain
from tests.unit.benchmarks.history import History

SMALL = Recipe(seed=7, events=6_000, per_block=40)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chain(SMALL, tmp_path_factory.mktemp("chains"))


@pytest.fixture(scope="session")
def history(folder: Path) -> History:
    return History(folder)
