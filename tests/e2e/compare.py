"""The whole API against the contracts' views, both at one block."""

from collections.abc import Callable, Sequence

from tests.e2e import compare_groups, compare_packets, compare_payments, compare_users
from tests.e2e.differences import Differences
from tests.e2e.graph import Graph
from tests.e2e.revisions import NOBODY
from tests.e2e.stack import Stack
from tests.e2e.views import Views

STRANGER = "0x000000000000000000000000000000000000dEaD"

Part = Callable[[Graph, Views, list[str], int | None, Differences], None]
ALL: tuple[Part, ...] = (
    compare_groups.compare,
    compare_payments.compare,
    compare_packets.compare,
    compare_users.compare,
)


def compare(
    stack: Stack, block: int | None = None, *, few: bool = False, parts: Sequence[Part] = ALL
) -> Differences:
    """What differs now, or right after an earlier block. No block may come meanwhile.

    `few` asks what an address has of its own, and could claim, for some of the people only.
    """
    height = stack.synced()
    differences = Differences()
    people = [*stack.chain.people, STRANGER, NOBODY]
    some = people[:: 5 if few else 1]
    views = Views(stack.chain, block)
    for part in parts:
        asked = some if part in ALL[2:] else people
        part(stack.graph, views, asked, block, differences)
    assert stack.chain.height == stack.graph.meta()["block"]["number"] == height
    return differences


def assert_equal(
    stack: Stack, block: int | None = None, *, few: bool = False, parts: Sequence[Part] = ALL
) -> int:
    """How many fields and lists were compared; any difference fails the test and is printed."""
    differences = compare(stack, block, few=few, parts=parts)
    assert not differences.found, "\n".join(["", *differences.found])
    return differences.compared
