import assert from "node:assert/strict";
import { ethers } from "./chain.js";

/** Stands for the timestamp of the block in question. */
export const TIME = Symbol("block timestamp");

/** The transaction's logs are exactly these: [event name, ...arguments] in order; indexed strings as their hash. */
export async function emits(contract, sending, ...expected) {
  const receipt = await (await sending).wait();
  const { timestamp } = await ethers.provider.getBlock(receipt.blockNumber);
  const logs = receipt.logs.map((log) => {
    assert.equal(log.address, contract.target);
    const { name, args } = contract.interface.parseLog(log);
    return [name, ...args.map(plain)];
  });
  assert.deepEqual(logs, expected.map((event) => event.map((value) => plain(value === TIME ? timestamp : value))));
}

/** The call is refused with this custom error of the contract, and these arguments. */
export async function refuses(contract, calling, name, ...args) {
  const refusal = await refusalOf(contract, calling);
  assert.deepEqual([refusal.name, ...refusal.args.map(plain)], [name, ...args.map(plain)]);
}

/** The custom error with which the call is refused: {name, args}. */
export async function refusalOf(contract, calling) {
  try {
    await calling;
  } catch (error) {
    const refusal = contract.interface.parseError(error.data?.data ?? error.data ?? "0x");
    if (refusal === null) throw error;
    return refusal;
  }
  return assert.fail("the call was accepted");
}

/** A value of the chain in comparable form: integers as bigint, accounts and contracts by address, tuples as arrays. */
export function plain(value) {
  if (typeof value === "number") return BigInt(value);
  if (value?._isIndexed) return value.hash;
  if (Array.isArray(value)) return Array.from(value, plain);
  return value?.address ?? value?.target ?? value;
}

/** Two values of the chain are the same. */
export function same(actual, expected) {
  assert.deepEqual(plain(actual), plain(expected));
}
