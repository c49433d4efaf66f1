"""What holds for all tests: one rule of the layout, checked before anything is imported, the depth
of recursion, what the garbage collector walks through, and the options."""

import gc
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RECURSION = sys.getrecursionlimit()

for stray in ("graphql/__init__.py", "tests/graphql", "tests/unit/graphql"):
    if (ROOT / stray).exists():
        raise pytest.UsageError(f"{stray}: delete it; it would shadow graphql-core's `graphql`")

gc.disable()  # until everything is imported, of which nothing is garbage


def pytest_collection_finish() -> None:
    """Undoes what py_ecc, which web3 imports, does to the whole process: with its limit of 100,000
    frames, a parser that is given a bottomless document runs out of stack and dies."""
    sys.setrecursionlimit(RECURSION)
    gc.freeze()  # what was imported stays: no test's collections walk through it
    gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the chaos of tests/e2e/test_chaos.py lasts, and which one it is."""
    group = parser.getgroup("dchat")
    group.addoption("--chaos-seconds", type=float, default=30.0, help="how long chaos lasts [30]")
    group.addoption("--chaos-seed", type=int, help="which chaos: the seed that a run has printed")
