"""What several files of these tests stand on."""

from collections.abc import Iterator

import pytest

from tests.e2e.stack import Stack, whole_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything, with a community's past in it; its chain stands still."""
    with whole_stack(tmp_path_factory.mktemp("stack") / "home") as stack:
        yield stack
