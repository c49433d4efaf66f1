"""What the JSON-RPC errors of the known nodes and providers mean.

The words were collected from Geth, Erigon, Nethermind, Besu, Reth, Nitro, anvil, Alchemy, Ankr,
Base, Blast, BlockPI, BSC, Chainstack, Cloudflare, Coinbase, dRPC, Fantom, Harmony, Infura, Merkle,
Moonbeam, Oasis, PublicNode, QuickNode, Sei, Tenderly, Thirdweb, 1RPC and zkSync. There will always
be others: what is not known is Unexplained, and whoever can ask for less does so.
"""

import re
from dataclasses import dataclass
from typing import Final

from indexer.errors import BadAnswer, NodeBehind, RangeTooLarge, Retryable, Throttled


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A JSON-RPC error: its code (0 when absent) and all its words."""

    code: int
    text: str


class Unexplained(BadAnswer):
    """The node refused to give logs, in words that nobody here knows: perhaps they are too many."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.I)


_THROTTLE_CODES: Final = frozenset({429, -32016, -32029, -32090, -32097})
_THROTTLED: Final = _any(
    r"rate.?limit",
    r"too many (?:requests|connections)",
    r"compute units",
    r"(?:per|/) ?(?:second|minute|day)\b",
    r"request (?:count|limit|rate)",
    r"quota",
    r"throttl",
    r"over capacity|capacity exceeded",
    r"try again (?:in|later)|backoff_seconds",
)
_BATCH: Final = _any(r"\bbatch")
_BEHIND_CODES: Final = frozenset({-32001})
"""EIP-1474: the resource was not found."""
_BEHIND: Final = _any(
    r"(?:header|block) (?:\S+ )?not (?:yet )?(?:found|available)",
    r"header for hash not found",
    r"unknown block",
    r"block (?:hash )?(?:does not|doesn't) exist",
    r"cannot be found",
    r"could not find block",
    r"beyond (?:the )?(?:current )?head",
    r"(?:greater|higher|newer) than (?:the )?(?:latest|current|head)",
    r"after last accepted block",
    r"block is out of range",
    r"missing trie node",
    r"block.{0,40}has not been (?:mined|imported)",
)
_RANGE_CODES: Final = frozenset({-32614, -32012, -32008, -32020})
_RANGE: Final = _any(
    r"blocks? range|block distance|range (?:\d+ )?(?:exceeds|is bigger)|exceeds the range",
    r"range (?:is )?too (?:large|wide|big|long)|max(?:imum)? range|ranges? over [\d,]+ blocks",
    r"exceed(?:s|ed)? (?:the )?max(?:imum)? (?:results|blocks|logs|number of logs)",
    r"(?:logs|query|results|events) exceeds? (?:the )?(?:server )?(?:limit|[\d,]+)",
    r"limited to (?:an? )?[\d,.]+|at most [\d,.]+ blocks|smaller than size [\d,.]+",
    r"max(?:imum)? allowed (?:number )?of",
    r"too many (?:blocks|logs|results|events)",
    r"(?:returned |returns )?more than [\d,]+ (?:results|logs|blocks|events)",
    r"(?:response|results?|result set|payload)(?: size)? (?:is |should not (?:be )?)?"
    r"(?:too (?:big|large)|larger|greater|exceed)",
    r"^\s*limit exceeded|string longer than",
)
_TOOK_LONG: Final = _any(r"timed? ?out", r"deadline exceeded")
_MISSING_CODES: Final = frozenset({-32601, -32004})
_MISSING: Final = _any(
    r"(?:method|debug|trac(?:e|er|ing))\b.{0,80}(?:not|n't|un|dis|no longer )\W?"
    r"(?:found|exist|support|available|allow|abled|enabled|whitelist|permitted|authorized)",
    r"(?:your|current|free) (?:plan|tier)|upgrade",
    r"unknown tracer|tracer not found",
)
_PRUNED: Final = _any(
    r"missing trie node",
    r"\bstate\b.{0,60}(?:not available|unavailable|not found|missing|pruned|too old)",
    r"(?:no|missing) (?:historical )?state\b",
    r"prun(?:ed|ing)|archive",
    r"reexec|distance to target block exceeds",
)
_DIGITS: Final = r"(\d[\d,]*)(k?)"
_CAPS: Final = (
    re.compile(rf"limited to (?:an? )?(?:0 ?- ?)?{_DIGITS}", re.I),
    re.compile(rf"up to (?:an? )?{_DIGITS}\b(?! (?:logs|results))", re.I),
    re.compile(rf"max(?:imum)?(?: allowed)? (?:block )?range\W*(?:is |of )?{_DIGITS}", re.I),
    re.compile(rf"(?:maximum|max|limit|allowed) is (?:set to )?{_DIGITS}", re.I),
    re.compile(rf"range (?:is too wide )?\(max(?:imum)? {_DIGITS}", re.I),
    re.compile(rf"range (?:limit|greater than)(?: of)?\W*{_DIGITS}", re.I),
    re.compile(rf"range (?:\d+ )?exceeds (?:limit of )?{_DIGITS}", re.I),
    re.compile(rf"(?:less|smaller) than (?:size )?{_DIGITS}", re.I),
    re.compile(rf"(?:at most|ranges? over) {_DIGITS} blocks", re.I),
    re.compile(rf"requested blocks is {_DIGITS}|\(\d+ > {_DIGITS}\)", re.I),
)
_HEX_RANGE: Final = re.compile(r"\[\s*(0x[0-9a-f]{1,16})\s*,\s*(0x[0-9a-f]{1,16})\s*\]", re.I)
_RANGE_PAIR: Final = re.compile(r"with the range\s+(\d{1,19})\s*-\s*(\d{1,19})", re.I)


