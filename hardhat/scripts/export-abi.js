// Writes contracts/abi/<name>.json from the compiled contracts; with --check it writes nothing and fails where one is stale.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CONTRACTS, CONTRACTS_FOLDER, readArtifact, readIfExists } from "./artifacts.js";
import { Refusal, run } from "./refusal.js";

const FOLDER = process.env.ABI_DIR ?? path.join(CONTRACTS_FOLDER, "abi");
const KINDS = ["constructor", "function", "event", "error"];

function sortKey(entry) {
  const types = entry.inputs.map((input) => input.type).join(",");
  return `${KINDS.indexOf(entry.type)} ${entry.name ?? ""}(${types})`;
}

/** The ABI as text: sorted by kind and signature, one entry on each line. */
function render(abi) {
  const keyed = abi.map((entry) => [sortKey(entry), JSON.stringify(entry)]);
  keyed.sort(([a], [b]) => (a < b ? -1 : 1));
  return `[\n${keyed.map(([, line]) => `  ${line}`).join(",\n")}\n]\n`;
}

await run(() => {
  const texts = CONTRACTS.map((name) => [path.join(FOLDER, `${name}.json`), render(readArtifact(name).abi)]);
  const stale = texts.filter(([file, text]) => readIfExists(file) !== text);
  if (process.argv.includes("--check")) {
    if (stale.length === 0) return console.log("The ABIs are those of the compiled contracts.");
    const names = stale.map(([file]) => path.basename(file)).join(", ");
    throw new Refusal(`Stale in ${FOLDER}: ${names}. Run "npm run export-abi" in hardhat/ and commit the result.`);
  }
  mkdirSync(FOLDER, { recursive: true });
  for (const [file, text] of stale) {
    writeFileSync(file, text);
    console.log(`wrote ${file}`);
  }
});
