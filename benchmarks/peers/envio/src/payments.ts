import {GroupPayment} from 'generated'
import {abiOf, inputOf, time} from './input'

const abi = abiOf('GroupPayment')
const CROWDFUNDING = 2
const ACTIVE = 0, COMPLETED = 1, CANCELLED = 2
const at = (payment: string, address: string | number) => `${payment}-${address}`

GroupPayment.PaymentCreated.handler(async ({event, context}) => {
    const {paymentId: id, paymentType, groupId: group_key, initiator, amount, timestamp} = event.params
    const {name, args} = inputOf(abi, event.transaction.input)
    const [group_id, , people, description, deadline_seconds] = args
    context.Payments.set({
        id, kind: Number(paymentType), group_key, group_id, initiator, target_amount: amount,
        collected_amount: 0n,
        per_person_amount: name == 'createAAPayment' ? amount / BigInt(people.length) : undefined,
        min_contribution: undefined, title: undefined, description, deadline_seconds,
        status: ACTIVE, funds_withdrawn: false, created_at: time(timestamp),
        created_block: event.block.number, updated_block: event.block.number,
    })
    for (const [position, address] of people.entries())
        context.Participants.set({id: at(id, position), payment_id: id, position, address})
})

GroupPayment.CrowdfundingCreated.handler(async ({event, context}) => {
    const {fundingId: id, groupId: group_key, initiator, targetAmount, timestamp} = event.params
    const [group_id, , min_contribution, title, description, deadline_seconds] =
        inputOf(abi, event.transaction.input).args
    context.Payments.set({
        id, kind: CROWDFUNDING, group_key, group_id, initiator, target_amount: targetAmount,
        collected_amount: 0n, per_person_amount: undefined, min_contribution, title, description,
        deadline_seconds, status: ACTIVE, funds_withdrawn: false, created_at: time(timestamp),
        created_block: event.block.number, updated_block: event.block.number,
    })
})

async function change(context: any, id: string, block: number, by: (payment: any) => object) {
    const payment = await context.Payments.get(id)
    if (payment) context.Payments.set({...payment, ...by(payment), updated_block: block})
}

async function give(context: any, payment: string, contributor: string, amount: bigint, timestamp: bigint, block: number) {
    const id = at(payment, contributor), contributed_at = time(timestamp)
    const given = await context.Contributions.get(id)
    context.Contributions.set(given
        ? {...given, amount: given.amount + amount, contributed_at}
        : {id, payment_id: payment, contributor, amount, contributed_at, created_block: block})
}

GroupPayment.PaymentContributed.handler(async ({event, context}) => {
    const {paymentId, contributor, amount, timestamp} = event.params
    await change(context, paymentId, event.block.number, payment =>
        ({collected_amount: payment.collected_amount + amount}))
    await give(context, paymentId, contributor, amount, timestamp, event.block.number)
})

GroupPayment.CrowdfundingBacked.handler(async ({event, context}) => {
    const {fundingId, backer, amount, timestamp} = event.params
    await change(context, fundingId, event.block.number, payment => {
        const collected_amount = payment.collected_amount + amount
        const status = collected_amount >= payment.target_amount ? COMPLETED : payment.status
        return {collected_amount, status}
    })
    await give(context, fundingId, backer, amount, timestamp, event.block.number)
})

GroupPayment.PaymentCompleted.handler(({event, context}) =>
    change(context, event.params.paymentId, event.block.number, () => ({status: COMPLETED})))

GroupPayment.FundsWithdrawn.handler(({event, context}) =>
    change(context, event.params.paymentId, event.block.number, () => ({funds_withdrawn: true})))

// A credit names no payment: the cancellation that follows it in its transaction does.
GroupPayment.RefundCredited.handler(async ({event, context}) => {
    const {user, amount} = event.params, transaction = event.transaction.hash
    const balance = await context.RefundBalances.get(user)
    context.RefundBalances.set({id: user, amount: (balance?.amount ?? 0n) + amount})
    const credit = await context.Credits.get(transaction)
    context.Credits.set({id: transaction, users: [...(credit?.users ?? []), user]})
})

GroupPayment.RefundWithdrawn.handler(async ({event, context}) => {
    const balance = await context.RefundBalances.get(event.params.user)
    if (balance) context.RefundBalances.set({...balance, amount: balance.amount - event.params.amount})
})

async function cancel(context: any, id: string, transaction: string, block: number) {
    await change(context, id, block, () => ({status: CANCELLED}))
    const credit = await context.Credits.get(transaction)
    for (const user of credit?.users ?? []) {
        const given = await context.Contributions.get(at(id, user))
        if (given) context.Contributions.set({...given, amount: 0n})
    }
    context.Credits.deleteUnsafe(transaction)
}

GroupPayment.PaymentCancelled.handler(({event, context}) =>
    cancel(context, event.params.paymentId, event.transaction.hash, event.block.number))

GroupPayment.CrowdfundingCancelled.handler(({event, context}) =>
    cancel(context, event.params.fundingId, event.transaction.hash, event.block.number))
