"""A small community with a past, drawn from a seed: every table has rows, and many ties."""

import random
from collections.abc import Iterator
from typing import Any

from benchmarks.abi import log_of
from indexer.db.models import PROJECTIONS
from indexer.events.definitions import group_chat
from tests.integration.api import rows
from tests.integration.api.rows import Row, account, id_of, key_of, time_of

AMOUNTS = [0, 1, 100, 2**64, 2**256 - 1]
TEXTS = ["", "a", 'q"\\/\n\t\u0001', "红包群 🧧", "50%_", "x" * 70, '"\\u0001' + "a" * 40 + '"']


def community(seed: int) -> dict[str, list[Row]]:
    """Rows by table, those of the past included."""
    made = _made(random.Random(seed))
    past = {
        f"{one.name}_history": [
            version for row in made[one.name] for version in _past(one, row, random.Random(seed))
        ]
        for one in PROJECTIONS
        if one.history is not None and one.name in made
    }
    return {**made, **past}


def _past(projection: Any, row: Row, dice: random.Random) -> Iterator[Row]:
    """The version before the row, where it was changed after its birth."""
    born, until = row[projection.born], row["updated_block"]
    if until > born:
        kept = [c.name for c in projection.history.columns if c.name != "until_block"]
        yield {name: row[name] for name in kept} | {"updated_block": born, "until_block": until}


def _made(dice: random.Random) -> dict[str, list[Row]]:
    def at() -> dict[str, int]:
        born = dice.randint(1, 9)
        return {"at": born, "updated_block": dice.randint(born, 10)}

    def who() -> Any:
        return account(dice.randint(1, 6))

    def amount() -> int:
        return dice.choice(AMOUNTS)

    def text() -> str:
        return dice.choice(TEXTS)

    groups = [
        rows.group(
            n,
            **at() | {"at": 1},
            name=text(),
            description=text(),
            avatar=text(),
            owner=who(),
            is_public=dice.random() < 0.5,
            member_count=dice.randint(0, 2),
            max_members=amount(),
            group_id=f"group_{n}" if n < 6 else None,
        )
        for n in range(1, 7)
    ]
    pairs = [(g, one) for g in range(1, 7) for one in range(1, 7)]
    members = [
        rows.member(g, one, **at(), role=dice.randint(0, 2), is_muted=dice.random() < 0.5)
        for g, one in dice.sample(pairs, 20)
    ]
    requests = [rows.join_request(g, one, dice.randint(1, 10)) for g, one in dice.sample(pairs, 8)]
    payments = [
        rows.payment(
            n,
            **at() | {"at": dice.randint(1, 3)},
            kind=dice.randint(0, 2),
            group_key=key_of(dice.randint(1, 8)),
            group_id=dice.choice([None, "group_2"]),
            initiator=who(),
            status=dice.randint(0, 2),
            target_amount=amount(),
            collected_amount=amount(),
            per_person_amount=dice.choice([None, 5]),
            min_contribution=dice.choice([None, 2**200]),
            title=dice.choice([None, text()]),
            description=text(),
            deadline_seconds=dice.choice(
                [0, int(time_of(5).timestamp()), 253402300799, 253402300800, 2**256 - 1]
            ),
            funds_withdrawn=dice.random() < 0.5,
        )
        for n in range(1, 9)
    ]
    packets = [
        rows.red_packet(
            n,
            **at() | {"at": dice.randint(1, 3)},
            kind=dice.randint(0, 2),
            group_key=key_of(dice.randint(1, 8)),
            group_id=dice.choice([None, "group_3"]),
            sender=who(),
            message=text(),
            total_amount=amount(),
            remaining_amount=amount(),
            total_count=dice.choice([3, 2**40]),
            remaining_count=dice.choice([0, 0, 1]),
            fixed_amount=dice.choice([None, 7]),
            status=dice.choice([0, 1, 3]),
            expires_at=time_of(dice.choice([5, 10, 11])),
        )
        for n in range(1, 9)
    ]
    parts = [(n, one) for n in range(1, 9) for one in range(1, 7)]
    return {
        "contracts": [
            {"contract": n, "address": account(n + 90), "start_block": n} for n in range(3)
        ],
        "groups": [_settled(row) for row in groups],
        "members": _placed("joined_log", members),
        "join_requests": _placed("requested_log", requests),
        "payments": [_settled(row) for row in payments],
        "participants": [r for n in range(1, 9) for r in rows.listed("payment_id", n, *_few(dice))],
        "contributions": _placed(
            "created_log",
            [
                rows.contribution(n, one, **at() | {"at": dice.randint(3, 4)}, amount=amount())
                for n, one in dice.sample(parts, 20)
            ],
        ),
        "refund_balances": [
            {"address": account(n), "amount": amount(), "created_block": 2, "updated_block": n + 2}
            for n in range(1, 5)
        ],
        "red_packets": [_settled(row) for row in packets],
        "recipients": [r for n in range(1, 9) for r in rows.listed("packet_id", n, *_few(dice))],
        "claims": _placed(
            "created_log",
            [
                rows.claim(n, one, one, dice.randint(3, 10), amount=amount())
                for n, one in dice.sample(parts, 24)
            ],
        ),
        "events": _events(dice),
    }


def _placed(column: str, made: list[Row]) -> list[Row]:
    """Each comes from a log of its own."""
    return [_settled({**row, column: n}) for n, row in enumerate(made)]


def _settled(row: Row) -> Row:
    """Nothing is changed before it is born."""
    born = row.get("created_block", row.get("joined_block", 1))
    if "updated_block" not in row:
        return row
    return {**row, "updated_block": max(born, row["updated_block"])}


def _few(dice: random.Random) -> list[int]:
    return [dice.randint(1, 6) for _ in range(dice.randint(0, 3))]


def _events(dice: random.Random) -> list[Row]:
    topics: list[Any] = [key_of(1), key_of(2), id_of(1), id_of(2), bytes(12) + account(1), None]
    joined = group_chat.MemberJoined(key_of(1), account(2), 1_700_000_000)
    known, data = log_of(joined)
    decoded = [rows.event(n, 30, 0, *known, data=data) for n in range(2, 9)]
    return decoded + [
        rows.event(
            dice.randint(1, 10),
            n,
            dice.randint(0, 2),
            dice.choice([id_of(99), *topics[:2]]),
            *(dice.choice(topics) for _ in range(3)),
            decoded=False,
        )
        for n in range(24)
    ]
