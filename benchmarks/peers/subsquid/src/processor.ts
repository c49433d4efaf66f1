import {EvmBatchProcessor, EvmBatchProcessorFields, Log as _Log} from '@subsquid/evm-processor'
import * as chat from './abi/GroupChatV2'
import * as pay from './abi/GroupPayment'
import * as packet from './abi/RedPacket'

const topics = (...abis: {events: object}[]) =>
    [...new Set(abis.flatMap(one => Object.values(one.events).map(event => event.topic as string)))]

// The events whose call says what they leave out: only these ask for their transaction.
const needInput = [
    chat.events.GroupCreated, chat.events.GroupSettingsUpdated, chat.events.GroupInfoUpdated,
    pay.events.PaymentCreated, pay.events.CrowdfundingCreated, packet.events.RedPacketCreated,
].map(event => event.topic)

const address = process.env.ADDRESSES!.split(',')

export const processor = new EvmBatchProcessor()
    // The node has no limit of requests, and is on this machine: batches and connections as large as help.
    .setRpcEndpoint({url: process.env.RPC_URL!, capacity: 20, maxBatchCallSize: 200})
    .setFinalityConfirmation(0)
    .setBlockRange({from: 0, to: Number(process.env.LAST_BLOCK)})
    .setFields({
        block: {timestamp: true},
        log: {address: true, topics: true, data: true, transactionHash: true},
        transaction: {input: true},
    })
    .addLog({address, topic0: topics(chat, pay, packet).filter(topic => !needInput.includes(topic))})
    .addLog({address, topic0: needInput, transaction: true})

export type Log = _Log<EvmBatchProcessorFields<typeof processor>>
