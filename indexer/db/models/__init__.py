"""The tables: facts are what the chain said, projections are folds of facts with their past."""

from indexer.db.models.accounts import api_keys, erasures, refresh_tokens, sessions
from indexer.db.models.base import PROJECTIONS, Projection, metadata
from indexer.db.models.facts import blocks, contracts, cursor, events
from indexer.db.models.files import file_uses, files, uploads
from indexer.db.models.groups import GROUPS, JOIN_REQUESTS, MEMBERS
from indexer.db.models.keys import key_epochs, public_keys, wrapped_keys
from indexer.db.models.late import late_indexes
from indexer.db.models.messages import (
    MONTHLY,
    SHOWN,
    conversations,
    message_parts,
    message_pins,
    messages,
    parties,
    reactions,
    receipts,
)
from indexer.db.models.outbox import notifications, outbox, webhooks
from indexer.db.models.payments import CONTRIBUTIONS, PARTICIPANTS, PAYMENTS, REFUND_BALANCES
from indexer.db.models.people import (
    mailboxes,
    mails,
    notification_choices,
    notification_settings,
)
from indexer.db.models.pins import pin_references, pin_requests, pins
from indexer.db.models.red_packets import CLAIMS, RECIPIENTS, RED_PACKETS
from indexer.db.models.reversals import retractions, reversals, setbacks
from indexer.db.models.search import LETTERS as SEARCHED_LETTERS
from indexer.db.models.tallies import Subject, tallied, tallies
from indexer.db.models.truth import audits, completeness, observations
from indexer.db.models.waits import waits

__all__ = [
    "CLAIMS",
    "CONTRIBUTIONS",
    "GROUPS",
    "JOIN_REQUESTS",
    "MEMBERS",
    "MONTHLY",
    "PARTICIPANTS",
    "PAYMENTS",
    "PROJECTIONS",
    "RECIPIENTS",
    "RED_PACKETS",
    "REFUND_BALANCES",
    "SEARCHED_LETTERS",
    "SHOWN",
    "Projection",
    "Subject",
    "api_keys",
    "audits",
    "blocks",
    "completeness",
    "contracts",
    "conversations",
    "cursor",
    "erasures",
    "events",
    "file_uses",
    "files",
    "key_epochs",
    "late_indexes",
    "mailboxes",
    "mails",
    "message_parts",
    "message_pins",
    "messages",
    "metadata",
    "notification_choices",
    "notification_settings",
    "notifications",
    "observations",
    "outbox",
    "parties",
    "pin_references",
    "pin_requests",
    "pins",
    "public_keys",
    "reactions",
    "receipts",
    "refresh_tokens",
    "retractions",
    "reversals",
    "sessions",
    "setbacks",
    "tallied",
    "tallies",
    "uploads",
    "waits",
    "webhooks",
    "wrapped_keys",
]
