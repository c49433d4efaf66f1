// urql with its normalized cache: the same.
import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { createClient } from "graphql-ws";
import { pipe, subscribe } from "wonka";
import { PAGE, UPDATES, becomes, names, told } from "./lists.js";

export async function urql({ url, ask }) {
  const socket = createClient({ url: url.replace("http", "ws") });
  const forwardSubscription = (request) => ({
    subscribe: (sink) => ({
      unsubscribe: socket.subscribe({ ...request, query: request.query || "" }, sink),
    }),
  });
  const cache = cacheExchange({
    keys: { GroupEdge: ({ cursor }) => cursor, PageInfo: () => null },
    resolvers: { Query: { groups: relayPagination() } },
    updates: { Subscription: { groupUpdated: takeUpdate } },
  });
  const client = new Client({
    url,
    preferGetMethod: false,
    exchanges: [cache, fetchExchange, subscriptionExchange({ forwardSubscription })],
  });
  let list, after, page;
  const watching = [];
  do {
    page = undefined;
    const source = client.query(gql(PAGE), { first: 3, after });
    const watch = subscribe(({ data, error }) => {
      if (error) throw error;
      page = data.groups.pageInfo;
      list = names(data.groups);
    });
    watching.push(pipe(source, watch));
    await becomes(() => page !== undefined, true);
    after = page.endCursor;
  } while (page.hasNextPage);
  await becomes(() => list, await told(url));

  watching.push(pipe(client.subscription(gql(UPDATES), {}), subscribe(() => {})));
  await ask("listening", { feeds: 1 });
  await ask("groups", { add: 2, rename: 2 });
  await becomes(() => list, await told(url));
  await ask("reorg", { depth: 1, blocks: 2 });
  await becomes(() => list, await told(url));
  watching.forEach((one) => one.unsubscribe());
  await socket.dispose();
}

const EDGE = gql(`fragment _ on GroupEdge { cursor node { id } }`);

/** A group that is new comes first, one that is gone leaves its page; others are known by id. */
function takeUpdate({ groupUpdated: { group, gone } }, _, cache) {
  const fields = cache.inspectFields("Query").filter(({ fieldName }) => fieldName === "groups");
  const pages = fields.map(({ fieldKey, arguments: { after } }) => {
    const page = cache.resolve("Query", fieldKey);
    return { page, after, edges: cache.resolve(page, "edges") };
  });
  const isIt = (edge) => cache.resolve(edge, "node") === `Group:${group.id}`;
  const known = pages.find(({ edges }) => edges.some(isIt));
  if (known && gone) cache.link(known.page, "edges", known.edges.filter((edge) => !isIt(edge)));
  if (known || gone) return;
  const node = { __typename: "Group", id: group.id };
  const edge = { __typename: "GroupEdge", cursor: group.id, node };
  cache.writeFragment(EDGE, edge);
  const { page, edges } = pages.find(({ after }) => !after);
  cache.link(page, "edges", [edge, ...edges]);
}
