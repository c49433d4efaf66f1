"""What happens, and by which channel people are told."""

from enum import Enum
from typing import Any, Final

import strawberry

from indexer.db.channels import Channel
from indexer.effects.effect import Kind


def made(name: str, members: dict[str, Any], description: str) -> Any:
    """An enum of the schema."""
    make: Any = Enum
    return strawberry.enum(make(name, members), description=description)


NotificationKind: Final[Any] = made(
    "NotificationKind", {kind.name: kind.value for kind in Kind}, "What happened."
)
NotificationChannel: Final[Any] = made(
    "NotificationChannel",
    {channel.name: channel.value for channel in Channel},
    "How somebody is told.",
)
