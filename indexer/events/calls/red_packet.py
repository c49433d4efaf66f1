"""The functions of RedPacket that change its state; a new packet holds the value sent."""

from indexer.events.abi import Accounts, Fields, Id, Payable, String, Uint256


class CreateRandomRedPacket(Payable, frozen=True):
    group_id: String
    count: Uint256
    message: String


class CreateFixedRedPacket(Payable, frozen=True):
    group_id: String
    count: Uint256
    message: String


class CreateExclusiveRedPacket(Payable, frozen=True):
    group_id: String
    recipients: Accounts
    message: String


class ClaimRedPacket(Fields, frozen=True):
    red_packet_id: Id


class RefundExpiredRedPacket(Fields, frozen=True):
    red_packet_id: Id


RedPacketCall = (
    CreateRandomRedPacket
    | CreateFixedRedPacket
    | CreateExclusiveRedPacket
    | ClaimRedPacket
    | RefundExpiredRedPacket
)
