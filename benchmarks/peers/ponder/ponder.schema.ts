import {index, onchainTable, primaryKey} from 'ponder'

export const groups = onchainTable('groups', t => ({
    groupKey: t.hex().primaryKey(), // keccak256 of groupId
    groupId: t.text().notNull(),
    name: t.text().notNull(),
    avatar: t.text().notNull(),
    description: t.text().notNull(),
    owner: t.hex().notNull(),
    isPublic: t.boolean().notNull(),
    allowMemberInvite: t.boolean().notNull(),
    requireApproval: t.boolean().notNull(),
    maxMembers: t.bigint().notNull(),
    muteAll: t.boolean().notNull(),
    isActive: t.boolean().notNull(),
    memberCount: t.integer().notNull(),
    createdAt: t.timestamp({withTimezone: true}).notNull(),
    createdBlock: t.bigint().notNull(),
    updatedBlock: t.bigint().notNull(),
}), table => ({owner: index().on(table.owner)}))

export const members = onchainTable('members', t => ({
    groupKey: t.hex().notNull(),
    address: t.hex().notNull(),
    role: t.integer().notNull(),
    isMuted: t.boolean().notNull(),
    joinedAt: t.timestamp({withTimezone: true}).notNull(),
    joinedBlock: t.bigint().notNull(),
}), table => ({
    key: primaryKey({columns: [table.groupKey, table.address]}),
    address: index().on(table.address),
}))

export const joinRequests = onchainTable('join_requests', t => ({
    groupKey: t.hex().notNull(),
    requester: t.hex().notNull(),
    requestedAt: t.timestamp({withTimezone: true}).notNull(),
    requestedBlock: t.bigint().notNull(),
}), table => ({key: primaryKey({columns: [table.groupKey, table.requester]})}))

/** How many groups there are: their ids are numbered. */
export const counters = onchainTable('counters', t => ({
    name: t.text().primaryKey(),
    value: t.integer().notNull(),
}))

export const payments = onchainTable('payments', t => ({
    paymentId: t.hex().primaryKey(),
    kind: t.integer().notNull(),
    groupKey: t.hex().notNull(),
    groupId: t.text().notNull(),
    initiator: t.hex().notNull(),
    targetAmount: t.bigint().notNull(),
    collectedAmount: t.bigint().notNull(),
    perPersonAmount: t.bigint(),
    minContribution: t.bigint(),
    title: t.text(),
    description: t.text().notNull(),
    deadlineSeconds: t.bigint().notNull(),
    status: t.integer().notNull(),
    fundsWithdrawn: t.boolean().notNull(),
    createdAt: t.timestamp({withTimezone: true}).notNull(),
    createdBlock: t.bigint().notNull(),
    updatedBlock: t.bigint().notNull(),
}), table => ({
    group: index().on(table.groupKey),
    initiator: index().on(table.initiator),
}))

export const participants = onchainTable('participants', t => ({
    paymentId: t.hex().notNull(),
    position: t.integer().notNull(),
    address: t.hex().notNull(),
}), table => ({
    key: primaryKey({columns: [table.paymentId, table.position]}),
    address: index().on(table.address),
}))

export const contributions = onchainTable('contributions', t => ({
    paymentId: t.hex().notNull(),
    contributor: t.hex().notNull(),
    amount: t.bigint().notNull(),
    contributedAt: t.timestamp({withTimezone: true}).notNull(),
    createdBlock: t.bigint().notNull(),
}), table => ({
    key: primaryKey({columns: [table.paymentId, table.contributor]}),
    contributor: index().on(table.contributor),
}))

/** Whom a cancellation under way credited, by transaction. */
export const credits = onchainTable('credits', t => ({
    transaction: t.hex().primaryKey(),
    users: t.hex().array().notNull(),
}))

export const refundBalances = onchainTable('refund_balances', t => ({
    address: t.hex().primaryKey(),
    amount: t.bigint().notNull(),
}))

export const redPackets = onchainTable('red_packets', t => ({
    packetId: t.hex().primaryKey(),
    kind: t.integer().notNull(),
    groupKey: t.hex().notNull(),
    groupId: t.text().notNull(),
    sender: t.hex().notNull(),
    message: t.text().notNull(),
    totalAmount: t.bigint().notNull(),
    remainingAmount: t.bigint().notNull(),
    totalCount: t.bigint().notNull(),
    remainingCount: t.bigint().notNull(),
    fixedAmount: t.bigint(),
    status: t.integer().notNull(),
    createdAt: t.timestamp({withTimezone: true}).notNull(),
    expiresAt: t.timestamp({withTimezone: true}).notNull(),
    createdBlock: t.bigint().notNull(),
    updatedBlock: t.bigint().notNull(),
}), table => ({
    group: index().on(table.groupKey),
    sender: index().on(table.sender),
}))

export const recipients = onchainTable('recipients', t => ({
    packetId: t.hex().notNull(),
    position: t.integer().notNull(),
    address: t.hex().notNull(),
}), table => ({key: primaryKey({columns: [table.packetId, table.position]})}))

export const claims = onchainTable('claims', t => ({
    packetId: t.hex().notNull(),
    claimer: t.hex().notNull(),
    amount: t.bigint().notNull(),
    claimOrder: t.bigint().notNull(),
    claimedAt: t.timestamp({withTimezone: true}).notNull(),
    createdBlock: t.bigint().notNull(),
}), table => ({
    key: primaryKey({columns: [table.packetId, table.claimer]}),
    claimer: index().on(table.claimer),
}))
