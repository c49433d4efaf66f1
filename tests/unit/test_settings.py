"""A wrong setting stops the start with one line that names it."""

from pathlib import Path

import pytest

from indexer.errors import ConfigError
from indexer.settings import Settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without `.env`."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_has_to_be_set() -> None:
    settings = Settings.load()
    assert (settings.rpc_urls, settings.database_url, settings.home) == ((), None, Path(".dchat"))


def test_flags_beat_the_environment_which_beats_the_file(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / ".env").write_text("DCHAT_PORT=1\nDCHAT_HOST=file\nDCHAT_LOG_LEVEL=error\n")
    monkeypatch.setenv("DCHAT_PORT", "2")
    monkeypatch.setenv("DCHAT_HOST", "environment")
    settings = Settings.load(port="3", host=None)
    assert (settings.port, settings.host, settings.log_level) == (3, "environment", "error")


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DCHAT_DATABASE_URL", "")
    monkeypatch.setenv("DCHAT_PORT", "")
    assert (Settings.load().database_url, Settings.load().port) == (None, 8000)


def test_urls_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DCHAT_RPC_URLS", "http://a, https://b/key ,")
    assert Settings.load().rpc_urls == ("http://a", "https://b/key")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("port", "0", "greater than or equal to 1"),
        ("port", "65536", "less than or equal to 65535"),
        ("port", "http", "valid integer"),
        ("rpc_urls", "ws://node", "does not begin with http:// or https://"),
        ("rpc_urls", "http://a,b", "does not begin with http:// or https://"),
        ("database_url", "mysql://x", "does not begin with postgresql://"),
        ("redis_url", "http://x", "does not begin with redis://"),
        ("poll_interval", "0", "greater than 0"),
        ("poll_interval", "nan", "finite number"),
        ("rpc_timeout", "-1", "greater than 0"),
        ("rpc_patience", "-1", "greater than or equal to 0"),
        ("rpc_patience", "inf", "finite number"),
        ("rpc_concurrency", "65", "less than or equal to 64"),
        ("max_range", "0", "greater than or equal to 1"),
        ("max_lag", "-1", "greater than or equal to 0"),
        ("pin_url", "ftp://x", "does not begin with http:// or https://"),
        ("pin_backend", "s3", "'embedded', 'kubo', 'service' or 'pinata'"),
        ("pin_timeout", "0", "greater than 0"),
        ("pin_grace", "inf", "finite number"),
        ("graphiql", "maybe", "valid boolean"),
        ("log_format", "xml", "'text' or 'json'"),
        ("log_level", "loud", "'debug'"),
    ],
)
@pytest.mark.parametrize("by", ["flag", "environment", "file"])
def test_a_wrong_value_is_named_in_one_line(
    name: str,
    value: str,
    reason: str,
    by: str,
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variable = f"DCHAT_{name.upper()}"
    if by == "file":
        (elsewhere / ".env").write_text(f"{variable}={value}\n")
    if by == "environment":
        monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError) as caught:
        Settings.load(**({name: value} if by == "flag" else {}))
    line = str(caught.value)
    assert line.startswith(variable)
    assert ("_url" in name) == (value not in line), "a URL may hold a password"
    assert reason in line
    assert "\n" not in line
