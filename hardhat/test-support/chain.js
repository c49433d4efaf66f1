import { network } from "hardhat";

const connection = await network.create();

export const { ethers } = connection;
export const key = ethers.id;
export const ether = ethers.parseEther;
export const MAX = ethers.MaxUint256;
export const NOBODY = ethers.ZeroAddress;
export const signers = await ethers.getSigners();

/** A contract just deployed by the first account. */
export function deploy(name) {
  return ethers.deployContract(name);
}

/** Unix seconds of the newest block. */
export async function now() {
  return (await ethers.provider.getBlock("latest")).timestamp;
}

/** The next block, and what is called on top of the newest one, happens at this second. */
export async function at(timestamp) {
  await ethers.provider.send("evm_setNextBlockTimestamp", [timestamp]);
}

/** Mines a block that many seconds after the newest one. */
export async function pass(seconds) {
  await at((await now()) + seconds);
  await ethers.provider.send("evm_mine", []);
}

export function balance(address) {
  return ethers.provider.getBalance(address);
}

/** The return value of a sent call, which is then sent: [result, transaction]. */
export async function callAndSend(method, ...args) {
  const result = await method.staticCall(...args);
  return [result, await method(...args)];
}
