"""Webhooks of the viewer's own: endpoints that are told what the viewer is."""

from datetime import datetime
from enum import Enum
from typing import Any, Final, Self

import strawberry

from api.paging import Args
from api.reads import hooks as reads
from api.reads.view import View
from api.types.connection import Connection, connection
from api.types.field import field
from api.types.kinds import NotificationKind, made
from indexer.db.outbox import State
from indexer.effects.effect import Kind
from indexer.units import Hash32


@strawberry.enum(description="How an endpoint is doing.")
class WebhookState(Enum):
    WELL = "well"
    FAILING = strawberry.enum_value(
        "failing", description="It did not take the last request; a day of that disables it."
    )
    DISABLED = strawberry.enum_value("disabled", description="It is told nothing.")


DeliveryState: Final[Any] = made(
    "DeliveryState",
    {state.name: state.value for state in State},
    "DEAD was given up; RETRACTED was sent, or may have been, and then taken back by a reorg.",
)


@strawberry.type(description="Something that an endpoint is told.")
class Delivery:
    id: strawberry.ID
    key: Hash32 = strawberry.field(description="`Dchat-Key` of each of its requests.")
    kind: NotificationKind
    state: DeliveryState
    attempts: int
    last_error: str | None
    next_try: datetime | None = strawberry.field(description="Null once it is over.")
    block_number: int
    retracts: strawberry.ID | None = strawberry.field(
        description="The delivery that a reorg made void."
    )
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, _view: View, row: Any) -> Self:
        return cls(
            id=strawberry.ID(f"Delivery:{row.id}"),
            key=row.key,
            kind=NotificationKind(row.kind),
            state=DeliveryState(row.state),
            attempts=row.attempts,
            last_error=row.last_error,
            next_try=row.next_try if row.state < State.DONE else None,
            block_number=row.block_number,
            retracts=row.retracts and strawberry.ID(f"Delivery:{row.retracts}"),
            created_at=row.created_at,
            finished_at=row.finished_at,
        )


@strawberry.type(description="An endpoint of the viewer's, told by signed requests.")
class Webhook:
    view: strawberry.Private[View]
    number: strawberry.Private[int]
    id: strawberry.ID
    url: str
    kinds: list[NotificationKind] | None = strawberry.field(
        description="What it hears of; null: of everything."
    )
    state: WebhookState
    last_error: str | None
    created_at: datetime
    disabled_at: datetime | None

    @field
    async def deliveries(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Delivery]:
        """What it was told, or is to be, newest first: of the last 30 days."""
        args = Args(first=first, after=after, last=last, before=before)
        return connection(self.view, reads.DELIVERY_LIST, Delivery.of, args, key=self.number)

    @classmethod
    def of(cls, view: View, row: Any) -> Self:
        kinds = row.kinds and [NotificationKind(Kind[name].value) for name in row.kinds]
        return cls(
            view=view,
            number=row.id,
            id=strawberry.ID(f"Webhook:{row.id}"),
            url=row.url,
            kinds=kinds,
            state=_state(row),
            last_error=row.last_error,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
        )


@strawberry.type
class WebhookSecret:
    webhook: Webhook
    secret: str = strawberry.field(
        description="Signs the requests, from now on. It is shown this once."
    )


def _state(row: Any) -> WebhookState:
    if row.disabled_at is not None:
        return WebhookState.DISABLED
    return WebhookState.FAILING if row.failures else WebhookState.WELL
