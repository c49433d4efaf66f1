"""How the API says where the fields come from that no event carries."""

from typing import Final

SOURCES: Final = (
    "Field → where its value comes from, for each field that no event carries: `call` (the input "
    "of the transaction), `trace` (a call that its execution made), `embedded` (a call found "
    "within the input), `view` (what the contract answered at the end of the block), `rule` (what "
    "the contract makes of the rest), `unknown` (a default, or the value before the last change)."
)