def error_of(method: str, refusal: Refusal) -> Retryable:
    """The error that a refusal of `method` means; its text ends with the node's own words."""
    words = " ".join(refusal.text.split())[:300]
    said = f'{method}: the node answered "{words}" (code {refusal.code})'
    if is_throttle(refusal):
        return Throttled(said, retry_after=_pause(refusal.text))
    if refusal.code in _BEHIND_CODES or _BEHIND.search(refusal.text):
        return NodeBehind(said)
    if method != "eth_getLogs":
        return BadAnswer(said)
    if is_range(refusal):
        return RangeTooLarge(said, suggested=suggested(refusal.text))
    if _TOOK_LONG.search(refusal.text):
        return RangeTooLarge(said, certain=False)
    return Unexplained(said)


def is_throttle(refusal: Refusal) -> bool:
    """Whether the node wants fewer requests (and not smaller ones)."""
    if refusal.code in _THROTTLE_CODES:
        return True
    return bool(_THROTTLED.search(refusal.text)) and not _BATCH.search(refusal.text)


def is_range(refusal: Refusal) -> bool:
    """Whether the node wants a smaller range of blocks."""
    return refusal.code in _RANGE_CODES or bool(_RANGE.search(refusal.text))


def is_missing(refusal: Refusal) -> bool:
    """Whether the node does not serve such a method, to nobody or not to us."""
    return refusal.code in _MISSING_CODES or bool(_MISSING.search(refusal.text))


def is_pruned(refusal: Refusal) -> bool:
    """Whether the node no longer has the state that the question is about."""
    return bool(_PRUNED.search(refusal.text))


def suggested(text: str) -> int | None:
    """How many blocks the node's own words allow, if they say so."""
    if found := _HEX_RANGE.search(text):
        return _span(int(found[1], 16), int(found[2], 16))
    if found := _RANGE_PAIR.search(text):
        return _span(int(found[1]), int(found[2]))
    for pattern in _CAPS:
        if found := pattern.search(text):
            digits, thousands = [one for one in found.groups() if one is not None]
            return _number(digits, thousands)
    return None


def _span(first: int, last: int) -> int | None:
    return last - first + 1 if last >= first else None


def _number(digits: str, thousands: str) -> int | None:
    value = int(digits.replace(",", "")[:18] or "0") * (1000 if thousands else 1)
    return value or None


def _pause(text: str) -> float | None:
    """The seconds of "try again in 2s", "in 30 seconds", "in 250ms", "backoff_seconds: 30"."""
    found = re.search(r"in (\d{1,6}(?:\.\d{1,6})?) ?(ms|s\b|sec)", text, re.I)
    found = found or re.search(r"(?<=backoff_)seconds\W+(\d{1,6}(?:\.\d{1,6})?)()", text, re.I)
    if not found:
        return None
    return float(found[1]) / (1000 if found[2].lower() == "ms" else 1)
