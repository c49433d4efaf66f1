import {Context, ponder} from 'ponder:registry'
import {counters, groups, joinRequests, members} from 'ponder:schema'
import {decodeFunctionData, Hex} from 'viem'
import {GroupChatV2 as abi} from '../abis/GroupChatV2'
import {time} from './time'

const MEMBER = 0, ADMIN = 1, OWNER = 2

ponder.on('GroupChatV2:GroupCreated', async ({event, context}) => {
    const {groupId: groupKey, groupName: name, owner, timestamp} = event.args
    const call = decodeFunctionData({abi, data: event.transaction.input})
    if (call.functionName != 'createGroup') return
    const [, avatar, description, isPublic, maxMembers] = call.args
    const {value} = await context.db.insert(counters).values({name: 'groups', value: 1})
        .onConflictDoUpdate(row => ({value: row.value + 1}))
    await context.db.insert(groups).values({
        groupKey, groupId: `group_${value}`, name, avatar, description, owner, isPublic,
        allowMemberInvite: true, requireApproval: !isPublic, maxMembers, muteAll: false,
        isActive: true, memberCount: 1, createdAt: time(timestamp),
        createdBlock: event.block.number, updatedBlock: event.block.number,
    })
    await enter(context, groupKey, owner, OWNER, timestamp, event.block.number)
})

async function enter(
    context: Context, groupKey: Hex, address: Hex, role: number, timestamp: bigint, block: bigint,
) {
    const record = {role, isMuted: false, joinedAt: time(timestamp), joinedBlock: block}
    await context.db.insert(members).values({groupKey, address, ...record}).onConflictDoUpdate(record)
}

async function count(context: Context, groupKey: Hex, by: number, block: bigint) {
    await context.db.update(groups, {groupKey})
        .set(row => ({memberCount: row.memberCount + by, updatedBlock: block}))
}

ponder.on('GroupChatV2:MemberJoined', async ({event, context}) => {
    const {groupId, member, timestamp} = event.args
    await enter(context, groupId, member, MEMBER, timestamp, event.block.number)
    await count(context, groupId, 1, event.block.number)
})

ponder.on('GroupChatV2:MemberLeft', async ({event, context}) => {
    await context.db.delete(members, {groupKey: event.args.groupId, address: event.args.member})
    await count(context, event.args.groupId, -1, event.block.number)
})

ponder.on('GroupChatV2:MemberRemoved', async ({event, context}) => {
    await context.db.delete(members, {groupKey: event.args.groupId, address: event.args.member})
    await count(context, event.args.groupId, -1, event.block.number)
})

ponder.on('GroupChatV2:RoleChanged', async ({event, context}) => {
    const {groupId: groupKey, member: address, newRole: role} = event.args
    if (role == OWNER) {
        // The old owner becomes an admin, of which no event tells.
        const group = await context.db.find(groups, {groupKey})
        if (group && group.owner != address) {
            await context.db.update(members, {groupKey, address: group.owner}).set({role: ADMIN})
            await context.db.update(groups, {groupKey})
                .set({owner: address, updatedBlock: event.block.number})
        }
    }
    await context.db.update(members, {groupKey, address}).set({role})
})

ponder.on('GroupChatV2:MemberMuted', async ({event, context}) => {
    const {groupId: groupKey, member: address, muted: isMuted} = event.args
    await context.db.update(members, {groupKey, address}).set({isMuted})
})

ponder.on('GroupChatV2:GroupSettingsUpdated', async ({event, context}) => {
    const call = decodeFunctionData({abi, data: event.transaction.input})
    if (call.functionName != 'updateGroupSettings') return
    const [, isPublic, allowMemberInvite, requireApproval, maxMembers, muteAll] = call.args
    await context.db.update(groups, {groupKey: event.args.groupId}).set({
        isPublic, allowMemberInvite, requireApproval, maxMembers, muteAll,
        updatedBlock: event.block.number,
    })
})

ponder.on('GroupChatV2:GroupInfoUpdated', async ({event, context}) => {
    const call = decodeFunctionData({abi, data: event.transaction.input})
    if (call.functionName != 'updateGroupInfo') return
    const [, name, avatar, description] = call.args
    await context.db.update(groups, {groupKey: event.args.groupId}).set(row => ({
        name: name || row.name, avatar: avatar || row.avatar,
        description: description || row.description, updatedBlock: event.block.number,
    }))
})

ponder.on('GroupChatV2:GroupDissolved', async ({event, context}) => {
    await context.db.update(groups, {groupKey: event.args.groupId})
        .set({isActive: false, updatedBlock: event.block.number})
})

ponder.on('GroupChatV2:JoinRequestCreated', async ({event, context}) => {
    const {groupId: groupKey, requester, timestamp} = event.args
    const record = {requestedAt: time(timestamp), requestedBlock: event.block.number}
    await context.db.insert(joinRequests).values({groupKey, requester, ...record})
        .onConflictDoUpdate(record)
})

ponder.on('GroupChatV2:JoinRequestApproved', async ({event, context}) => {
    const {groupId: groupKey, requester} = event.args
    await context.db.delete(joinRequests, {groupKey, requester})
})

ponder.on('GroupChatV2:JoinRequestRejected', async ({event, context}) => {
    const {groupId: groupKey, requester} = event.args
    await context.db.delete(joinRequests, {groupKey, requester})
})
