import {createConfig} from 'ponder'
import {GroupChatV2} from './abis/GroupChatV2'
import {GroupPayment} from './abis/GroupPayment'
import {RedPacket} from './abis/RedPacket'

const [chat, payment, packet] = process.env.ADDRESSES!.split(',') as `0x${string}`[]

export default createConfig({
    database: {kind: 'postgres', connectionString: process.env.DATABASE_URL},
    chains: {dev: {id: Number(process.env.CHAIN_ID), rpc: process.env.RPC_URL}},
    contracts: {
        GroupChatV2: {chain: 'dev', abi: GroupChatV2, address: chat, startBlock: 0},
        GroupPayment: {chain: 'dev', abi: GroupPayment, address: payment, startBlock: 0},
        RedPacket: {chain: 'dev', abi: RedPacket, address: packet, startBlock: 0},
    },
})
