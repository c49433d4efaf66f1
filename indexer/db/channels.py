"""The ways by which people hear of what happens."""

from enum import IntEnum
from typing import Final


class Channel(IntEnum):
    """The number is how the tables say it, and is never used again."""

    IN_APP = 0
    PUSH = 1
    EMAIL = 2
    WEBHOOK = 3


TOLD: Final = "dchat_notifications"
"""NOTIFY: with the key of an effect, people were told of it; without, something was taken back."""
