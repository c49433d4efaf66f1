"""Quiet hours: nobody is disturbed in them, and nothing waits for longer than they last."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from indexer.db.preferences import Preferences
from workers.notify.quiet import quiet_until

MINUTES = st.integers(0, 1439)
ZONES = st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Auckland"])
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def minute(at: datetime, zone: str) -> int:
    local = at.astimezone(ZoneInfo(zone))
    return local.hour * 60 + local.minute


@given(MINUTES, MINUTES, ZONES, TIMES)
def test_it_is_quiet_exactly_between_the_two_minutes(
    start: int, stop: int, zone: str, now: datetime
) -> None:
    """By the definition: walking from `start` on, minute by minute, `stop` comes after now."""
    of = Preferences(zone=zone, quiet_from=start, quiet_until=stop)
    here = minute(now, zone)
    inside = (start <= here < stop) if start <= stop else (here >= start or here < stop)
    end = quiet_until(of, now)
    assert (end is not None) == inside
    if end is not None:
        assert now < end <= now + timedelta(hours=25)


@given(MINUTES, MINUTES, ZONES, TIMES)
def test_whoever_waits_until_the_end_waits_no_more(
    start: int, stop: int, zone: str, now: datetime
) -> None:
    """Where clocks are put back, the end may come twice: within an hour it is over."""
    of = Preferences(zone=zone, quiet_from=start, quiet_until=stop)
    at, waits = now, 0
    while (end := quiet_until(of, at)) is not None:
        at, waits = end, waits + 1
        assert waits < 70
    assert at - now <= timedelta(hours=26)


def test_who_wants_no_quiet_hours_has_none() -> None:
    for of in (Preferences(), Preferences(quiet_from=60, quiet_until=60)):
        assert quiet_until(of, datetime.now(UTC)) is None
