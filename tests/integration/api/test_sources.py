"""Each entity says where its fields come from that no event carries."""

from sqlalchemy import Engine

from tests.integration.api.conftest import Client
from tests.integration.api.rows import group, id_of, payment, put, red_packet


async def test_groups_payments_and_red_packets_tell_their_sources(
    client: Client, database: Engine
) -> None:
    told = {"avatar": "trace", "muteAll": "rule"}
    put(
        database,
        groups=[group(1, sources=told)],
        payments=[payment(2, sources={"participants": "unknown"})],
        red_packets=[red_packet(3, sources={})],
    )
    data = await client.data(
        """query ($p: Bytes32!, $r: Bytes32!) { group(groupId: "group_1") { sources }
        payment(paymentId: $p) { sources } redPacket(redPacketId: $r) { sources } }""",
        p="0x" + id_of(2).hex(),
        r="0x" + id_of(3).hex(),
    )
    assert data["group"] == {"sources": told}
    assert data["payment"] == {"sources": {"participants": "unknown"}}
    assert data["redPacket"] == {"sources": {}}
