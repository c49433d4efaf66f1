"""/metrics says what operators watch, in a form that Prometheus reads."""

import re
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, text

from api import metrics
from api.app import create_app
from indexer.settings import Settings
from tests.integration.api.rows import put, time_of

OPERATIONS = Path(__file__).parents[3] / "docs/operations.md"
UNITS = (
    "blocks",
    "events",
    "items",
    "seconds",
    "bytes",
    "fds",
    "subscriptions",
    "total",
    "effects",
    "contents",
)
STATES = {"dchat_database_up", "dchat_index_synced"}


async def scraped(http: httpx.AsyncClient) -> dict[str, float]:
    """The samples by name, with the label's value in brackets where there is one."""
    answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        "".join([sample.name, *(f"[{value}]" for value in sample.labels.values())]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_where_the_index_stands_is_told(http: httpx.AsyncClient, database: Engine) -> None:
    with database.begin() as db:
        db.execute(
            text(
                "UPDATE cursor SET head_block = 17, safe_block = 9, synced = false,"
                " event_count = 2345, undecoded_count = 6, reorg_count = 4"
            )
        )
    told = await scraped(http)
    expected = {
        "dchat_database_up": 1,
        "dchat_index_height_blocks": 10,
        "dchat_head_height_blocks": 17,
        "dchat_safe_height_blocks": 9,
        "dchat_index_lag_blocks": 7,
        "dchat_index_synced": 0,
        "dchat_index_events": 2345,
        "dchat_index_undecoded_events": 6,
        "dchat_index_reorgs_total": 4,
        "dchat_index_block_timestamp_seconds": time_of(10).timestamp(),
    }
    assert {name: told[name] for name in expected} == expected
    assert "dchat_finalized_height_blocks" not in told


async def test_proofs_and_verdicts_are_told(http: httpx.AsyncClient, database: Engine) -> None:
    counts = {"compared": 50, "not_compared": 5, "differences": 2, "repaired": 1}
    at = {"block_number": 8, "block_hash": b"", "findings": []}
    put(
        database,
        completeness=[
            {"first_block": 1, "last_block": 6, "proof": 2},
            {"first_block": 7, "last_block": 7, "proof": 3},
            {"first_block": 8, "last_block": 9, "proof": 2},
        ],
        audits=[{"contract": 1, "at": time_of(n), **counts, **at} for n in (3, 4)],
    )
    told = await scraped(http)
    assert told["dchat_completeness_blocks[bloom]"] == 8
    assert told["dchat_completeness_blocks[receipts]"] == 1
    assert told["dchat_completeness_blocks[node]"] == 0
    kinds = ("compared", "uncompared", "different", "repaired")
    found = [told[f"dchat_audit_{kind}_items[group_payment]"] for kind in kinds]
    assert found == [50, 5, 2, 1]
    assert told["dchat_audit_height_blocks[group_payment]"] == 8
    assert told["dchat_audit_age_seconds[group_payment]"] > 3600
    assert "dchat_audit_age_seconds[group_chat]" not in told


async def test_what_workers_have_before_them_is_told(
    http: httpx.AsyncClient, database: Engine
) -> None:
    """An effect that waits for its block to be safe is not overdue."""
    effect = (
        "INSERT INTO outbox (key, kind, webhook, payload, block_number, block_hash, log_index,"
        " finality, state, next_try) VALUES (:key, 1, 0, '{}', 5, '', :log, :finality, :state,"
        " now() - make_interval(secs => :late))"
    )
    pin = "INSERT INTO pins (cid, state, attempts) VALUES (:cid, :state, 0)"
    with database.begin() as db:
        db.execute(text("UPDATE cursor SET safe_block = 4"))
        for log, (finality, state, late) in enumerate(
            [(0, 0, 30), (0, 1, -60), (1, 0, 900), (0, 2, 900), (0, 3, 900)]
        ):
            given = {"finality": finality, "state": state, "late": late, "log": log}
            db.execute(text(effect), given | {"key": bytes([log])})
        for number, state in enumerate([0, 2, 3, 3]):
            db.execute(text(pin), {"cid": bytes([number]), "state": state})
    told = await scraped(http)
    assert (told["dchat_outbox_waiting_effects"], told["dchat_outbox_dead_effects"]) == (3, 1)
    assert 30 <= told["dchat_outbox_overdue_seconds"] < 900
    assert told["dchat_mail_overdue_seconds"] == 0
    states = ("queued", "pinning", "failed")
    assert [told[f"dchat_pins_unpinned_contents[{state}]"] for state in states] == [1, 0, 2]


async def test_the_process_counts_what_it_does(http: httpx.AsyncClient) -> None:
    before = await scraped(http)
    for query in ("{ meta { chainId } }", "{ nope }"):
        await http.post("/graphql", json={"query": query})
    after = await scraped(http)
    assert after["dchat_api_operations_total"] - before["dchat_api_operations_total"] == 2
    assert after["dchat_api_statements_total"] > before["dchat_api_statements_total"]
    refused = "dchat_api_errors_total[GRAPHQL_VALIDATION_FAILED]"
    assert after[refused] - before.get(refused, 0) == 1
    assert after["dchat_api_subscriptions"] == 0


async def test_without_a_database_the_process_still_tells_of_itself() -> None:
    app = create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/none"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://d") as http:
        told = await scraped(http)
    assert told["dchat_database_up"] == 0
    assert "dchat_index_lag_blocks" not in told


async def test_a_scrape_is_one_snapshot(http: httpx.AsyncClient, database: Engine) -> None:
    before = metrics.STATEMENTS._value.get()
    await scraped(http)
    assert metrics.STATEMENTS._value.get() - before == 5


@pytest.mark.parametrize("part", ["name", "unit"])
async def test_each_metric_is_documented_and_named_by_its_unit(
    http: httpx.AsyncClient, database: Engine, part: str
) -> None:
    put(database, audits=[])
    text_ = (await http.get("/metrics")).text
    names = set(re.findall(r"^# TYPE (dchat_\w+)", text_, re.M)) | set(metrics.HEIGHTS)
    if part == "name":
        told = set(re.findall(r"^\| `(dchat_\w+)", OPERATIONS.read_text(), re.M))
        assert told == names
    else:
        assert {name for name in names - STATES if not name.endswith(UNITS)} == set()
