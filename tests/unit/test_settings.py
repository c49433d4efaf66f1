"""The settings: what they refuse, and that people can read about each of them."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.cli import dchat
from indexer.errors import ConfigError
from indexer.settings import PREFIX, Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
NAMES = sorted(Settings.model_fields)


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_stands_in_the_example_with_its_default(name: str) -> None:
    default = Settings.model_fields[name].default
    shown = "" if default in (None, ()) else str(default)
    shown = shown.lower() if isinstance(default, bool) else shown
    lines = EXAMPLE.read_text().splitlines()
    place = lines.index(f"# {PREFIX}{name.upper()}={shown}")
    assert lines[place - 1] == f"# {Settings.model_fields[name].description}"


def test_the_example_lists_nothing_else() -> None:
    named = [line for line in EXAMPLE.read_text().splitlines() if PREFIX in line]
    assert len(named) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_help_lists_each_setting(name: str) -> None:
    assert PREFIX + name.upper() in CliRunner().invoke(dchat, ["--help"]).output


def test_flags_beat_the_environment_which_beats_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DCHAT_PORT=1001\nDCHAT_HOST=file\nDCHAT_MAX_LAG=7\n")
    monkeypatch.setenv("DCHAT_PORT", "1002")
    monkeypatch.setenv("DCHAT_HOST", "environment")
    settings = Settings.load(port="1003")
    assert (settings.port, settings.host, settings.max_lag) == (1003, "environment", 7)


def test_several_nodes_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DCHAT_RPC_URLS", " http://a:1 ,https://b,")
    assert Settings.load().rpc_urls == ("http://a:1", "https://b")


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DCHAT_DATABASE_URL", "")
    assert Settings.load().database_url is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "0"),
        ("port", "65536"),
        ("port", "eighty"),
        ("rpc_urls", "ws://node"),
        ("rpc_urls", "localhost:8545"),
        ("database_url", "mysql://here"),
        ("redis_url", "http://here"),
        ("poll_interval", "0"),
        ("rpc_timeout", "-1"),
        ("rpc_concurrency", "0"),
        ("log_format", "xml"),
        ("log_level", "loud"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), value)
    with pytest.raises(ConfigError) as caught:
        Settings.load()
    said = str(caught.value)
    assert said.startswith(f"{PREFIX}{name.upper()}=") and value in said and "\n" not in said
