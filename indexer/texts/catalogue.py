"""Messages by language: one Fluent file each, read when the language is first asked for."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from fluent.runtime import FluentBundle, FluentResource

FOLDER: Final = Path(__file__).parent / "catalogues"


class Locale(StrEnum):
    """The languages of the product, as BCP 47 writes them; each has a catalogue of that name."""

    ENGLISH = "en"
    CHINESE_SIMPLIFIED = "zh-Hans"
    CHINESE_TRADITIONAL = "zh-Hant"
    SPANISH = "es"
    ARABIC = "ar"
    RUSSIAN = "ru"
    JAPANESE = "ja"
    KOREAN = "ko"


@cache
def bundle(locale: Locale) -> FluentBundle:
    """The language's messages."""
    made = FluentBundle([locale.value])
    made.add_resource(FluentResource((FOLDER / f"{locale}.ftl").read_text("utf-8")))
    return made


def say(locale: Locale, message: str, **arguments: Any) -> str:
    """The message in that language.

    Raises LookupError where it needs something that is not given. What is put in is isolated
    (U+2068, U+2069), so that a name from right to left leaves the rest in its order.
    """
    messages = bundle(locale)
    pattern = messages.get_message(message).value
    if pattern is None:
        raise LookupError(f"{message} has no text in {locale}")
    said, errors = messages.format_pattern(pattern, arguments)
    if errors:
        raise LookupError(f"{message} in {locale}: {errors[0]}")
    return str(said)
