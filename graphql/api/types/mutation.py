"""The root of all changes, put together from those of each part."""

from typing import Any, Final

from strawberry.tools import merge_types

from api.types.accounts import SignIn
from api.types.files import Filing
from api.types.keys import KeyMutation
from api.types.notification_changes import NotificationMutations
from api.types.sessions import AccountMutation
from api.types.signs import Signalling
from api.types.webhook_changes import WebhookMutations
from api.types.writing import Writing

PARTS: Final = (
    SignIn,
    AccountMutation,
    KeyMutation,
    Writing,
    Signalling,
    Filing,
    NotificationMutations,
    WebhookMutations,
)
Mutation: Final[Any] = merge_types("Mutation", PARTS)
