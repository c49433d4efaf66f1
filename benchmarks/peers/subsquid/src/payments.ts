import {events, functions} from './abi/GroupPayment'
import {Contributions, Participants, Payments, RefundBalances} from './model'
import {Log} from './processor'
import {on, time, World} from './world'

const BILL = 1, CROWDFUNDING = 2
const ACTIVE = 0, COMPLETED = 1, CANCELLED = 2
const at = (payment: string, address: string) => `${payment}-${address}`

on(events.PaymentCreated, {
    does(world, event, log) {
        const shared = event.paymentType == BILL, input = log.transaction!.input
        const create = shared ? functions.createAAPayment : functions.createGroupCollection
        const {groupId, participants, description, deadline} = create.decode(input)
        world.payments.put(new Payments({
            id: event.paymentId, kind: event.paymentType, groupKey: event.groupId, groupId,
            initiator: event.initiator, targetAmount: event.amount, collectedAmount: 0n,
            perPersonAmount: shared ? event.amount / BigInt(participants.length) : null,
            description, deadlineSeconds: deadline, status: ACTIVE, fundsWithdrawn: false,
            createdAt: time(event.timestamp), createdBlock: log.block.height,
            updatedBlock: log.block.height,
        }))
        participants.forEach((address, position) => world.participants.put(new Participants({
            id: at(event.paymentId, String(position)), paymentId: event.paymentId, position, address,
        })))
    },
})

on(events.CrowdfundingCreated, {
    does(world, event, log) {
        const call = functions.createCrowdfunding.decode(log.transaction!.input)
        world.payments.put(new Payments({
            id: event.fundingId, kind: CROWDFUNDING, groupKey: event.groupId, groupId: call.groupId,
            initiator: event.initiator, targetAmount: event.targetAmount, collectedAmount: 0n,
            minContribution: call.minContribution, title: call.title, description: call.description,
            deadlineSeconds: call.deadline, status: ACTIVE, fundsWithdrawn: false,
            createdAt: time(event.timestamp), createdBlock: log.block.height,
            updatedBlock: log.block.height,
        }))
    },
})

function give(world: World, id: string, contributor: string, amount: bigint, timestamp: bigint, log: Log) {
    const payment = world.payments.change(id)
    if (payment) {
        payment.collectedAmount += amount
        payment.updatedBlock = log.block.height
    }
    const given = world.contributions.change(at(id, contributor))
    if (given) {
        given.amount += amount
        given.contributedAt = time(timestamp)
    } else {
        world.contributions.put(new Contributions({
            id: at(id, contributor), paymentId: id, contributor, amount,
            contributedAt: time(timestamp), createdBlock: log.block.height,
        }))
    }
    return payment
}

on(events.PaymentContributed, {
    asks(world, event) {
        world.payments.ask(event.paymentId)
        world.contributions.ask(at(event.paymentId, event.contributor))
    },
    does: (world, event, log) =>
        void give(world, event.paymentId, event.contributor, event.amount, event.timestamp, log),
})

on(events.CrowdfundingBacked, {
    asks(world, event) {
        world.payments.ask(event.fundingId)
        world.contributions.ask(at(event.fundingId, event.backer))
    },
    does(world, event, log) {
        const payment = give(world, event.fundingId, event.backer, event.amount, event.timestamp, log)
        if (payment && payment.collectedAmount >= payment.targetAmount) payment.status = COMPLETED
    },
})

function end(world: World, id: string, status: number, log: Log) {
    const payment = world.payments.change(id)
    if (!payment) return
    payment.status = status
    payment.updatedBlock = log.block.height
}

on(events.PaymentCompleted, {
    asks: (world, event) => world.payments.ask(event.paymentId),
    does: (world, event, log) => end(world, event.paymentId, COMPLETED, log),
})

on(events.FundsWithdrawn, {
    asks: (world, event) => world.payments.ask(event.paymentId),
    does(world, event, log) {
        const payment = world.payments.change(event.paymentId)
        if (!payment) return
        payment.fundsWithdrawn = true
        payment.updatedBlock = log.block.height
    },
})

// A cancellation comes after the credits of its transaction, which name no payment.
on(events.RefundCredited, {
    asks(world, event, log) {
        world.refunds.ask(event.user)
        const credited = world.credited.get(log.transactionHash) ?? []
        world.credited.set(log.transactionHash, [...credited, event.user])
    },
    does(world, event) {
        const balance = world.refunds.change(event.user)
        if (balance) balance.amount += event.amount
        else world.refunds.put(new RefundBalances({id: event.user, amount: event.amount}))
    },
})

on(events.RefundWithdrawn, {
    asks: (world, event) => world.refunds.ask(event.user),
    does(world, event) {
        const balance = world.refunds.change(event.user)
        if (balance) balance.amount -= event.amount
    },
})

function cancels(idOf: (event: any) => string) {
    return {
        asks(world: World, event: any, log: Log) {
            world.payments.ask(idOf(event))
            for (const user of world.credited.get(log.transactionHash) ?? [])
                world.contributions.ask(at(idOf(event), user))
        },
        does(world: World, event: any, log: Log) {
            end(world, idOf(event), CANCELLED, log)
            for (const user of world.credited.get(log.transactionHash) ?? []) {
                const given = world.contributions.change(at(idOf(event), user))
                if (given) given.amount = 0n
            }
        },
    }
}

on(events.PaymentCancelled, cancels(event => event.paymentId))
on(events.CrowdfundingCancelled, cancels(event => event.fundingId))
