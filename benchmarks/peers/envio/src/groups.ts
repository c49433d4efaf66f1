import {GroupChatV2} from 'generated'
import {abiOf, inputOf, time} from './input'

const abi = abiOf('GroupChatV2')
const MEMBER = 0, ADMIN = 1, OWNER = 2
const at = (group: string, address: string) => `${group}-${address}`

function enter(context: any, group_key: string, address: string, role: number, timestamp: bigint, block: number) {
    context.Members.set({
        id: at(group_key, address), group_key, address, role, is_muted: false,
        joined_at: time(timestamp), joined_block: block,
    })
}

async function change(context: any, key: string, block: number, by: (group: any) => object) {
    const group = await context.Groups.get(key)
    if (group) context.Groups.set({...group, ...by(group), updated_block: block})
}

async function setRole(context: any, group: string, address: string, role: number) {
    const member = await context.Members.get(at(group, address))
    if (member) context.Members.set({...member, role})
}

GroupChatV2.GroupCreated.handler(async ({event, context}) => {
    const {groupId: id, groupName: name, owner, timestamp} = event.params
    const [, avatar, description, is_public, max_members] = inputOf(abi, event.transaction.input).args
    const counter = await context.Counters.get('groups')
    const value = (counter?.value ?? 0) + 1
    context.Counters.set({id: 'groups', value})
    context.Groups.set({
        id, group_id: `group_${value}`, name, avatar, description, owner, is_public,
        allow_member_invite: true, require_approval: !is_public, max_members, mute_all: false,
        is_active: true, member_count: 1, created_at: time(timestamp),
        created_block: event.block.number, updated_block: event.block.number,
    })
    enter(context, id, owner, OWNER, timestamp, event.block.number)
})

GroupChatV2.MemberJoined.handler(async ({event, context}) => {
    const {groupId, member, timestamp} = event.params
    enter(context, groupId, member, MEMBER, timestamp, event.block.number)
    await change(context, groupId, event.block.number, group => ({member_count: group.member_count + 1}))
})

async function leave({event, context}: {event: any; context: any}) {
    const {groupId, member} = event.params
    context.Members.deleteUnsafe(at(groupId, member))
    await change(context, groupId, event.block.number, group => ({member_count: group.member_count - 1}))
}

GroupChatV2.MemberLeft.handler(leave)
GroupChatV2.MemberRemoved.handler(leave)

GroupChatV2.RoleChanged.handler(async ({event, context}) => {
    const {groupId, member, newRole} = event.params
    if (Number(newRole) == OWNER) {
        // The old owner becomes an admin, of which no event tells.
        const group = await context.Groups.get(groupId)
        if (group && group.owner != member) {
            await setRole(context, groupId, group.owner, ADMIN)
            context.Groups.set({...group, owner: member, updated_block: event.block.number})
        }
    }
    await setRole(context, groupId, member, Number(newRole))
})

GroupChatV2.MemberMuted.handler(async ({event, context}) => {
    const member = await context.Members.get(at(event.params.groupId, event.params.member))
    if (member) context.Members.set({...member, is_muted: event.params.muted})
})

GroupChatV2.GroupSettingsUpdated.handler(async ({event, context}) => {
    const [, is_public, allow_member_invite, require_approval, max_members, mute_all] =
        inputOf(abi, event.transaction.input).args
    await change(context, event.params.groupId, event.block.number, () =>
        ({is_public, allow_member_invite, require_approval, max_members, mute_all}))
})

GroupChatV2.GroupInfoUpdated.handler(async ({event, context}) => {
    const [, name, avatar, description] = inputOf(abi, event.transaction.input).args
    await change(context, event.params.groupId, event.block.number, group => ({
        name: name || group.name, avatar: avatar || group.avatar,
        description: description || group.description,
    }))
})

GroupChatV2.GroupDissolved.handler(({event, context}) =>
    change(context, event.params.groupId, event.block.number, () => ({is_active: false})))

GroupChatV2.JoinRequestCreated.handler(async ({event, context}) => {
    const {groupId, requester, timestamp} = event.params
    context.JoinRequests.set({
        id: at(groupId, requester), group_key: groupId, requester,
        requested_at: time(timestamp), requested_block: event.block.number,
    })
})

async function answer({event, context}: {event: any; context: any}) {
    context.JoinRequests.deleteUnsafe(at(event.params.groupId, event.params.requester))
}

GroupChatV2.JoinRequestApproved.handler(answer)
GroupChatV2.JoinRequestRejected.handler(answer)
