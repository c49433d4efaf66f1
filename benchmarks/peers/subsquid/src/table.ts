import {EntityClass, Store} from '@subsquid/typeorm-store'
import {In} from 'typeorm'

/** The rows of one entity that a batch touches: read once, written once. */
export class Table<E extends {id: string}> {
    private asked = new Set<string>()
    private rows = new Map<string, E>()
    private stored = new Set<string>()
    private changed = new Set<string>()

    constructor(private entity: EntityClass<E>) {}

    ask(id: string) {
        if (!this.rows.has(id)) this.asked.add(id)
    }

    async load(store: Store) {
        if (this.asked.size == 0) return
        const found = await store.findBy(this.entity, {id: In([...this.asked])} as any)
        for (const row of found) {
            this.rows.set(row.id, row)
            this.stored.add(row.id)
        }
        this.asked.clear()
    }

    get(id: string): E | undefined {
        return this.rows.get(id)
    }

    /** The row, which is about to be changed. */
    change(id: string): E | undefined {
        const row = this.rows.get(id)
        if (row) this.changed.add(id)
        return row
    }

    put(row: E) {
        this.rows.set(row.id, row)
        this.changed.add(row.id)
    }

    remove(id: string) {
        this.rows.delete(id)
        this.changed.add(id)
    }

    async write(store: Store) {
        const born: E[] = [], known: E[] = [], gone: string[] = []
        for (const id of this.changed) {
            const row = this.rows.get(id), before = this.stored.has(id)
            if (row) (before ? known : born).push(row)
            else if (before) gone.push(id)
        }
        if (born.length) await store.insert(born)
        if (known.length) await store.upsert(known)
        if (gone.length) await store.remove(this.entity, gone)
    }
}
