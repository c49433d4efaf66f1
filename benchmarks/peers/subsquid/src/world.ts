import {Store} from '@subsquid/typeorm-store'
import * as model from './model'
import {Log} from './processor'
import {Table} from './table'

/** What one batch reads and writes. */
export class World {
    groups = new Table(model.Groups)
    members = new Table(model.Members)
    requests = new Table(model.JoinRequests)
    payments = new Table(model.Payments)
    participants = new Table(model.Participants)
    contributions = new Table(model.Contributions)
    refunds = new Table(model.RefundBalances)
    packets = new Table(model.RedPackets)
    recipients = new Table(model.Recipients)
    claims = new Table(model.Claims)
    /** By transaction: whom a cancellation credited. */
    credited = new Map<string, string[]>()

    constructor(public groupCount: number) {}

    private all(): Table<any>[] {
        return [
            this.groups, this.members, this.requests, this.payments, this.participants,
            this.contributions, this.refunds, this.packets, this.recipients, this.claims,
        ]
    }

    async load(store: Store) {
        for (const table of this.all()) await table.load(store)
    }

    async write(store: Store) {
        for (const table of this.all()) await table.write(store)
    }
}

interface Event<T> {
    topic: string
    decode(log: Log): T
}

interface Handler<T> {
    /** Names the rows that `does` will look at. */
    asks?(world: World, event: T, log: Log): void
    does?(world: World, event: T, log: Log): void
}

const handlers = new Map<string, {event: Event<any>; handler: Handler<any>}>()

export function on<T>(event: Event<T>, handler: Handler<T>) {
    handlers.set(event.topic, {event, handler})
}

/** Folds the logs into the world, whose rows are read before and written by the caller. */
export async function fold(world: World, logs: Log[], store: Store) {
    const steps = logs.flatMap(log => {
        const found = handlers.get(log.topics[0])
        return found ? [{log, event: found.event.decode(log), handler: found.handler}] : []
    })
    // Twice: what a group says of its owner is known only once the group is loaded.
    for (let round = 0; round < 2; round++) {
        for (const {log, event, handler} of steps) handler.asks?.(world, event, log)
        await world.load(store)
    }
    for (const {log, event, handler} of steps) handler.does?.(world, event, log)
}

export const time = (seconds: bigint) => new Date(Number(seconds) * 1000)
