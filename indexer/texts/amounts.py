"""Amounts and times as people read them."""

from datetime import UTC, datetime
from decimal import Decimal, localcontext
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale as CldrLocale
from babel.dates import format_datetime
from babel.numbers import format_decimal

from indexer.texts.catalogue import Locale

DIGITS: Final = 18
"""Of an ether, behind the point."""
PATTERN: Final = "#,##0." + "#" * DIGITS
PRECISION: Final = 100
"""Digits: 2**256 wei have 78, where Python's decimals round after 28."""
LATEST: Final = 253_402_300_799
"""The last second of the year 9999; a deadline may be any uint256."""


@cache
def cldr(locale: Locale) -> CldrLocale:
    """The rules of the language: how it writes numbers and times."""
    return CldrLocale.parse(locale.value, sep="-")


def ether(wei: int, locale: Locale) -> str:
    """The amount in ether, exactly, as the language writes numbers."""
    with localcontext(prec=PRECISION):
        return format_decimal(Decimal(wei).scaleb(-DIGITS), format=PATTERN, locale=cldr(locale))


def moment(seconds: int, locale: Locale, zone: str) -> str:
    """The time (unix seconds) in that zone, as the language writes it."""
    at = datetime.fromtimestamp(min(seconds, LATEST - 86_400), UTC)
    return format_datetime(at, "short", tzinfo=ZoneInfo(zone), locale=cldr(locale))
