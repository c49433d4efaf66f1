import {RedPacket} from 'generated'
import {abiOf, inputOf, time} from './input'

const abi = abiOf('RedPacket')
const RANDOM = 0
const ACTIVE = 0, COMPLETED = 1, EXPIRED = 2, REFUNDED = 3
const DAY = 86_400n

RedPacket.RedPacketCreated.handler(async ({event, context}) => {
    const {redPacketId: id, packetType, groupId: group_key, sender, timestamp} = event.params
    const {totalAmount, totalCount} = event.params, kind = Number(packetType)
    const {name, args} = inputOf(abi, event.transaction.input)
    const [group_id, shares, message] = args
    context.RedPackets.set({
        id, kind, group_key, group_id, sender, message, total_amount: totalAmount,
        remaining_amount: totalAmount, total_count: totalCount, remaining_count: totalCount,
        fixed_amount: kind == RANDOM ? undefined : totalAmount / totalCount, status: ACTIVE,
        created_at: time(timestamp), expires_at: time(timestamp + DAY),
        created_block: event.block.number, updated_block: event.block.number,
    })
    if (name != 'createExclusiveRedPacket') return
    for (const [position, address] of shares.entries())
        context.Recipients.set({id: `${id}-${position}`, packet_id: id, position, address})
})

async function change(context: any, event: any, by: (packet: any) => object) {
    const packet = await context.RedPackets.get(event.params.redPacketId)
    if (packet) context.RedPackets.set({...packet, ...by(packet), updated_block: event.block.number})
}

RedPacket.RedPacketClaimed.handler(async ({event, context}) => {
    const {redPacketId, claimer, amount, order, timestamp} = event.params
    await change(context, event, packet => ({
        remaining_amount: packet.remaining_amount - amount, remaining_count: packet.remaining_count - 1n,
    }))
    context.Claims.set({
        id: `${redPacketId}-${claimer}`, packet_id: redPacketId, claimer, amount, claim_order: order,
        claimed_at: time(timestamp), created_block: event.block.number,
    })
})

RedPacket.RedPacketCompleted.handler(({event, context}) =>
    change(context, event, () => ({status: COMPLETED})))

RedPacket.RedPacketRefunded.handler(({event, context}) =>
    change(context, event, packet => ({
        remaining_amount: packet.remaining_amount - event.params.amount, status: REFUNDED,
    })))

// Comes after RedPacketRefunded, whose status is the one that stays.
RedPacket.RedPacketExpired.handler(({event, context}) =>
    change(context, event, packet => ({status: packet.status == REFUNDED ? REFUNDED : EXPIRED})))
