import { readFileSync } from "node:fs";
import path from "node:path";
import { Refusal } from "./refusal.js";

export const CONTRACTS = ["GroupChatV2", "GroupPayment", "RedPacket"];

const HARDHAT = path.resolve(import.meta.dirname, "..");
export const CONTRACTS_FOLDER = path.resolve(HARDHAT, "..", "contracts");

const ARTIFACTS = process.env.ARTIFACTS_DIR || path.join(HARDHAT, "artifacts");

/** The compiled contract: {abi, bytecode}. Refuses where it has not been compiled. */
export function readArtifact(name) {
  const file = path.join(ARTIFACTS, "contracts", `${name}.sol`, `${name}.json`);
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
