import {TypeormDatabase} from '@subsquid/typeorm-store'
import './groups'
import {Groups} from './model'
import './packets'
import './payments'
import {processor} from './processor'
import {fold, World} from './world'

let groupCount: number | undefined // ids of groups are numbered: group_1, group_2, …

processor.run(new TypeormDatabase({isolationLevel: 'READ COMMITTED'}), async ctx => {
    groupCount ??= await ctx.store.count(Groups)
    const world = new World(groupCount)
    await fold(world, ctx.blocks.flatMap(block => block.logs), ctx.store)
    await world.write(ctx.store)
    groupCount = world.groupCount
})
