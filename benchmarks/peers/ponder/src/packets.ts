import {ponder} from 'ponder:registry'
import {claims, recipients, redPackets} from 'ponder:schema'
import {decodeFunctionData} from 'viem'
import {RedPacket as abi} from '../abis/RedPacket'
import {time} from './time'

const RANDOM = 0
const ACTIVE = 0, COMPLETED = 1, EXPIRED = 2, REFUNDED = 3
const DAY = 86_400n

ponder.on('RedPacket:RedPacketCreated', async ({event, context}) => {
    const {redPacketId: packetId, packetType: kind, groupId: groupKey, sender, timestamp} = event.args
    const {totalAmount, totalCount} = event.args
    const {functionName, args} = decodeFunctionData({abi, data: event.transaction.input})
    if (
        functionName != 'createRandomRedPacket' && functionName != 'createFixedRedPacket' &&
        functionName != 'createExclusiveRedPacket'
    ) return
    const [groupId, , message] = args
    await context.db.insert(redPackets).values({
        packetId, kind, groupKey, groupId, sender, message, totalAmount,
        remainingAmount: totalAmount, totalCount, remainingCount: totalCount,
        fixedAmount: kind == RANDOM ? null : totalAmount / totalCount, status: ACTIVE,
        createdAt: time(timestamp), expiresAt: time(timestamp + DAY),
        createdBlock: event.block.number, updatedBlock: event.block.number,
    })
    if (functionName == 'createExclusiveRedPacket')
        await context.db.insert(recipients)
            .values(args[1].map((address, position) => ({packetId, position, address})))
})

ponder.on('RedPacket:RedPacketClaimed', async ({event, context}) => {
    const {redPacketId: packetId, claimer, amount, order, timestamp} = event.args
    await context.db.update(redPackets, {packetId}).set(row => ({
        remainingAmount: row.remainingAmount - amount, remainingCount: row.remainingCount - 1n,
        updatedBlock: event.block.number,
    }))
    await context.db.insert(claims).values({
        packetId, claimer, amount, claimOrder: order, claimedAt: time(timestamp),
        createdBlock: event.block.number,
    })
})

ponder.on('RedPacket:RedPacketCompleted', async ({event, context}) => {
    await context.db.update(redPackets, {packetId: event.args.redPacketId})
        .set({status: COMPLETED, updatedBlock: event.block.number})
})

ponder.on('RedPacket:RedPacketRefunded', async ({event, context}) => {
    await context.db.update(redPackets, {packetId: event.args.redPacketId}).set(row => ({
        remainingAmount: row.remainingAmount - event.args.amount, status: REFUNDED,
        updatedBlock: event.block.number,
    }))
})

// Comes after RedPacketRefunded, whose status is the one that stays.
ponder.on('RedPacket:RedPacketExpired', async ({event, context}) => {
    await context.db.update(redPackets, {packetId: event.args.redPacketId}).set(row => ({
        status: row.status == REFUNDED ? REFUNDED : EXPIRED, updatedBlock: event.block.number,
    }))
})
