import {readFileSync} from 'node:fs'
import {Abi, decodeFunctionData, Hex} from 'viem'

export const abiOf = (name: string): Abi =>
    JSON.parse(readFileSync(`${__dirname}/../abis/${name}.json`, 'utf8'))

/** The function that a transaction called, and its arguments. */
export function inputOf(abi: Abi, input: string): {name: string; args: readonly any[]} {
    const {functionName, args} = decodeFunctionData({abi, data: input as Hex})
    return {name: functionName, args: args ?? []}
}

export const time = (seconds: bigint) => new Date(Number(seconds) * 1000)
