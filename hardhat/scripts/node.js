import { setTimeout as pause } from "node:timers/promises";
import { JsonRpcProvider, Network } from "ethers";
import { Refusal } from "./refusal.js";

const ANSWER_PATIENCE = 10_000;
const MINING_PATIENCE = 300_000;

/** A provider for the node at this URL, and its chain id. Refuses at once where no node answers: ethers would ask for ever. */
export async function connect(url) {
  const chainId = await askChainId(url);
  const provider = new JsonRpcProvider(url, undefined, { staticNetwork: Network.from(chainId), batchMaxCount: 1 });
  return { provider, chainId };
}

async function askChainId(url) {
  try {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
    const headers = { "content-type": "application/json" };
    const signal = AbortSignal.timeout(ANSWER_PATIENCE);
    const response = await fetch(url, { method: "POST", headers, body, signal });
    return parseChainId(await response.text());
  } catch (error) {
    throw new Refusal(`No node answers at RPC_URL=${url}: ${error.cause?.message || error.cause?.code || error.message}`);
  }
}

function parseChainId(text) {
  const chainId = Number(JSON.parse(text).result);
  if (!Number.isSafeInteger(chainId) || chainId <= 0) throw new Error(`its chain id is wrong: ${text.slice(0, 200)}`);
  return chainId;
}

/** The receipt of a creation, once it is mined; looked for often at first, because a dev chain mines at once. */
export async function receiptOf(provider, hash) {
  const end = Date.now() + MINING_PATIENCE;
  for (let wait = 20; Date.now() < end; wait = Math.min(wait * 1.5, 2_000)) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt?.status === 1) return receipt;
    if (receipt) throw new Refusal(`The creation ${hash} was reverted in block ${receipt.blockNumber}.`);
    await pause(wait);
  }
  throw new Refusal(`The creation ${hash} was not mined within ${MINING_PATIENCE / 1000} seconds.`);
}
