"""What the index knows of its own truth is served from the operation's own snapshot."""

from typing import Any

import pytest
from sqlalchemy import Engine

from tests.integration.api.conftest import Client
from tests.integration.api.rows import put, time_of

AUDIT = """{ audit { contract block { number hash } compared notCompared differences repaired at }
    meta { block { number } } }"""


def verdict(contract: int, at: int, **values: int) -> dict[str, Any]:
    counts = {"compared": 9, "not_compared": 0, "differences": 0, "repaired": 0} | values
    row = {"contract": contract, "at": time_of(at), "block_number": at, "block_hash": bytes(32)}
    return row | counts | {"findings": []}


def proven(first: int, last: int, proof: int) -> dict[str, int]:
    return {"first_block": first, "last_block": last, "proof": proof}


async def test_the_last_verdict_of_each_contract_is_told(client: Client, database: Engine) -> None:
    put(
        database,
        audits=[
            verdict(0, 5),
            verdict(0, 7, compared=2**40, not_compared=3, differences=2, repaired=1),
            verdict(0, 6),
            verdict(2, 4),
        ],
    )
    found = (await client.data(AUDIT))["audit"]
    assert len(client.statements) == 2
    assert [one["contract"] for one in found] == ["GROUP_CHAT", "RED_PACKET"]
    assert found[0] == {
        "contract": "GROUP_CHAT",
        "block": {"number": 7, "hash": "0x" + "00" * 32},
        "compared": 2**31 - 1,
        "notCompared": 3,
        "differences": 2,
        "repaired": 1,
        "at": "2023-11-14T22:14:30Z",
    }


async def test_nothing_audited_or_proven_is_an_empty_list(client: Client) -> None:
    assert await client.data("{ audit { at } completeness { proof } }") == {
        "audit": [],
        "completeness": [],
    }


@pytest.mark.parametrize(
    ("start", "count"), [("", 4), ("(fromBlock: 5)", 3), ("(fromBlock: 9)", 1)]
)
async def test_ranges_are_told_in_order_from_a_block_on(
    client: Client, database: Engine, start: str, count: int
) -> None:
    rows = [proven(9, 10, 3), proven(0, 4, 0), proven(7, 8, 2), proven(5, 6, 1)]
    put(database, completeness=rows)
    found = (await client.data(f"{{ completeness{start} {{ fromBlock toBlock proof }} }}"))[
        "completeness"
    ]
    names = ["NODE", "PROVIDERS", "BLOOM", "RECEIPTS"]
    assert (
        found
        == [
            {"fromBlock": row["first_block"], "toBlock": row["last_block"], "proof": name}
            for row, name in zip(
                sorted(rows, key=lambda one: one["first_block"]), names, strict=True
            )
        ][-count:]
    )


async def test_more_ranges_than_an_answer_holds_are_read_on_where_it_ends(
    client: Client, database: Engine
) -> None:
    put(database, completeness=[proven(n, n, n % 2) for n in range(1500)])
    query = "query ($n: Int) { completeness(fromBlock: $n) { toBlock } }"
    found = (await client.data(query))["completeness"]
    assert len(found) == 1000
    more = (await client.data(query, n=found[-1]["toBlock"] + 1))["completeness"]
    assert [one["toBlock"] for one in [*found, *more]] == list(range(1500))
