// Deploys the three contracts and writes <DEPLOYMENTS_DIR>/<chain id>.json. Run again, it leaves a living deployment alone.
//   RPC_URL          the node (default http://127.0.0.1:8545)
//   DEPLOYER_KEY     private key that pays and owns the contracts (default: the node's first unlocked account)
//   DEPLOYMENTS_DIR  where the file goes (default contracts/deployments)
// Uses the artifacts as compiled, without Hardhat: it is part of every start of a dev chain.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ContractFactory, Wallet } from "ethers";
import { CONTRACTS, CONTRACTS_FOLDER, readArtifact, readIfExists } from "./artifacts.js";
import { connect, receiptOf } from "./node.js";
import { reasonOf, Refusal, run } from "./refusal.js";

const url = process.env.RPC_URL || "http://127.0.0.1:8545";
const folder = path.resolve(process.env.DEPLOYMENTS_DIR || path.join(CONTRACTS_FOLDER, "deployments"));

async function deployer(provider) {
  if (process.env.DEPLOYER_KEY) return new Wallet(parseKey(process.env.DEPLOYER_KEY), provider);
  const [account] = await provider.send("eth_accounts", []);
  if (account === undefined) throw new Refusal(`The node at ${url} has no unlocked account: set DEPLOYER_KEY.`);
  return provider.getSigner(account);
}

function parseKey(text) {
  const digits = text.replace(/^0x/, "");
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) throw new Refusal("DEPLOYER_KEY is not a private key: it has 64 hex digits.");
  return `0x${digits}`;
}

/** Sends all creations, then waits for them: one round of blocks, not three. */
async function deployAll(provider, signer) {
  const nonce = await provider.getTransactionCount(await signer.getAddress(), "pending");
  const hashes = [];
  for (const [i, name] of CONTRACTS.entries()) {
    hashes.push(await send(signer, name, nonce + i));
  }
  const receipts = await Promise.all(hashes.map((hash) => receiptOf(provider, hash)));
  return Object.fromEntries(CONTRACTS.map((name, i) => [name, receipts[i]]));
}

async function send(signer, name, nonce) {
  const { abi, bytecode } = readArtifact(name);
  const creation = await new ContractFactory(abi, bytecode).getDeployTransaction();
  try {
    const sent = { ...creation, nonce };
    return signer instanceof Wallet ? (await signer.sendTransaction(sent)).hash : await signer.sendUncheckedTransaction(sent);
  } catch (error) {
    throw new Refusal(`${name} was not deployed: ${reasonOf(error)}`);
  }
}

/** The deployment that the file describes, if all of it is alive on this chain. */
async function livingDeployment(provider, file) {
  const text = readIfExists(file);
  if (text === undefined) return undefined;
  const { contracts } = parseDeployment(text, file);
  const codes = await Promise.all(CONTRACTS.map((name) => provider.getCode(contracts[name].address)));
  return codes.every((code) => code !== "0x") ? contracts : undefined;
}

function parseDeployment(text, file) {
  try {
    const deployment = JSON.parse(text);
    for (const name of CONTRACTS) deployment.contracts[name].address.toString();
    return deployment;
  } catch (error) {
    throw new Refusal(`${file} is not a deployments file (${error.message}): delete it to deploy anew.`);
  }
}

function write(file, deployment) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(deployment, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

await run(async () => {
  for (const name of CONTRACTS) readArtifact(name);
  const { provider, chainId } = await connect(url);
  const file = path.join(folder, `${chainId}.json`);
  const living = await livingDeployment(provider, file);
  if (living) {
    for (const name of CONTRACTS) console.log(`${name} ${living[name].address} is deployed already`);
    return console.log(`Kept ${file}; delete it to deploy anew.`);
  }
  const receipts = await deployAll(provider, await deployer(provider));
  const contracts = {};
  for (const [name, { contractAddress, blockNumber }] of Object.entries(receipts)) {
    contracts[name] = { address: contractAddress, startBlock: blockNumber };
    console.log(`${name} ${contractAddress} deployed in block ${blockNumber}`);
  }
  write(file, { chainId, contracts });
  console.log(`Wrote ${file}`);
});
