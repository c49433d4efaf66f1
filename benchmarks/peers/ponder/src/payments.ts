import {Context, ponder} from 'ponder:registry'
import {contributions, credits, participants, payments, refundBalances} from 'ponder:schema'
import {decodeFunctionData, Hex} from 'viem'
import {GroupPayment as abi} from '../abis/GroupPayment'
import {time} from './time'

const CROWDFUNDING = 2
const ACTIVE = 0, COMPLETED = 1, CANCELLED = 2

ponder.on('GroupPayment:PaymentCreated', async ({event, context}) => {
    const {paymentId, paymentType: kind, groupId: groupKey, initiator, amount, timestamp} = event.args
    const call = decodeFunctionData({abi, data: event.transaction.input})
    if (call.functionName != 'createGroupCollection' && call.functionName != 'createAAPayment') return
    const [groupId, , people, description, deadlineSeconds] = call.args
    const shared = call.functionName == 'createAAPayment'
    await context.db.insert(payments).values({
        paymentId, kind, groupKey, groupId, initiator, targetAmount: amount, collectedAmount: 0n,
        perPersonAmount: shared ? amount / BigInt(people.length) : null, description,
        deadlineSeconds, status: ACTIVE, fundsWithdrawn: false, createdAt: time(timestamp),
        createdBlock: event.block.number, updatedBlock: event.block.number,
    })
    await context.db.insert(participants)
        .values(people.map((address, position) => ({paymentId, position, address})))
})

ponder.on('GroupPayment:CrowdfundingCreated', async ({event, context}) => {
    const {fundingId, groupId: groupKey, initiator, targetAmount, timestamp} = event.args
    const call = decodeFunctionData({abi, data: event.transaction.input})
    if (call.functionName != 'createCrowdfunding') return
    const [groupId, , minContribution, title, description, deadlineSeconds] = call.args
    await context.db.insert(payments).values({
        paymentId: fundingId, kind: CROWDFUNDING, groupKey, groupId, initiator, targetAmount,
        collectedAmount: 0n, minContribution, title, description, deadlineSeconds,
        status: ACTIVE, fundsWithdrawn: false, createdAt: time(timestamp),
        createdBlock: event.block.number, updatedBlock: event.block.number,
    })
})

async function give(
    context: Context, paymentId: Hex, contributor: Hex, amount: bigint, timestamp: bigint, block: bigint,
) {
    const contributedAt = time(timestamp)
    await context.db.insert(contributions)
        .values({paymentId, contributor, amount, contributedAt, createdBlock: block})
        .onConflictDoUpdate(row => ({amount: row.amount + amount, contributedAt}))
}

ponder.on('GroupPayment:PaymentContributed', async ({event, context}) => {
    const {paymentId, contributor, amount, timestamp} = event.args
    await context.db.update(payments, {paymentId}).set(row => ({
        collectedAmount: row.collectedAmount + amount, updatedBlock: event.block.number,
    }))
    await give(context, paymentId, contributor, amount, timestamp, event.block.number)
})

ponder.on('GroupPayment:CrowdfundingBacked', async ({event, context}) => {
    const {fundingId: paymentId, backer, amount, timestamp} = event.args
    await context.db.update(payments, {paymentId}).set(row => {
        const collectedAmount = row.collectedAmount + amount
        const status = collectedAmount >= row.targetAmount ? COMPLETED : row.status
        return {collectedAmount, status, updatedBlock: event.block.number}
    })
    await give(context, paymentId, backer, amount, timestamp, event.block.number)
})

ponder.on('GroupPayment:PaymentCompleted', async ({event, context}) => {
    await context.db.update(payments, {paymentId: event.args.paymentId})
        .set({status: COMPLETED, updatedBlock: event.block.number})
})

ponder.on('GroupPayment:FundsWithdrawn', async ({event, context}) => {
    await context.db.update(payments, {paymentId: event.args.paymentId})
        .set({fundsWithdrawn: true, updatedBlock: event.block.number})
})

// A credit names no payment: the cancellation that follows it in its transaction does.
ponder.on('GroupPayment:RefundCredited', async ({event, context}) => {
    const {user: address, amount} = event.args
    await context.db.insert(refundBalances).values({address, amount})
        .onConflictDoUpdate(row => ({amount: row.amount + amount}))
    await context.db.insert(credits).values({transaction: event.transaction.hash, users: [address]})
        .onConflictDoUpdate(row => ({users: [...row.users, address]}))
})

ponder.on('GroupPayment:RefundWithdrawn', async ({event, context}) => {
    await context.db.update(refundBalances, {address: event.args.user})
        .set(row => ({amount: row.amount - event.args.amount}))
})

async function cancel(context: Context, paymentId: Hex, transaction: Hex, block: bigint) {
    await context.db.update(payments, {paymentId}).set({status: CANCELLED, updatedBlock: block})
    const credited = await context.db.find(credits, {transaction})
    for (const contributor of credited?.users ?? [])
        await context.db.update(contributions, {paymentId, contributor}).set({amount: 0n})
    if (credited) await context.db.delete(credits, {transaction})
}

ponder.on('GroupPayment:PaymentCancelled', ({event, context}) =>
    cancel(context, event.args.paymentId, event.transaction.hash, event.block.number))

ponder.on('GroupPayment:CrowdfundingCancelled', ({event, context}) =>
    cancel(context, event.args.fundingId, event.transaction.hash, event.block.number))
