"""Rows and superseded versions together answer what stood at any block."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.db.models import CLAIMS, JOIN_REQUESTS
from indexer.projections.rows import Claim, JoinRequest
from indexer.projections.touched import Touched
from indexer.units import Address, Hash32, clamp_time
from tests.unit.projections.tale import ADA, BOB, EVE, GROUP

Action = tuple[str, Address, int]
actions = st.lists(
    st.tuples(
        st.sampled_from(["born", "change", "erase"]),
        st.sampled_from([ADA, BOB]),
        st.integers(0, 2),
    ),
    max_size=30,
)


def request(who: Address, block: int, log: int = 0) -> JoinRequest:
    return JoinRequest(
        group_key=GROUP,
        requester=who,
        requested_at=clamp_time(0),
        requested_block=block,
        requested_log=log,
        updated_block=block,
    )


class Model:
    """Keeps a copy of everything after every block."""

    def __init__(self) -> None:
        self.now: dict[Address, int] = {}
        self.then: dict[int, dict[Address, int]] = {}

    def act(self, action: str, who: Address, log: int) -> None:
        if action == "erase":
            self.now.pop(who, None)
        elif (action == "born") != (who in self.now):
            self.now[who] = log


def act(table: Touched[JoinRequest], action: str, who: Address, block: int, log: int) -> None:
    key = (GROUP, who)
    if action == "born" and table.get(key) is None:
        table.born(request(who, block, log))
    elif action == "change" and (row := table.change(key, block)):
        row.requested_log = log
    elif action == "erase":
        table.erase(key, block)


def standing(table: Touched[JoinRequest], block: int) -> dict[Address, int]:
    found: dict[Address, int] = {}
    for row in table.rows.values():
        if row is not None and row.updated_block <= block:
            found[row.requester] = row.requested_log
    for _, who, _, _, log, updated, until in table.superseded:
        if updated <= block < until:
            assert who not in found
            found[who] = log
    return found


@given(actions)
@settings(max_examples=150, deadline=None)
def test_versions_answer_what_stood_at_every_block(steps: list[Action]) -> None:
    table, model = Touched(JOIN_REQUESTS, JoinRequest), Model()
    block = 1
    for log, (action, who, further) in enumerate(steps):
        for passed in range(block, block + further):
            model.then[passed] = dict(model.now)
        block += further
        act(table, action, who, block, log)
        model.act(action, who, log)
    model.then[block] = dict(model.now)
    assert {at: standing(table, at) for at in model.then} == model.then


def test_a_stored_row_that_is_erased_and_born_again_is_updated() -> None:
    table = Touched(JOIN_REQUESTS, JoinRequest)
    table.load([_values(request(ADA, 1))])
    table.erase((GROUP, ADA), 2)
    table.born(request(ADA, 2, log=7))
    assert (list(table.inserted()), table.erased()) == ([], [])
    assert [row.requested_log for row in table.updated()] == [7]
    assert [version[-2:] for version in table.superseded] == [(1, 2)]


def test_a_row_born_and_erased_in_one_batch_is_never_written() -> None:
    table = Touched(JOIN_REQUESTS, JoinRequest)
    table.born(request(ADA, 1))
    table.erase((GROUP, ADA), 1)
    assert (list(table.inserted()), list(table.updated()), table.erased()) == ([], [], [])
    assert table.superseded == []


def test_what_is_not_there_is_neither_changed_nor_erased() -> None:
    table = Touched(JOIN_REQUESTS, JoinRequest)
    assert table.change((GROUP, EVE), 1) is None
    assert table.erase((GROUP, EVE), 1) is None
    assert not table.changed


def test_a_row_is_born_only_where_none_stands() -> None:
    table = Touched(JOIN_REQUESTS, JoinRequest)
    table.born(request(ADA, 1))
    with pytest.raises(AssertionError, match="stands already"):
        table.born(request(ADA, 2))


def test_rows_of_a_projection_that_never_changes_have_no_versions() -> None:
    table = Touched(CLAIMS, Claim)
    claim = Claim(
        packet_id=Hash32(bytes(32)),
        claimer=ADA,
        amount=1,
        claim_order=1,
        claimed_at=clamp_time(0),
        created_block=1,
        created_log=0,
    )
    table.born(claim)
    assert list(table.inserted()) == [claim]
    assert table.superseded == []


def _values(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in row.__struct_fields__)
