import {events, functions} from './abi/GroupChatV2'
import {Groups, JoinRequests, Members} from './model'
import {on, time, World} from './world'

const MEMBER = 0, ADMIN = 1, OWNER = 2
const at = (group: string, address: string) => `${group}-${address}`

function enter(world: World, group: string, address: string, role: number, timestamp: bigint, block: number) {
    world.members.put(new Members({
        id: at(group, address), groupKey: group, address, role, isMuted: false,
        joinedAt: time(timestamp), joinedBlock: block,
    }))
}

function count(world: World, key: string, by: number, block: number) {
    const group = world.groups.change(key)
    if (!group) return
    group.memberCount += by
    group.updatedBlock = block
}

function setRole(world: World, group: string, address: string, role: number) {
    const member = world.members.change(at(group, address))
    if (member) member.role = role
}

on(events.GroupCreated, {
    does(world, event, log) {
        const call = functions.createGroup.decode(log.transaction!.input)
        world.groupCount += 1
        world.groups.put(new Groups({
            id: event.groupId, groupId: `group_${world.groupCount}`, name: event.groupName,
            avatar: call.groupAvatar, description: call.description, owner: event.owner,
            isPublic: call.isPublic, allowMemberInvite: true, requireApproval: !call.isPublic,
            maxMembers: call.maxMembers, muteAll: false, isActive: true, memberCount: 1,
            createdAt: time(event.timestamp), createdBlock: log.block.height,
            updatedBlock: log.block.height,
        }))
        enter(world, event.groupId, event.owner, OWNER, event.timestamp, log.block.height)
    },
})

on(events.MemberJoined, {
    asks(world, event) {
        world.groups.ask(event.groupId)
        world.members.ask(at(event.groupId, event.member))
    },
    does(world, event, log) {
        enter(world, event.groupId, event.member, MEMBER, event.timestamp, log.block.height)
        count(world, event.groupId, 1, log.block.height)
    },
})

for (const event of [events.MemberLeft, events.MemberRemoved]) {
    on<{groupId: string; member: string}>(event, {
        asks(world, event) {
            world.groups.ask(event.groupId)
            world.members.ask(at(event.groupId, event.member))
        },
        does(world, event, log) {
            world.members.remove(at(event.groupId, event.member))
            count(world, event.groupId, -1, log.block.height)
        },
    })
}

on(events.RoleChanged, {
    asks(world, event) {
        world.groups.ask(event.groupId)
        world.members.ask(at(event.groupId, event.member))
        const owner = world.groups.get(event.groupId)?.owner
        if (owner) world.members.ask(at(event.groupId, owner))
    },
    does(world, event, log) {
        const group = world.groups.get(event.groupId)
        if (event.newRole == OWNER && group && group.owner != event.member) {
            setRole(world, event.groupId, group.owner, ADMIN)
            group.owner = event.member
            group.updatedBlock = log.block.height
            world.groups.put(group)
        }
        setRole(world, event.groupId, event.member, event.newRole)
    },
})

on(events.MemberMuted, {
    asks: (world, event) => world.members.ask(at(event.groupId, event.member)),
    does(world, event) {
        const member = world.members.change(at(event.groupId, event.member))
        if (member) member.isMuted = event.muted
    },
})

on(events.GroupSettingsUpdated, {
    asks: (world, event) => world.groups.ask(event.groupId),
    does(world, event, log) {
        const group = world.groups.change(event.groupId)
        if (!group) return
        const call = functions.updateGroupSettings.decode(log.transaction!.input)
        group.isPublic = call.isPublic
        group.allowMemberInvite = call.allowMemberInvite
        group.requireApproval = call.requireApproval
        group.maxMembers = call.maxMembers
        group.muteAll = call.muteAll
        group.updatedBlock = log.block.height
    },
})

on(events.GroupInfoUpdated, {
    asks: (world, event) => world.groups.ask(event.groupId),
    does(world, event, log) {
        const group = world.groups.change(event.groupId)
        if (!group) return
        const call = functions.updateGroupInfo.decode(log.transaction!.input)
        group.name = call.groupName || group.name
        group.avatar = call.groupAvatar || group.avatar
        group.description = call.description || group.description
        group.updatedBlock = log.block.height
    },
})

on(events.GroupDissolved, {
    asks: (world, event) => world.groups.ask(event.groupId),
    does(world, event, log) {
        const group = world.groups.change(event.groupId)
        if (!group) return
        group.isActive = false
        group.updatedBlock = log.block.height
    },
})

on(events.JoinRequestCreated, {
    asks: (world, event) => world.requests.ask(at(event.groupId, event.requester)),
    does(world, event, log) {
        world.requests.put(new JoinRequests({
            id: at(event.groupId, event.requester), groupKey: event.groupId, requester: event.requester,
            requestedAt: time(event.timestamp), requestedBlock: log.block.height,
        }))
    },
})

for (const event of [events.JoinRequestApproved, events.JoinRequestRejected]) {
    on<{groupId: string; requester: string}>(event, {
        asks: (world, event) => world.requests.ask(at(event.groupId, event.requester)),
        does: (world, event) => world.requests.remove(at(event.groupId, event.requester)),
    })
}
