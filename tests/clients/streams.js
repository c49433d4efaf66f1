// Subscribers by graphql-ws and graphql-sse: through reorgs, drops and restarts of the API they end
// with exactly the events that the chain has.
import { deepStrictEqual } from "node:assert";
import { setTimeout as pause } from "node:timers/promises";
import * as sse from "graphql-sse";
import * as ws from "graphql-ws";

const query = `subscription ($after: ID!) {
  events(after: $after) { cursor reverted event { id block { hash } } }
}`;

/** What docs/api.md recommends: start again after the last cursor, whatever ended the stream. */
async function* following(iterate, after) {
  for (;;) {
    try {
      for await (const { data, errors } of iterate({ query, variables: { after } })) {
        if (errors) throw new Error(errors[0].message, { cause: errors[0] });
        after = data.events.cursor;
        yield data.events;
      }
    } catch (error) {
      if (error?.cause?.extensions?.code === "START_OVER") throw error;
    }
    await pause(50);
  }
}

async function follows(iterate, ask, drop) {
  const seen = [];
  const stream = following(iterate, "0-0@0");
  const until = async (wanted) => {
    while (JSON.stringify(seen) !== JSON.stringify(wanted)) {
      const { event, reverted } = (await stream.next()).value;
      const one = `${event.id} ${event.block.hash}`;
      if (reverted) deepStrictEqual(seen.pop(), one);
      else seen.push(one);
    }
  };
  await until(await ask("grow", { blocks: 3 }));
  await until(await ask("reorg", { depth: 2, blocks: 4 }));
  drop();
  await ask("grow", { blocks: 2 });
  await until(await ask("reorg", { depth: 5, blocks: 6 }));
  await ask("restart");
  await until(await ask("grow", { blocks: 2 }));
  await ask("reorg", { depth: 3, blocks: 3 });
  await ask("restart");
  await until(await ask("reorg", { depth: 2, blocks: 5 }));
  await stream.return();
}

export async function overSocket({ url, ask }) {
  let socket;
  const client = ws.createClient({
    url: url.replace("http", "ws"),
    lazy: true,
    retryAttempts: 0,
    on: { opened: (opened) => (socket = opened) },
  });
  await follows((operation) => client.iterate(operation), ask, () => socket.close(4499, "dropped"));
  await client.dispose();
}

export async function overEvents({ url, ask }) {
  let client;
  const iterate = (operation) => {
    client = sse.createClient({ url, retryAttempts: 0 });
    return client.iterate(operation);
  };
  await follows(iterate, ask, () => client.dispose());
}
