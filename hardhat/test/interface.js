import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { deploy, ethers, NOBODY, signers } from "../test-support/chain.js";
import { emits, refuses } from "../test-support/expect.js";
import { DEPLOYED, INTERFACE } from "../test-support/interface.js";

const [owner, other] = signers;
const HARDHAT = path.resolve(import.meta.dirname, "..");
const committed = (name) => path.join(HARDHAT, "../contracts/abi", `${name}.json`);
const compiled = (name) => path.join(HARDHAT, "artifacts/test-contracts/deployed", `${name}.sol`, `${name}.json`);
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));

/** The fragments as sorted texts; argument names are kept where they carry meaning: in events, and in what is returned. */
function texts(abi, kind) {
  const { fragments } = new ethers.Interface(abi);
  return fragments.filter(({ type }) => type === kind).map(text).sort();
}

function text(fragment) {
  if (fragment.type === "event") return fragment.format("full");
  const outputs = fragment.outputs.map((output) => returned(output));
  return `${fragment.format("sighash")} ${fragment.stateMutability} returns (${outputs.join(", ")})`;
}

/** Several returned values are named by the interface; a single one may have any name, but the parts of a tuple not. */
function returned(output) {
  const components = output.arrayChildren?.components ?? output.components;
  return components ? components.map((part) => part.format("full")).join(", ") : output.format("sighash");
}

function writtenOut(name, abi, expected) {
  it(`${name} has exactly the events that are written out`, () => {
    assert.deepEqual(texts(abi, "event"), texts(expected, "event"));
  });

  it(`${name} has exactly the functions that are written out`, () => {
    assert.deepEqual(texts(abi, "function"), texts(expected, "function"));
  });

  it(`${name} gives several returned values the names that are written out`, () => {
    const [real, written] = [new ethers.Interface(abi), new ethers.Interface(expected)];
    written.forEachFunction((fragment) => {
      if (fragment.outputs.length < 2) return;
      const names = real.getFunction(fragment.format("sighash")).outputs.map((output) => output.name);
      assert.deepEqual(names, fragment.outputs.map((output) => output.name));
    });
  });
}

describe("The interface", () => {
  for (const [name, expected] of Object.entries(INTERFACE)) {
    writtenOut(name, readJson(committed(name)), expected);

    it(`${name} belongs to its deployer from the first moment`, async () => {
      const contract = await deploy(name);
      await emits(contract, contract.deploymentTransaction(), ["OwnershipTransferred", NOBODY, owner]);
      assert.equal(await contract.owner(), owner.address);
    });

    it(`${name} is paused and unpaused by its owner only`, async () => {
      const contract = await deploy(name);
      await refuses(contract, contract.connect(other).pause(), "OwnableUnauthorizedAccount", other);
      await emits(contract, contract.pause(), ["Paused", owner]);
      assert.equal(await contract.paused(), true);
      await refuses(contract, contract.pause(), "EnforcedPause");
      await refuses(contract, contract.connect(other).unpause(), "OwnableUnauthorizedAccount", other);
      await emits(contract, contract.unpause(), ["Unpaused", owner]);
      await refuses(contract, contract.unpause(), "ExpectedPause");
    });

    it(`${name} is handed over by its owner only`, async () => {
      const contract = await deploy(name);
      const transfer = (by) => contract.connect(by)["transferOwnership(address)"](other);
      await refuses(contract, transfer(other), "OwnableUnauthorizedAccount", other);
      await emits(contract, transfer(owner), ["OwnershipTransferred", owner, other]);
      await emits(contract, contract.connect(other).renounceOwnership(), ["OwnershipTransferred", other, NOBODY]);
    });
  }
});

describe("The interface as deployed", () => {
  for (const [name, expected] of Object.entries(DEPLOYED)) {
    writtenOut(name, readJson(compiled(name)).abi, expected);
  }
});
