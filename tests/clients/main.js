// Tries the API at the URL of the first argument with clients and tools by others. Each line that
// it prints is an object: `{ask, …}`, which the tests answer by a line, or a result, `{name, error}`.
import { createInterface } from "node:readline";
import { apollo } from "./apollo.js";
import { audits } from "./audits.js";
import { codegen, relay } from "./compilers.js";
import { overEvents, overSocket } from "./streams.js";
import { urql } from "./urql.js";

const [url, schema, operations, folder] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const tell = (told) => process.stdout.write(JSON.stringify(told) + "\n");

async function ask(what, values = {}) {
  tell({ ask: what, ...values });
  return JSON.parse((await lines.next()).value);
}

const suites = { audits, codegen, relay, apollo, urql, overSocket, overEvents };
for (const [name, run] of Object.entries(suites)) {
  try {
    await run({ url, schema, operations, folder, ask });
    tell({ name, error: null });
  } catch (error) {
    tell({ name, error: String(error?.stack ?? error) });
  }
}
process.exit(0);
