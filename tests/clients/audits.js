// graphql-http's audits: GraphQL over HTTP, every MUST, SHOULD and MAY.
import { auditServer } from "graphql-http";

export async function audits({ url }) {
  const results = await auditServer({ url });
  const failed = results.filter((one) => one.status !== "ok");
  const told = failed.map((one) => `${one.id} ${one.name}: ${one.reason}`);
  if (told.length || results.length < 50) throw new Error(`${results.length}\n${told.join("\n")}`);
}
