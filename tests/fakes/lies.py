"""Lies that no answer gives away by itself."""

from collections.abc import Callable
from typing import Any

from tests.fakes.node import Lie

Hidden = Callable[[int, int], bool]
"""Whether a log is hidden, by the number of its block and its index in it."""


def hiding(hidden: Hidden) -> Lie:
    """Leaves logs out of eth_getLogs: the list is valid, and incomplete."""

    def lie(method: str, params: list[Any], told: Any) -> Any:
        return _without(told, hidden) if method == "eth_getLogs" else told

    return lie


def forging(hidden: Hidden) -> Lie:
    """Leaves the same logs out of the block's receipts too."""

    def lie(method: str, params: list[Any], told: Any) -> Any:
        if method == "eth_getBlockReceipts" and told is not None:
            return [one | {"logs": _without(one["logs"], hidden)} for one in told]
        return _without(told, hidden) if method == "eth_getLogs" else told

    return lie


def changing(changed: Hidden) -> Lie:
    """Tells other data than the log has."""

    def lie(method: str, params: list[Any], told: Any) -> Any:
        if method != "eth_getLogs":
            return told
        return [one | {"data": one["data"] + "00"} if _is(one, changed) else one for one in told]

    return lie


def _without(logs: list[dict[str, Any]], hidden: Hidden) -> list[dict[str, Any]]:
    return [one for one in logs if not _is(one, hidden)]


def _is(log: dict[str, Any], wanted: Hidden) -> bool:
    return wanted(int(log["blockNumber"], 16), int(log["logIndex"], 16))
