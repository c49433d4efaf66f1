import {createConfig} from 'ponder'
import {GroupChatV2} from './abis/GroupChatV2'
import {GroupPayment} from './abis/GroupPayment'
import {RedPacket} from './abis/RedPacket'

const [chat, payment, packet] = process.env.ADDRESSES!.split(',') as `0x${string}`[]

// Ponder asks each URL no more than 20 times a second to begin with, whatever the node could do, and
// spreads requests over all of them: so the one node has several.
const rpc = Array.from({length: 16}, (_, number) => `${process.env.RPC_URL}?${number}`)

export default createConfig({
    database: {kind: 'postgres', connectionString: process.env.DATABASE_URL},
    chains: {dev: {id: Number(process.env.CHAIN_ID), rpc}},
    contracts: {
        GroupChatV2: {chain: 'dev', abi: GroupChatV2, address: chat, startBlock: 0},
        GroupPayment: {chain: 'dev', abi: GroupPayment, address: payment, startBlock: 0},
        RedPacket: {chain: 'dev', abi: RedPacket, address: packet, startBlock: 0},
    },
})
