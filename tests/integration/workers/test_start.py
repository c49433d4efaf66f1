"""A worker starts on a schema that is its own, or not at all."""

import pytest
from click.testing import CliRunner

from indexer.cli import dchat
from indexer.errors import ConfigError, SchemaError


@pytest.mark.parametrize("more", [[], ["--beat"]])
def test_a_database_that_was_never_migrated_is_refused(postgres_url: str, more: list[str]) -> None:
    words = ["worker", "--database-url", postgres_url, "--redis-url", "redis://127.0.0.1:1/0"]
    result = CliRunner().invoke(dchat, [*words, *more])
    assert isinstance(result.exception, SchemaError)
    assert "run `dchat migrate`" in str(result.exception)


def test_a_worker_that_fetches_is_told_by_whom() -> None:
    words = ["worker", "--redis-url", "redis://127.0.0.1:1/0", "--queues", "dchat.fetch"]
    result = CliRunner().invoke(dchat, words)
    assert isinstance(result.exception, ConfigError)
    assert "DCHAT_RPC_URLS is not set" in str(result.exception)
