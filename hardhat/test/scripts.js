import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { getAddress, JsonRpcProvider, Wallet } from "ethers";
import { network } from "hardhat";
import { runScript } from "../test-support/script.js";

const NAMES = ["GroupChatV2", "GroupPayment", "RedPacket"];
const COMMITTED = path.resolve(import.meta.dirname, "../../contracts");
const readJson = (...parts) => JSON.parse(readFileSync(path.join(...parts), "utf8"));

/** A folder of its own for each test of the suite: call the result to get its path. */
function freshFolder() {
  let folder;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "dchat-scripts-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  return () => folder;
}

describe("export-abi", () => {
  const folder = freshFolder();
  const exportAbi = (...args) => runScript("export-abi.js", { args, env: { ABI_DIR: folder() } });

  it("the committed ABIs are those of the sources", async () => {
    const { code, err } = await runScript("export-abi.js", { args: ["--check"] });
    assert.deepEqual([code, err], [0, ""]);
  });

  it("writes one file for each contract, and then finds them fresh", async () => {
    assert.equal((await exportAbi()).code, 0);
    assert.deepEqual(readdirSync(folder()).sort(), NAMES.map((name) => `${name}.json`));
    assert.equal((await exportAbi("--check")).code, 0);
  });

  it("--check names what is stale or missing, and changes nothing", async () => {
    await exportAbi();
    appendFileSync(path.join(folder(), "RedPacket.json"), "\n");
    rmSync(path.join(folder(), "GroupPayment.json"));
    const { code, err } = await exportAbi("--check");
    assert.equal(code, 1);
    assert.match(err, /^Stale in .*: GroupPayment\.json, RedPacket\.json\. Run "npm run export-abi"/);
    assert.deepEqual(readdirSync(folder()).sort(), ["GroupChatV2.json", "RedPacket.json"]);
  });
});

describe("deploy", () => {
  const folder = freshFolder();
  let server, url;
  beforeEach(async () => {
    server = await network.createServer("default", "127.0.0.1");
    const { address, port } = await server.listen();
    url = `http://${address}:${port}`;
  });
  afterEach(() => server.close());
  const deploy = (env = {}) => runScript("deploy.js", { env: { RPC_URL: url, DEPLOYMENTS_DIR: folder(), DEPLOYER_KEY: "", ...env } });
  const deployment = () => readJson(folder(), "31337.json");

  async function onProvider(use) {
    const provider = new JsonRpcProvider(url);
    try {
      return await use(provider);
    } finally {
      provider.destroy();
    }
  }

  it("writes addresses and first blocks of three living contracts, and prints a line for each", async () => {
    const { code, out, err } = await deploy();
    assert.deepEqual([code, err], [0, ""]);
    const { chainId, contracts } = deployment();
    assert.equal(chainId, 31337);
    assert.deepEqual(Object.keys(contracts), NAMES);
    for (const [name, { address, startBlock }] of Object.entries(contracts)) {
      assert.equal(address, getAddress(address.toLowerCase()));
      assert.match(out, new RegExp(`^${name} ${address} deployed in block ${startBlock}$`, "m"));
      const codeAt = (block) => onProvider((provider) => provider.getCode(address, block));
      const { deployedBytecode } = readJson(import.meta.dirname, `../artifacts/contracts/${name}.sol/${name}.json`);
      assert.equal(await codeAt(startBlock - 1), "0x");
      assert.equal(await codeAt(startBlock), deployedBytecode);
    }
  });

  it("leaves a living deployment alone, and replaces one of a chain that is gone", async () => {
    await deploy();
    const first = deployment();
    assert.match((await deploy()).out, /^GroupChatV2 0x\w{40} is deployed already$/m);
    assert.deepEqual(deployment(), first);
    first.contracts.RedPacket.address = "0x000000000000000000000000000000000000dEaD";
    writeFileSync(path.join(folder(), "31337.json"), JSON.stringify(first));
    assert.match((await deploy()).out, /^RedPacket 0x\w{40} deployed in block/m);
    assert.notDeepEqual(deployment(), first);
  });

  it("deploys with DEPLOYER_KEY, with or without 0x", async () => {
    const wallet = Wallet.createRandom();
    await onProvider(async (provider) => {
      await (await provider.getSigner()).sendTransaction({ to: wallet, value: 10n ** 18n });
    });
    assert.equal((await deploy({ DEPLOYER_KEY: wallet.privateKey.slice(2) })).code, 0);
    const { address } = deployment().contracts.GroupChatV2;
    const owner = await onProvider((provider) => provider.call({ to: address, data: "0x8da5cb5b" }));
    assert.equal(getAddress(`0x${owner.slice(26)}`), wallet.address);
  });

  const refused = async (env, message) => {
    const { code, out, err } = await deploy(env);
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, message);
    assert.equal(err.trim().split("\n").length, 1);
  };

  it("says which node does not answer", async () => {
    await refused({ RPC_URL: "http://127.0.0.1:9" }, /^No node answers at RPC_URL=http:\/\/127\.0\.0\.1:9: /);
  });

  it("says what is wrong with a key, without showing it", async () => {
    await refused({ DEPLOYER_KEY: "0x1234" }, /^DEPLOYER_KEY is not a private key: it has 64 hex digits\.$/m);
  });

  it("says why a node refuses a deployment", async () => {
    await refused({ DEPLOYER_KEY: Wallet.createRandom().privateKey }, /^GroupChatV2 was not deployed: .*funds/);
  });

  it("says which deployments file is broken", async () => {
    writeFileSync(path.join(folder(), "31337.json"), "{}");
    await refused({}, /31337\.json is not a deployments file .*: delete it to deploy anew\.$/m);
  });

  it("says how to compile where that has not been done", async () => {
    await refused({ ARTIFACTS_DIR: folder() }, /^GroupChatV2 is not compiled .*: run "npm run compile" in hardhat\/$/m);
  });
});

describe("The deployment on Sepolia", () => {
  it("has checksummed addresses and creation transactions", () => {
    const { chainId, contracts } = readJson(COMMITTED, "deployments/11155111.json");
    assert.equal(chainId, 11155111);
    assert.deepEqual(Object.keys(contracts), NAMES);
    for (const { address, creationTx } of Object.values(contracts)) {
      assert.equal(address, getAddress(address.toLowerCase()));
      assert.match(creationTx, /^0x[0-9a-f]{64}$/);
    }
  });
});
