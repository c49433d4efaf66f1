"""What the generator says an index must hold is what the folds make of the chain."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest

from benchmarks.verify import MEASURES, Wrong, differences
from indexer.events.inputs import NEEDS_INPUT, decode_input
from indexer.projections.fold import fold, touched
from indexer.projections.preimages import Preimages
from indexer.projections.world import Fact, World
from tests.unit.benchmarks.history import History

Measure = Callable[[Any], int]


def total(field: str) -> Measure:
    return lambda row: int(getattr(row, field) or 0)


def mix(first: str, second: str) -> Measure:
    return lambda row: int(getattr(row, first)[0] * getattr(row, second)[0])


def texts(*fields: str) -> Measure:
    return lambda row: sum(len((getattr(row, field) or "").encode()) for field in fields)


FOLDED: dict[str, dict[str, Measure]] = {
    "groups": {
        "member_count": total("member_count"),
        "max_members": total("max_members"),
        "active": total("is_active"),
        "public": total("is_public"),
        "approval": total("require_approval"),
        "invites": total("allow_member_invite"),
        "mute_all": total("mute_all"),
        "texts": texts("name", "avatar", "description"),
        "ids": texts("group_id"),
        "owners": lambda row: int(row.owner[0]),
    },
    "members": {
        "roles": total("role"),
        "muted": total("is_muted"),
        "mix": mix("group_key", "address"),
    },
    "join_requests": {"mix": mix("group_key", "requester")},
    "payments": {
        "kinds": total("kind"),
        "target": total("target_amount"),
        "collected": total("collected_amount"),
        "shares": total("per_person_amount"),
        "least": total("min_contribution"),
        "texts": texts("group_id", "title", "description"),
        "deadlines": total("deadline_seconds"),
        "status": total("status"),
        "withdrawn": total("funds_withdrawn"),
    },
    "participants": {"mix": mix("payment_id", "address")},
    "contributions": {"amount": total("amount"), "mix": mix("payment_id", "contributor")},
    "refund_balances": {"amount": total("amount")},
    "red_packets": {
        "kinds": total("kind"),
        "total": total("total_amount"),
        "remaining": total("remaining_amount"),
        "remaining_count": total("remaining_count"),
        "shares": total("fixed_amount"),
        "texts": texts("group_id", "message"),
        "expires": lambda row: int(row.expires_at.timestamp()),
        "status": total("status"),
    },
    "recipients": {},
    "claims": {
        "amount": total("amount"),
        "orders": total("claim_order"),
        "mix": mix("packet_id", "claimer"),
    },
}


@pytest.fixture(scope="module")
def world(history: History) -> World:
    facts = []
    for one in history.told:
        needs = one.log.topics[0] in NEEDS_INPUT
        call = decode_input(one.contract, one.transaction.input) if needs else None
        place = one.log.block_number, one.log.log_index, one.log.transaction_index
        facts.append(Fact(one.event, *place, call))
    world = World(Preimages())
    touched(facts, world)
    fold(facts, world)
    return world


def measured(name: str, rows: Iterable[msgspec.Struct]) -> dict[str, int]:
    rows = list(rows)
    sums = {f"{name}.{what}": sum(map(of, rows)) for what, of in FOLDED[name].items()}
    return {f"{name}.rows": len(rows), **sums}


@pytest.mark.parametrize("name", sorted(FOLDED))
def test_the_folds_of_the_chain_make_what_the_generator_says(
    name: str, world: World, history: History
) -> None:
    wanted = {
        measure: number
        for measure, number in history.archive.meta.totals.items()
        if measure.startswith(f"{name}.")
    }
    assert measured(name, getattr(world, name).inserted()) == wanted
    assert wanted[f"{name}.rows"] > 20


def test_every_number_of_the_generator_is_looked_up_in_the_index(history: History) -> None:
    asked = {f"{table}.{name}" for table, measures in MEASURES.items() for name in measures}
    assert asked == set(history.archive.meta.totals)


def test_a_number_that_differs_is_named() -> None:
    differences({"groups.rows": 3}, {"groups.rows": 3, "claims.rows": 0})
    with pytest.raises(Wrong, match=r"groups\.rows is 2,999 and should be 3,000"):
        differences({"groups.rows": 2_999}, {"groups.rows": 3_000})
