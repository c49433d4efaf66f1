import { createRequire } from "node:module";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import { defineConfig } from "hardhat/config";

const require = createRequire(import.meta.url);

// The compiler comes from npm like everything else, so a build downloads nothing. viaIR: the views of the interface return
// up to thirteen values, more than the old code generator's stack holds.
const solc = {
  version: require("solc/package.json").version,
  path: require.resolve("solc/soljson.js"),
  settings: { optimizer: { enabled: true, runs: 200 }, viaIR: true, evmVersion: "cancun" },
};

export default defineConfig({
  plugins: [hardhatEthers, hardhatMocha],
  solidity: { profiles: { default: solc, production: solc } },
  // contracts is a symlink: Hardhat refuses sources outside its own folder. test-contracts holds what only the tests deploy.
  paths: { sources: ["contracts", "test-contracts"], tests: "test" },
  test: { mocha: { timeout: 60_000 } },
});
