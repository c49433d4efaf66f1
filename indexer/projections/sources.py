"""Where the fields come from that no event carries."""

from typing import Final

from indexer.events.calls import Call
from indexer.events.causes import Source
from indexer.events.views import Seen
from indexer.projections.rows import Sources
from indexer.projections.world import Fact

RULE: Final = "rule"
"""The contract's own rule makes it out of what is known."""
VIEW: Final = Source.VIEW.word
"""The contract was seen to say so."""
UNKNOWN: Final = "unknown"
"""The value is a default, or older than the last change."""


def of(fact: Fact, cause: Call | Seen | None, *fields: str) -> Sources:
    """That of the fact's cause, for each of the fields; where there is none they are unknown."""
    word = fact.source.word if cause is not None else UNKNOWN
    return dict.fromkeys(fields, word)


def ruled(known: bool, *fields: str) -> Sources:
    """The contract's rule, where what it builds on is known."""
    return dict.fromkeys(fields, RULE if known else UNKNOWN)
