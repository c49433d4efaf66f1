"""A comparison says now and then how far it is, and on a terminal always."""

import time

import pytest
from structlog.testing import capture_logs

from indexer.audit.telling import EVERY, Telling


def test_elsewhere_than_on_a_terminal_a_line_comes_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with capture_logs() as lines, Telling(bar=False) as telling:
        telling.begin("groups", 9)
        telling.took(1, 10)
        assert lines == []
        now += EVERY + 1
        telling.took(2, 20)
        telling.took(1, 10)
    [line] = lines
    assert (line["event"], line["what"]) == ("verifying", "groups")
    assert (line["done"], line["questions"]) == (3, 30)


def test_on_a_terminal_there_is_a_bar_instead(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with capture_logs() as lines, Telling(bar=True) as telling:
        for name in ("groups", "payments"):
            telling.begin(name, 2)
            telling.took(2, 30)
    told = capsys.readouterr()
    assert "payments" in told.err and "60 questions" in told.err
    assert (told.out, lines) == ("", [])
