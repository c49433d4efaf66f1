"""What caused an event, out of what is stored beside it: the same now, and in any replay."""

from enum import IntEnum
from typing import Final

from indexer.events.calls import Call
from indexer.events.definitions import Contract, Event
from indexer.events.inputs import agrees, decode_input
from indexer.events.views import Seen, seen


class Source(IntEnum):
    """Where the input of an event was found. The number is what the database keeps."""

    DIRECT = 0
    """The transaction itself called the contract."""
    TRACE = 1
    """A call that the transaction's execution made, by the node's trace."""
    EMBEDDED = 2
    """Calldata that lies within the transaction's input."""
    VIEW = 3
    """No call: what the contract's views answered at the end of the block."""

    @property
    def word(self) -> str:
        """How the field `sources` of the API names it."""
        return WORDS[self]


WORDS: Final = {
    Source.DIRECT: "call",
    Source.TRACE: "trace",
    Source.EMBEDDED: "embedded",
    Source.VIEW: "view",
}


def cause(
    contract: Contract, event: Event, input: bytes | None, input_source: int | None
) -> Call | Seen | None:
    """The call that caused the event, or what a view told; None where neither is known.

    `input` is calldata, or for `Source.VIEW` the answers as `views.joined` put them. Never raises.
    """
    if input is None or input_source is None:
        return None
    if input_source == Source.VIEW:
        return seen(event, input)
    call = decode_input(contract, input)
    return call if call is not None and agrees(event, call) else None
