import { readFileSync } from "node:fs";
import path from "node:path";

export const CONTRACTS = ["GroupChatV2", "GroupPayment", "RedPacket"];

const HARDHAT = path.resolve(import.meta.dirname, "..");
export const CONTRACTS_FOLDER = path.resolve(HARDHAT, "..", "contracts");

/** What is wrong and what to do about it, in one line, without a stack. */
export class Refusal extends Error {}

/** The compiled contract: {abi, bytecode}. Refuses where it has not been compiled. */
export function readArtifact(name, folder = path.join(HARDHAT, "artifacts")) {
  const file = path.join(folder, "contracts", `${name}.sol`, `${name}.json`);
  const text = readIfExists(file);
  if (text === undefined) throw new Refusal(`${name} is not compiled (no ${file}): run "npm run compile" in hardhat/`);
  return JSON.parse(text);
}

/** The file's text; undefined where there is no such file. */
export function readIfExists(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Runs a script's main function; a Refusal ends it with one line and exit code 1. */
export async function run(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
