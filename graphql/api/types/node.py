"""Relay's Node, and the ids that say what they are: `Group:0x…`, `Member:0x…:0x…`."""

import strawberry

from indexer.units import to_hex


@strawberry.interface
class Node:
    id: strawberry.ID


def global_id(type_name: str, *parts: bytes) -> strawberry.ID:
    """The id of the thing of this type that these bytes name."""
    return strawberry.ID(":".join((type_name, *map(to_hex, parts))))
