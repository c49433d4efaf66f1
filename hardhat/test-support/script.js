import { spawn } from "node:child_process";
import path from "node:path";

const SCRIPTS = path.resolve(import.meta.dirname, "../scripts");

/** Runs a script of the project: {code, out, err}. */
export async function runScript(name, { args = [], env = {} } = {}) {
  const child = spawn(process.execPath, [path.join(SCRIPTS, name), ...args], { env: { ...process.env, ...env } });
  const [out, err] = await Promise.all([read(child.stdout), read(child.stderr)]);
  const code = child.exitCode ?? (await new Promise((resolve) => child.on("exit", resolve)));
  return { code, out, err };
}

async function read(stream) {
  let text = "";
  for await (const part of stream) text += part;
  return text;
}
