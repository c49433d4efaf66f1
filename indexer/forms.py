"""The forms that settings have to have: each says what is wrong without showing a secret."""

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field

from indexer.vapid_key import private_key


def begins_with(*beginnings: str) -> Callable[[str], str]:
    """A check that the value begins with one of these."""
    names = [one for one in beginnings if one != "postgres://"]

    def check(value: str) -> str:
        if not value.startswith(beginnings):
            raise ValueError(f"does not begin with {' or '.join(names)}")
        return value

    return check


def _mailbox(value: str) -> str:
    if "@" not in value or any(ord(letter) < 32 for letter in value):
        raise ValueError("is not an e-mail address, such as dchat <dchat@example.org>")
    return value


def _push_key(value: str) -> str:
    private_key(value)
    return value


Http = Annotated[str, AfterValidator(begins_with("http://", "https://"))]
Postgres = Annotated[str, AfterValidator(begins_with("postgresql://", "postgres://"))]
Redis = Annotated[str, AfterValidator(begins_with("redis://", "rediss://", "unix://"))]
Smtp = Annotated[str, AfterValidator(begins_with("smtp://", "smtps://"))]
Contact = Annotated[str, AfterValidator(begins_with("mailto:", "https://"))]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
PushKey = Annotated[str, AfterValidator(_push_key)]
Span = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""Seconds, perhaps none."""
Life = Annotated[float, Field(ge=1, allow_inf_nan=False)]
"""Seconds that something lasts."""
Lease = Annotated[float, Field(ge=1, le=3600, allow_inf_nan=False)]
"""Seconds that somebody may take."""
Timeout = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
"""Seconds after which something is given up or looked at again."""
