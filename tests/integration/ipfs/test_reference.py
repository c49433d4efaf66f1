"""Our CIDs are those of an implementation by others."""

import random
import subprocess
from pathlib import Path

import pytest

from indexer.ipfs.building import CHUNK, WIDTH, build

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "tests" / "reference"
SIZES = [
    0,
    1,
    CHUNK - 1,
    CHUNK,
    CHUNK + 1,
    2 * CHUNK,
    10 * CHUNK + 7,
    20 << 20,
    WIDTH * CHUNK,
    WIDTH * CHUNK + 1,
]
"""Where the shape of the tree changes; 45.6 MB are the first that need two levels of links."""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder of 200 files of random size and content."""
    chance = random.Random(7)
    sizes = SIZES + [int(2 ** chance.uniform(0, 20)) for _ in range(188)]
    sizes += [chance.randrange(1 << 20, 20 << 20) for _ in range(2)]
    for number, size in enumerate(sizes):
        (tmp_path / str(number)).write_bytes(chance.randbytes(size))
    return tmp_path


def ours(path: Path, version: int) -> str:
    with path.open("rb") as file:
        return str(build(file, lambda _cid, _block: None, version=version).cid)


def test_200_files_have_the_cids_that_they_have_everywhere(files: Path) -> None:
    words = [ROOT / ".venv/bin/node", REFERENCE / "cids.js", files]
    told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=300)
    theirs = {name: cids for name, *cids in map(str.split, told.stdout.splitlines())}
    assert len(theirs) == 200
    for path in files.iterdir():
        assert [ours(path, 0), ours(path, 1)] == theirs[path.name], path.stat().st_size
