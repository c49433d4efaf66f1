"""The one rule of the layout that must be checked before anything is imported."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

for stray in ("graphql/__init__.py", "tests/graphql", "tests/unit/graphql"):
    if (ROOT / stray).exists():
        raise pytest.UsageError(f"{stray}: delete it; it would shadow graphql-core's `graphql`")
