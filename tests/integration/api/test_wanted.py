"""The filter of live events says the same as the filter of stored ones."""

from types import SimpleNamespace
from typing import Any

import pytest
from graphql import parse_value
from graphql.utilities import value_from_ast
from hypothesis import given
from hypothesis import strategies as st

from api.reads.wanted import wanted
from api.schema import Schema
from api.types.inputs import EventFilter
from tests.integration.api.worlds import EVENTS


@pytest.mark.parametrize("where", sorted(EVENTS.filters))
@given(data=st.data())
def test_a_row_is_wanted_where_the_list_would_hold_it(
    schema: Schema, where: str, data: st.DataObject
) -> None:
    type_ = schema._schema.type_map["EventFilter"]
    values: Any = value_from_ast(parse_value(where), type_)  # type: ignore[arg-type]
    names = {"nameIn": "name_in", "groupKey": "group_key", "blockGte": "block_gte"}
    names |= {"transactionHash": "transaction_hash"}
    found = EventFilter(**{names.get(name, name): value for name, value in values.items()})
    question = wanted(found)
    for row in data.draw(EVENTS.made):
        assert question(SimpleNamespace(**row)) == bool(EVENTS.filters[where](row))
