"""An index is worth as much as its worst day: whatever happened, it ends as the chain tells it."""

from collections import Counter
from pathlib import Path
from random import SystemRandom

import pytest

from tests.e2e.chaos import EFFECTS, ENOUGH, chaos, everything, rows
from tests.fakes.limping import Limp


def test_after_everything_at_once_the_index_is_what_the_chain_makes_it(
    tmp_path: Path, chaos_seconds: float, chaos_seed: int
) -> None:
    print(f"--chaos-seed={chaos_seed}")
    with chaos(tmp_path / "home", chaos_seed) as world:
        world.rage(chaos_seconds)
        world.settle()
        url = world.database.url
        [(reorgs,)] = rows(url, "SELECT reorg_count FROM cursor")
        faults = sum((node.seen for node in world.nodes), start=Counter[Limp]())
        print(f"{dict(world.done)}, of which the index saw {reorgs} reorgs; {dict(faults)}")
        assert reorgs > 0 and set(faults) == {*Limp}
        print(world.run("verify", "--all"))
        anew = world.anew()
        told, wanted = everything(url), everything(anew)
        for query, found in wanted.items():
            assert told[query] == found, query
        effects = sorted(rows(url, EFFECTS))
        assert effects == sorted(rows(anew, EFFECTS)), "each effect once, and none of what left"
        assert len(effects) == len(set(effects)) >= ENOUGH


@pytest.fixture
def chaos_seconds(pytestconfig: pytest.Config) -> float:
    return float(pytestconfig.getoption("--chaos-seconds"))


@pytest.fixture
def chaos_seed(pytestconfig: pytest.Config) -> int:
    """A new one each time, unless one is given."""
    given = pytestconfig.getoption("--chaos-seed")
    return SystemRandom().randrange(1 << 32) if given is None else int(given)
