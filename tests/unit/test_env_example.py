"""People can read about each setting: in the help, and in the example to copy."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.cli import dchat
from indexer.settings import PREFIX, Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
NAMES = sorted(Settings.model_fields)


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
