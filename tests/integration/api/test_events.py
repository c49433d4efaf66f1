"""Events as the API shows them."""

from sqlalchemy import Engine, text

from indexer.units import keccak
from tests.integration.api.conftest import Client
from tests.integration.api.rows import account, event, group, id_of, key_of, payment, put

CREATED = keccak(b"GroupCreated(string,string,address,uint256)")
JOINED = keccak(b"MemberJoined(string,address,uint256)")
PAID = keccak(b"PaymentCreated(bytes32,string,address,uint8,uint256,uint256)")


def topic(who: int) -> bytes:
    return bytes(12) + account(who)


def word(number: int) -> bytes:
    return number.to_bytes(32)


def created(name: bytes) -> bytes:
    return word(64) + word(5) + word(len(name)) + name.ljust(-(-len(name) // 32) * 32, b"\0")


async def test_a_decoded_event_has_its_arguments_by_solidity_name(
    client: Client, database: Engine
) -> None:
    data = created(b"caf\xe9 \x00")
    put(database, events=[event(3, 7, 0, CREATED, key_of(1), topic(0xAB), data=data)])
    found = (
        await client.data("""{ events { nodes { id contract name args logIndex
      transactionHash transactionIndex finality block { number hash timestamp } } } }""")
    )["events"]
    assert found["nodes"] == [
        {
            "id": "3-7",
            "contract": "GROUP_CHAT",
            "name": "GroupCreated",
            "args": {
                "groupId": "0x" + key_of(1).hex(),
                "groupName": "caf\ufffd \ufffd",
                "owner": "0x00000000000000000000000000000000000000AB",
                "timestamp": "5",
            },
            "logIndex": 7,
            "transactionHash": "0x" + keccak(b"tx 3").hex(),
            "transactionIndex": 0,
            "finality": "LATEST",
            "block": {
                "number": 3,
                "hash": "0x" + keccak(b"3").hex(),
                "timestamp": "2023-11-14T22:13:50Z",
            },
        }
    ]


async def test_an_undecoded_event_shows_its_topics_and_data(
    client: Client, database: Engine
) -> None:
    put(
        database,
        events=[
            event(1, 0, 2, b"\x01" * 32, data=b"\xff", decoded=False),
            event(1, 1, 2, data=b"", decoded=False),
        ],
    )
    found = await client.data('{ events(where: {name: "Unknown"}) { nodes { name args } } }')
    assert found["events"]["nodes"] == [
        {"name": "Unknown", "args": {"topics": ["0x" + "01" * 32], "data": "0xff"}},
        {"name": "Unknown", "args": {"topics": [], "data": "0x"}},
    ]


async def test_an_event_is_as_settled_as_its_block(client: Client, database: Engine) -> None:
    put(database, events=[event(at, 0, 0, JOINED, decoded=False) for at in (3, 4, 5, 6)])
    with database.begin() as connection:
        connection.execute(text("UPDATE cursor SET finalized_block = 3, safe_block = 5"))
    found = await client.data("{ events { nodes { finality } } }")
    finalities = [node["finality"] for node in found["events"]["nodes"]]
    assert finalities == ["FINALIZED", "SAFE", "SAFE", "LATEST"]


async def test_the_last_events_come_in_the_order_of_the_chain(
    client: Client, database: Engine
) -> None:
    put(database, events=[event(at, 0, 0, JOINED, decoded=False) for at in range(1, 7)])
    found = await client.data(
        "{ a: events(first: 2) { nodes { id } } b: events(last: 2) { nodes { id } } }"
    )
    assert [node["id"] for node in found["a"]["nodes"]] == ["1-0", "2-0"]
    assert [node["id"] for node in found["b"]["nodes"]] == ["5-0", "6-0"]


async def test_a_group_has_its_own_events_and_the_creations_that_name_it(
    client: Client, database: Engine
) -> None:
    put(
        database,
        groups=[group(1)],
        payments=[payment(1)],
        events=[
            event(1, 0, 0, JOINED, key_of(1), topic(2), data=word(1)),
            event(1, 1, 0, JOINED, key_of(2), topic(2), data=word(1)),
            event(2, 0, 1, PAID, id_of(1), key_of(1), topic(2), data=word(0) + word(1) * 2),
            event(3, 0, 1, JOINED, key_of(1), decoded=False),
        ],
    )
    found = await client.data(
        """query ($k: Bytes32) { group(groupId: "group_1") { events { totalCount nodes { id } }
        payments { nodes { events { nodes { id name } } } } }
        events(where: {groupKey: $k}) { nodes { id } } }""",
        k="0x" + key_of(1).hex(),
    )
    assert found["group"]["events"]["totalCount"] == 2
    assert (
        found["group"]["events"]["nodes"]
        == found["events"]["nodes"]
        == [
            {"id": "1-0"},
            {"id": "2-0"},
        ]
    )
    assert found["group"]["payments"]["nodes"][0]["events"]["nodes"] == [
        {"id": "2-0", "name": "PaymentCreated"}
    ]


async def test_a_name_that_no_event_has_is_refused_with_the_names_there_are(
    client: Client,
) -> None:
    for argument in ('name: "Nope"', 'nameIn: ["MemberJoined", "Nope"]'):
        error = await client.error(f"{{ events(where: {{{argument}}}) {{ totalCount }} }}")
        assert error["code"] == "BAD_USER_INPUT"
        assert "RedPacketClaimed" in error["names"]
