import {events, functions} from './abi/RedPacket'
import {Claims, Recipients, RedPackets} from './model'
import {on, time} from './world'

const RANDOM = 0, EXCLUSIVE = 2
const ACTIVE = 0, COMPLETED = 1, EXPIRED = 2, REFUNDED = 3
const DAY = 86_400n

const creation = [
    functions.createRandomRedPacket, functions.createFixedRedPacket, functions.createExclusiveRedPacket,
]

on(events.RedPacketCreated, {
    does(world, event, log) {
        const call = creation[event.packetType].decode(log.transaction!.input)
        world.packets.put(new RedPackets({
            id: event.redPacketId, kind: event.packetType, groupKey: event.groupId,
            groupId: call.groupId, sender: event.sender, message: call.message,
            totalAmount: event.totalAmount, remainingAmount: event.totalAmount,
            totalCount: event.totalCount, remainingCount: event.totalCount,
            fixedAmount: event.packetType == RANDOM ? null : event.totalAmount / event.totalCount,
            status: ACTIVE, createdAt: time(event.timestamp), expiresAt: time(event.timestamp + DAY),
            createdBlock: log.block.height, updatedBlock: log.block.height,
        }))
        if (event.packetType != EXCLUSIVE || !('recipients' in call)) return
        call.recipients.forEach((address, position) => world.recipients.put(new Recipients({
            id: `${event.redPacketId}-${position}`, packetId: event.redPacketId, position, address,
        })))
    },
})

on(events.RedPacketClaimed, {
    asks: (world, event) => world.packets.ask(event.redPacketId),
    does(world, event, log) {
        const packet = world.packets.change(event.redPacketId)
        if (packet) {
            packet.remainingAmount -= event.amount
            packet.remainingCount -= 1n
            packet.updatedBlock = log.block.height
        }
        world.claims.put(new Claims({
            id: `${event.redPacketId}-${event.claimer}`, packetId: event.redPacketId,
            claimer: event.claimer, amount: event.amount, claimOrder: event.order,
            claimedAt: time(event.timestamp), createdBlock: log.block.height,
        }))
    },
})

on(events.RedPacketCompleted, {
    asks: (world, event) => world.packets.ask(event.redPacketId),
    does(world, event, log) {
        const packet = world.packets.change(event.redPacketId)
        if (!packet) return
        packet.status = COMPLETED
        packet.updatedBlock = log.block.height
    },
})

on(events.RedPacketRefunded, {
    asks: (world, event) => world.packets.ask(event.redPacketId),
    does(world, event, log) {
        const packet = world.packets.change(event.redPacketId)
        if (!packet) return
        packet.remainingAmount -= event.amount
        packet.status = REFUNDED
        packet.updatedBlock = log.block.height
    },
})

on(events.RedPacketExpired, {
    asks: (world, event) => world.packets.ask(event.redPacketId),
    does(world, event) {
        const packet = world.packets.get(event.redPacketId)
        if (!packet || packet.status == REFUNDED) return
        packet.status = EXPIRED
        world.packets.put(packet)
    },
})
