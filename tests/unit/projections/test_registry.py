"""Every event has its fold, every table its row."""

from typing import get_args

import msgspec

from indexer.db.models import PROJECTIONS
from indexer.events.definitions import EVENTS, ownable
from indexer.events.observations import Observed
from indexer.projections.preimages import Preimages
from indexer.projections.registry import RULES
from indexer.projections.world import World

FACTS_ONLY = {ownable.Paused, ownable.Unpaused, ownable.OwnershipTransferred}


def test_every_fact_is_folded_but_those_that_change_nothing() -> None:
    assert set(RULES) == {spec.cls for spec in EVENTS} - FACTS_ONLY | set(get_args(Observed))


def test_keys_are_taken_from_fields_that_the_events_have() -> None:
    names = {projection.name: projection for projection in PROJECTIONS}
    for cls, rule in RULES.items():
        event = cls(*(f"{field}!".encode() for field in cls.__struct_fields__))  # type: ignore[arg-type]
        for name, key in rule.touches:
            value = key(event)
            assert (len(value) if isinstance(value, tuple) else 1) == len(names[name].key)


def test_rows_have_the_columns_of_their_tables_in_order() -> None:
    for table in World(Preimages()).tables():
        fields = tuple(field.name for field in msgspec.structs.fields(table.row_type))
        assert fields == table.projection.columns


def test_the_world_holds_every_projection_in_order() -> None:
    assert [table.projection for table in World(Preimages()).tables()] == PROJECTIONS


def test_what_can_be_null_is_so_in_both() -> None:
    for table in World(Preimages()).tables():
        for field in msgspec.structs.fields(table.row_type):
            nullable = type(None) in getattr(field.type, "__args__", ())
            column = table.projection.current.columns[field.name]
            assert nullable == bool(column.nullable), column
