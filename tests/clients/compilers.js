// Tools that read the exported schema: a typed client by graphql-codegen that type-checks, and
// Relay's compiler.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { codegen as generate } from "@graphql-codegen/core";
import * as typed from "@graphql-codegen/typed-document-node";
import * as operationTypes from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";
import ts from "typescript";

const require = createRequire(import.meta.url);
const modules = join(dirname(require.resolve("typescript/package.json")), "..");
const text = "string";
const scalars = { Address: text, BigInt: text, Bytes: text, Bytes32: text, Date: text };
const config = { scalars: { ...scalars, DateTime: text, JSON: "unknown" }, strictScalars: true };
const USE = `import { GroupDocument, type GroupQuery, type GroupQueryVariables } from "./client";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
declare function ask<R, V>(document: TypedDocumentNode<R, V>, variables: V): Promise<R>;
const variables = {} as GroupQueryVariables;
export const name: Promise<string | undefined> = ask(GroupDocument, variables)
  .then((told: GroupQuery) => told.group?.name);
`;

export async function codegen({ schema, operations, folder }) {
  const documents = readdirSync(operations).map((location) => ({
    location,
    document: parse(readFileSync(join(operations, location), "utf8")),
  }));
  const made = await generate({
    filename: "client.ts",
    schema: parse(readFileSync(schema, "utf8")),
    documents,
    config,
    plugins: [{ operationTypes: {} }, { typed: {} }],
    pluginMap: { operationTypes, typed },
  });
  const wrong = USE.replace("told.group?.name", "told.group?.nope");
  const sources = { "client.ts": made, "use.ts": USE, "wrong.ts": wrong };
  mkdirSync(folder, { recursive: true });
  for (const [name, source] of Object.entries(sources)) writeFileSync(join(folder, name), source);
  const errors = checked(folder, ["client.ts", "use.ts"]);
  if (errors.length) throw new Error(errors.join("\n"));
  if (!checked(folder, ["wrong.ts"]).length) throw new Error("a wrong use is not noticed");
}

function checked(folder, files) {
  const host = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    baseUrl: modules,
    paths: { "*": ["*"] },
  };
  const program = ts.createProgram(files.map((name) => join(folder, name)), host);
  const found = ts.getPreEmitDiagnostics(program);
  return found.map((one) => ts.flattenDiagnosticMessageText(one.messageText, "\n"));
}

const RELAY = `import { graphql } from "relay-runtime";
export const page = graphql\`
  query appQuery($count: Int!, $cursor: String) { ...app_groups }
\`;
export const groups = graphql\`
  fragment app_groups on Query @refetchable(queryName: "appGroupsPageQuery") {
    groups(first: $count, after: $cursor) @connection(key: "app_groups") {
      edges { node { id name ...app_members } }
    }
  }
\`;
export const members = graphql\`
  fragment app_members on Group
  @refetchable(queryName: "appMembersPageQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 5 }, after: { type: "String" }) {
    members(first: $first, after: $after) @connection(key: "app_members") {
      edges { node { id address role } }
    }
  }
\`;
export const live = graphql\`
  subscription appSubscription { groupUpdated { reverted group { id name } } }
\`;
`;

export async function relay({ schema, folder }) {
  const root = join(folder, "relay");
  mkdirSync(join(root, "src"), { recursive: true });
  writeFileSync(join(root, "src", "app.ts"), RELAY);
  writeFileSync(join(root, "schema.graphql"), readFileSync(schema));
  const settings = { src: "./src", schema: "./schema.graphql", language: "typescript" };
  writeFileSync(join(root, "relay.config.json"), JSON.stringify(settings));
  const compiler = require("relay-compiler");
  execFileSync(compiler, ["./relay.config.json"], { cwd: root, stdio: "pipe" });
  const made = readdirSync(join(root, "src", "__generated__"));
  if (made.length < 6) throw new Error(`Relay made ${made}`);
}
