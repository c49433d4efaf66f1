"""The example operations run as they stand, on data that fills every part of them."""

from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, OperationType, parse, validate
from sqlalchemy import Engine

import api
from api.schema import Schema
from tests.integration.api.conftest import Client
from tests.integration.api.rows import (
    account,
    claim,
    contribution,
    event,
    group,
    id_of,
    join_request,
    key_of,
    member,
    payment,
    put,
    red_packet,
)

FOLDER = Path(api.__file__).parent.parent / "operations"
VARIABLES: dict[str, Any] = {
    "groupId": "group_1",
    "key": "0x" + key_of(1).hex(),
    "block": 1,
    "me": "0x" + account(2).hex(),
    "redPacketId": "0x" + id_of(1).hex(),
    "where": {"member": "0x" + account(2).hex()},
    "orderBy": {"field": "NAME", "direction": "ASC"},
}


def queries() -> list[Path]:
    return [file for file in sorted(FOLDER.glob("*.graphql")) if _is_query(file)]


def _is_query(file: Path) -> bool:
    (operation,) = parse(file.read_text()).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation.operation is OperationType.QUERY


@pytest.mark.parametrize("file", queries(), ids=lambda file: file.stem)
async def test_an_example_answers_in_full(client: Client, database: Engine, file: Path) -> None:
    put(
        database,
        groups=[group(1)],
        members=[member(1, 2)],
        join_requests=[join_request(1, 3)],
        payments=[payment(1, initiator=account(2), deadline_seconds=2**35)],
        contributions=[contribution(1, 2)],
        red_packets=[red_packet(1, remaining_count=0, sender=account(2))],
        claims=[claim(1, 2, 1)],
        events=[event(3, 1, 0, b"\x01" * 32, key_of(1), decoded=False)],
    )
    (operation,) = parse(file.read_text()).definitions
    assert isinstance(operation, OperationDefinitionNode)
    asked = {v.variable.name.value for v in operation.variable_definitions or ()}
    given = {name: value for name, value in VARIABLES.items() if name in asked}
    data = await client.data(file.read_text(), **given)
    assert empty(data) == []


@pytest.mark.parametrize(
    "file", sorted(set(FOLDER.glob("*.graphql")) - set(queries())), ids=lambda file: file.stem
)
def test_an_example_subscription_is_valid(schema: Schema, file: Path) -> None:
    assert validate(schema._schema, parse(file.read_text())) == []


def empty(value: Any, path: str = "") -> list[str]:
    """Where the answer has empty lists or null objects."""
    if value is None or value == []:
        return [] if path.endswith(("Cursor", "reason", "/safeBlock")) else [path]
    if isinstance(value, list):
        return [found for item in value for found in empty(item, path)]
    if isinstance(value, dict):
        return [found for name, item in value.items() for found in empty(item, f"{path}/{name}")]
    return []
