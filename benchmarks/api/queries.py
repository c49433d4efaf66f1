"""The same questions, as dchat and as PostGraphile are asked them."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from indexer.units import keccak, to_hex

TAGS: Final = {
    "groups": "@name group",
    "members": "@foreignKey (group_key) references groups (key)",
    "payments": "@foreignKey (group_key) references groups (key)",
    "red_packets": "@foreignKey (group_key) references groups (key)",
}
"""The schema has no foreign keys, since a fact may name a group that was never created."""
MANY: Final = 1000
"""Groups that are asked for one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`groups` finds the groups in an answer, to see that both servers say the same."""

    name: str
    dchat: Sequence[str]
    postgraphile: Sequence[str]
    groups: Callable[[Any], Sequence[Any]]


def _body(query: str, **variables: Any) -> str:
    return json.dumps({"query": query, "variables": variables})


PAGE: Final = Question(  # 20 groups with 5 members and 3 payments each
    name="page",
    dchat=[
        _body("""{ groups(first: 20) { nodes { groupId name owner memberCount createdAt
          members(first: 5) { nodes { address role joinedAt } }
          payments(first: 3) { nodes { paymentId kind status targetAmount createdAt } } } } }""")
    ],
    postgraphile=[
        _body("""{ groups: allGroups(first: 20, orderBy: [CREATED_BLOCK_DESC, CREATED_LOG_DESC]) {
          nodes { groupId name owner memberCount createdAt
          members: membersByGroupKey(first: 5, orderBy: [JOINED_BLOCK_ASC, JOINED_LOG_ASC]) {
            nodes { address role joinedAt } }
          payments: paymentsByGroupKey(first: 3, orderBy: [CREATED_BLOCK_DESC, CREATED_LOG_DESC]) {
            nodes { paymentId kind status targetAmount createdAt } } } } }""")
    ],
    groups=lambda data: data["groups"]["nodes"],
)


def one(groups: int) -> Question:
    """A group by its id, another one each time."""
    fields = "groupId name description owner isPublic memberCount createdAt"
    ours = f"query ($key: Bytes32) {{ group(key: $key) {{ {fields} }} }}"
    theirs = f"query ($key: Base64EncodedBinary!) {{ group: groupByKey(key: $key) {{ {fields} }} }}"
    keys = [keccak(b"group_%d" % n) for n in range(1, groups + 1, max(1, groups // MANY))]
    return Question(
        name="one group",
        dchat=[_body(ours, key=to_hex(key)) for key in keys],
        postgraphile=[_body(theirs, key=base64.b64encode(key).decode()) for key in keys],
        groups=lambda data: [data["group"]],
    )


def tag(url: str) -> None:
    """Tells PostGraphile, in the tables' comments, what belongs together."""
    with psycopg.connect(url, autocommit=True) as database:
        for table, words in TAGS.items():
            database.execute(f"COMMENT ON TABLE {table} IS '{words}'".encode())


def same(question: Question, ours: Any, theirs: Any) -> bool:
    """Whether two answers are about the same groups, with as many members and payments."""
    return _shape(question, ours) == _shape(question, theirs)


def _shape(question: Question, data: Any) -> list[Any]:
    return [
        (
            one["name"],
            one["memberCount"],
            *(len(one[part]["nodes"]) for part in PARTS if part in one),
        )
        for one in question.groups(data)
    ]


PARTS: Final = ("members", "payments")
