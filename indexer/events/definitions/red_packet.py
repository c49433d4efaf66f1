"""The events of RedPacket."""

from typing import Annotated

from indexer.events.abi import Fields, GroupKey, IndexedAccount, IndexedId, Input, Uint256

PacketType = Annotated[int, Input(type="uint8", most=2)]
"""0 RANDOM, 1 FIXED, 2 EXCLUSIVE."""


class RedPacketCreated(Fields, frozen=True):
    red_packet_id: IndexedId
    group_key: GroupKey
    sender: IndexedAccount
    packet_type: PacketType
    total_amount: Uint256
    total_count: Uint256
    timestamp: Uint256


class RedPacketClaimed(Fields, frozen=True):
    red_packet_id: IndexedId
    claimer: IndexedAccount
    amount: Uint256
    order: Uint256
    timestamp: Uint256


class RedPacketCompleted(Fields, frozen=True):
    red_packet_id: IndexedId
    timestamp: Uint256


class RedPacketExpired(Fields, frozen=True):
    red_packet_id: IndexedId
    timestamp: Uint256


class RedPacketRefunded(Fields, frozen=True):
    red_packet_id: IndexedId
    sender: IndexedAccount
    amount: Uint256
    timestamp: Uint256


RedPacketEvent = (
    RedPacketCreated | RedPacketClaimed | RedPacketCompleted | RedPacketExpired | RedPacketRefunded
)
