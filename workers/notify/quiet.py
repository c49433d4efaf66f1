"""Quiet hours: pure, by the clock of whoever wants them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from indexer.db.preferences import Preferences


def quiet_until(of: Preferences, now: datetime) -> datetime | None:
    """When the quiet hours end that `now` is in; None where it is in none.

    They may lie across midnight. From and until the same minute is never.
    """
    if of.quiet_from is None or of.quiet_until is None or of.quiet_from == of.quiet_until:
        return None
    local = now.astimezone(ZoneInfo(of.zone))
    minute = local.hour * 60 + local.minute
    if (minute - of.quiet_from) % 1440 >= (of.quiet_until - of.quiet_from) % 1440:
        return None
    day = local.date() + timedelta(days=1 if minute >= of.quiet_until else 0)
    hour, rest = divmod(of.quiet_until, 60)
    end = datetime(day.year, day.month, day.day, hour, rest, tzinfo=local.tzinfo)
    return max(end.astimezone(UTC), now + timedelta(minutes=1))
