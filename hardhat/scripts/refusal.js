/** What is wrong and what to do about it, in one line. */
export class Refusal extends Error {}

/** Why a node or ethers failed, in one line: the node's own words where there are any. */
export function reasonOf(error) {
  const message = error.info?.error?.message ?? error.error?.message ?? error.shortMessage ?? error.message;
  return message.split("\n")[0];
}

/** Runs a script's main function. A Refusal, and a failure of the node, end it with one line and exit code 1. */
export async function run(main) {
  try {
    await main();
  } catch (error) {
    const expected = error instanceof Refusal || error.shortMessage !== undefined;
    if (!expected) throw error;
    console.error(reasonOf(error));
    process.exitCode = 1;
  }
}
