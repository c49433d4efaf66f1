"""The rows that an operation could touch are counted before any is read."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, get_variable_values, parse, validate

from api.complexity import rows_of
from api.limits import Limits
from api.schema import make_schema

SCHEMA = make_schema(Limits())._schema


def rows(query: str, name: str | None = None, **variables: Any) -> int:
    document = parse(query)
    assert validate(SCHEMA, document) == []
    return rows_of(SCHEMA, document, name, variables, 20)


def variables_of(query: str) -> Any:
    [operation] = parse(query).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation.variable_definitions


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("{ meta { chainId block { number } } }", 2),
        ("{ groups { nodes { name } } }", 20),
        ("{ groups(first: 0) { totalCount } }", 0),
        ("{ groups(first: 7) { edges { cursor node { name } } } }", 7),
        ("{ groups(last: 3) { nodes { members(first: 5) { nodes { address } } } } }", 18),
        ("{ groups(first: 2) { nodes { members(first: 3) { nodes { user { id } } } } } }", 14),
        ("{ a: groups(first: 2) { totalCount } b: groups(first: 3) { totalCount } }", 5),
        ('{ node(id: "x") { ... on Group { members(first: 4) { totalCount } } } }', 5),
        ("{ groups(first: 2) { ...G } } fragment G on GroupConnection { nodes { ...H ...H } }"
         " fragment H on Group { members(first: 3) { totalCount } }", 14),
        ("subscription { groupUpdated { group { members(first: 9) { totalCount } } } }", 11),
        ("{ statistics { days { claims } members { count } } }", 1 + 366 + 1),
        ("{ groups(first: null) { totalCount } }", 20),
        ("{ groups(first: null, last: 3) { totalCount } }", 3),
        ("{ __schema { types { name fields { name } } } }", 0),
    ],
)  # fmt: skip
def test_each_list_multiplies_what_is_below_it(query: str, count: int) -> None:
    assert rows(query) == count


def test_lengths_come_from_variables_and_their_defaults() -> None:
    inner = "nodes { events(first: $m) { totalCount } }"
    query = f"query ($n: Int = 6, $m: Int) {{ groups(first: $n) {{ {inner} }} }}"
    assert rows(query) == 6 * 21
    assert rows(query, n=2, m=3) == 2 * 4
    assert rows(query, n=None, m=None) == 20 * 21
    assert rows(query, n=-1) == 0


@pytest.mark.parametrize(
    ("sent", "taken"),
    [(200, 200), (200.0, 200), (2e2, 200), (None, 20), (True, 0), ("200", 0), (1e400, 0), (2.5, 0)],
)
def test_lengths_count_as_what_is_executed_takes_them_for(sent: Any, taken: int) -> None:
    """A wrong one counts nothing: nothing is executed then."""
    query = "query ($n: Int = 6) { groups(first: $n) { totalCount } }"
    assert rows(query, n=sent) == taken
    listing = get_variable_values(SCHEMA, variables_of(query), {"n": sent})
    assert isinstance(listing, list) == (taken == 0)


def test_other_wrong_variables_count_nothing_either() -> None:
    query = """query ($n: Int! = 4, $by: GroupOrder) { groups(first: $n, orderBy: $by) {
      totalCount } }"""
    assert rows(query) == rows(query, by={"field": "NAME"}) == 4
    assert rows(query, by={"field": "nothing"}) == rows(query, n=None) == 0


def test_only_the_operation_that_runs_is_counted() -> None:
    query = "query A { groups { totalCount } } query B { meta { chainId } }"
    assert (rows(query, "A"), rows(query, "B")) == (20, 1)


def test_fragments_within_fragments_are_counted_once_each() -> None:
    """2^40 spreads, in no time."""
    links = "".join(f"fragment F{n} on Group {{ ...F{n + 1} ...F{n + 1} }}\n" for n in range(40))
    document = parse(
        "{ groups(first: 1) { nodes { ...F0 } } }" + links + "fragment F40 on Group { member("
        'address: "0x0000000000000000000000000000000000000001") { role } }'
    )
    assert rows_of(SCHEMA, document, None, {}, 20) == 1 + 2**40
