"""Random rows with many ties, and their filters and orders written a second time, in Python."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any

from hypothesis import strategies as st

from indexer.units import keccak
from tests.integration.api import rows
from tests.integration.api.rows import Row, account, event, id_of, key_of, time_of

NOW = int(time_of(10).timestamp())
NAMES = ["a", "A", "b", "ä", "红包群", "🧧", "a" * 64, "a" * 64 + "z", "50%_\\", ""]
heights = st.integers(1, 10)


@dataclass(frozen=True)
class World:
    """One list: how its rows are made, its filters as GraphQL with their meaning, its orders.
    `beside` are rows of other tables; groups are there where the list has a parent.
    """

    table: str
    field: str
    made: st.SearchStrategy[list[Row]]
    filters: dict[str, Callable[[Row], bool]]
    orders: dict[str, Callable[[Row], Any]]
    id: Callable[[Row], str]
    parent: str | None = None
    beside: dict[str, list[Row]] = default(default_factory=dict)

    def expected(self, made: list[Row], chosen: str, order: str, descending: bool) -> list[str]:
        kept = [row for row in made if self.filters[chosen](row)]
        return [self.id(row) for row in sorted(kept, key=self.orders[order], reverse=descending)]


def many(
    make: Callable[..., Row], **values: st.SearchStrategy[Any]
) -> st.SearchStrategy[list[Row]]:
    drawn = st.lists(st.fixed_dictionaries(values), max_size=12)
    return drawn.map(lambda found: [make(n, **one) for n, one in enumerate(found, start=1)])


def born(row: Row) -> tuple[int, int]:
    return row["created_block"], row["created_log"]


def by(column: str) -> Callable[[Row], Any]:
    return lambda row: (row[column], *born(row))


def name_key(row: Row) -> Any:
    return (row["name"][:64].encode(), *born(row))


def payment_status(row: Row) -> int:
    return 3 if row["status"] == 0 and row["deadline_seconds"] < NOW else int(row["status"])


def packet_status(row: Row) -> int:
    return 2 if row["status"] == 0 and row["expires_at"] < time_of(10) else int(row["status"])


def anything(_row: Row) -> bool:
    return True


GROUPS = World(
    table="groups",
    field="groups",
    made=many(
        rows.group,
        at=heights,
        name=st.sampled_from(NAMES),
        member_count=st.integers(0, 2),
        updated_block=heights,
        is_public=st.booleans(),
        owner=st.sampled_from([account(1), account(2)]),
    ),
    filters={
        "{}": anything,
        "{isPublic: true}": lambda row: row["is_public"],
        '{nameContains: "A"}': lambda row: "a" in row["name"].lower(),
        '{nameContains: "%_\\\\"}': lambda row: "%_\\" in row["name"],
        '{nameContains: "\\u0000"}': lambda row: False,
        '{groupId: "group_2"}': lambda row: row["group_id"] == "group_2",
        "{keyIn: []}": lambda row: False,
        f'{{keyIn: ["0x{key_of(1).hex()}", "0x{key_of(3).hex()}"]}}': lambda row: (
            row["group_id"] in ("group_1", "group_3")
        ),
        f'{{owner: "0x{account(1).hex()}", createdBlockGte: 3, createdBlockLte: 8}}': lambda row: (
            row["owner"] == account(1) and 3 <= row["created_block"] <= 8
        ),
    },
    orders={
        "CREATED": born,
        "UPDATED": by("updated_block"),
        "MEMBER_COUNT": by("member_count"),
        "NAME": name_key,
    },
    id=lambda row: f"Group:0x{row['key'].hex()}",
)

amounts = st.sampled_from([0, 1, 2, 2**64, 2**256 - 1])
payments = many(
    rows.payment,
    at=heights,
    kind=st.integers(0, 2),
    status=st.integers(0, 2),
    group_key=st.sampled_from([key_of(1), key_of(2)]),
    target_amount=amounts,
    collected_amount=amounts,
    updated_block=heights,
    deadline_seconds=st.sampled_from([NOW - 1, NOW, NOW + 1, 2**256 - 1]),
)
PAYMENTS = World(
    table="payments",
    field="payments",
    made=payments,
    filters={
        "{}": anything,
        "{kind: AA_PAYMENT}": lambda row: row["kind"] == 1,
        "{status: EXPIRED}": lambda row: payment_status(row) == 3,
        "{status: ACTIVE}": lambda row: payment_status(row) == 0,
        f'{{targetAmountGte: 2, targetAmountLte: "{2**300}"}}': lambda row: (
            row["target_amount"] >= 2
        ),
        '{groupId: "group_1", status: CANCELLED}': lambda row: (
            row["group_key"] == key_of(1) and payment_status(row) == 2
        ),
    },
    orders={
        "CREATED": born,
        "UPDATED": by("updated_block"),
        "DEADLINE": by("deadline_seconds"),
        "TARGET_AMOUNT": by("target_amount"),
        "COLLECTED_AMOUNT": by("collected_amount"),
    },
    id=lambda row: f"Payment:0x{row['payment_id'].hex()}",
)
GROUP_PAYMENTS = World(
    table="payments",
    field="payments",
    made=payments,
    filters={
        "{}": lambda row: row["group_key"] == key_of(1),
        "{status: EXPIRED}": lambda row: row["group_key"] == key_of(1) and payment_status(row) == 3,
    },
    orders=PAYMENTS.orders,
    id=PAYMENTS.id,
    parent='group(groupId: "group_1")',
)
RED_PACKETS = World(
    table="red_packets",
    field="redPackets",
    made=many(
        rows.red_packet,
        at=heights,
        kind=st.integers(0, 2),
        status=st.sampled_from([0, 1, 3]),
        updated_block=heights,
        total_amount=amounts,
        expires_at=st.sampled_from([time_of(9), time_of(10), time_of(11)]),
    ),
    filters={
        "{}": anything,
        "{kind: EXCLUSIVE}": lambda row: row["kind"] == 2,
        "{status: EXPIRED}": lambda row: packet_status(row) == 2,
        "{status: ACTIVE}": lambda row: packet_status(row) == 0,
    },
    orders={
        "CREATED": born,
        "UPDATED": by("updated_block"),
        "EXPIRES": by("expires_at"),
        "TOTAL_AMOUNT": by("total_amount"),
    },
    id=lambda row: f"RedPacket:0x{row['packet_id'].hex()}",
)

PAID = keccak(b"PaymentCreated(bytes32,string,address,uint8,uint256,uint256)")
JOINED = keccak(b"MemberJoined(string,address,uint256)")
WHO = [bytes(12) + account(n) for n in (1, 2)]
topics = st.sampled_from([None, *WHO, key_of(1), id_of(1)])


def some_event(number: int, *, at: int, contract: int, topic0: bytes, rest: Any, ok: bool) -> Row:
    return event(at, number, contract, topic0, *rest, decoded=ok)


def _names(row: Row, who: bytes) -> bool:
    return who in (row["topic1"], row["topic2"], row["topic3"])


def _of_group(row: Row) -> bool:
    if row["contract"] == 0:
        return bool(row["topic1"] == key_of(1))
    return bool(row["topic0"] == PAID and row["topic2"] == key_of(1))


def _in_chain(row: Row) -> Any:
    return row["block_number"], row["log_index"]


KEY = f"0x{key_of(1).hex()}"
ONE = f"0x{account(1).hex()}"
EVENTS = World(
    table="events",
    field="events",
    made=many(
        some_event,
        at=heights,
        contract=st.integers(0, 2),
        topic0=st.sampled_from([PAID, JOINED]),
        rest=st.lists(topics, min_size=3, max_size=3),
        ok=st.booleans(),
    ),
    filters={
        "{}": anything,
        "{contract: GROUP_CHAT}": lambda row: row["contract"] == 0,
        '{name: "MemberJoined"}': lambda row: row["topic0"] == JOINED and row["decoded"],
        '{nameIn: ["MemberJoined", "Unknown"]}': lambda row: (
            row["topic0"] == JOINED or not row["decoded"]
        ),
        "{nameIn: []}": lambda row: False,
        f'{{groupKey: "{KEY}"}}': _of_group,
        f'{{address: "{ONE}"}}': lambda row: _names(row, WHO[0]),
        f'{{address: "{ONE}", groupKey: "{KEY}", blockGte: 3}}': lambda row: (
            _names(row, WHO[0]) and _of_group(row) and row["block_number"] >= 3
        ),
        f'{{transactionHash: "0x{keccak(b"tx 4").hex()}"}}': lambda row: row["block_number"] == 4,
    },
    orders={"": _in_chain},
    id=lambda row: f"{row['block_number']}-{row['log_index']}",
)
GROUP_EVENTS = World(
    table="events",
    field="events",
    made=EVENTS.made,
    filters={"": _of_group},
    orders=EVENTS.orders,
    id=EVENTS.id,
    parent='group(groupId: "group_1")',
)
WHOLE = {
    ("Query", "groups"): GROUPS,
    ("Query", "payments"): PAYMENTS,
    ("Group", "payments"): GROUP_PAYMENTS,
    ("Query", "redPackets"): RED_PACKETS,
    ("Query", "events"): EVENTS,
    ("Group", "events"): GROUP_EVENTS,
}
