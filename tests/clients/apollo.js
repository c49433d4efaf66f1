// Apollo Client: walks a connection by pages, and keeps the list right while groups come and change.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { getMainDefinition, relayStylePagination } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";
import { PAGE, UPDATES, becomes, names, told } from "./lists.js";

export async function apollo({ url, ask }) {
  const socket = createClient({ url: url.replace("http", "ws") });
  const isLive = ({ query }) => getMainDefinition(query).operation === "subscription";
  const groups = relayStylePagination(["where", "orderBy"]);
  const client = new ApolloClient({
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { groups } } } }),
    link: ApolloLink.split(isLive, new GraphQLWsLink(socket), new HttpLink({ uri: url })),
  });
  const watched = client.watchQuery({ query: gql(PAGE), variables: { first: 3 } });
  let list;
  const watching = watched.subscribe(({ data }) => data?.groups && (list = names(data.groups)));
  await becomes(() => list?.length, 3);
  let { pageInfo } = watched.getCurrentResult().data.groups;
  while (pageInfo.hasNextPage) {
    const { data } = await watched.fetchMore({ variables: { after: pageInfo.endCursor } });
    pageInfo = data.groups.pageInfo;
  }
  await becomes(() => list, await told(url));

  watched.subscribeToMore({ document: gql(UPDATES), updateQuery: withUpdate });
  await ask("listening", { feeds: 1 });
  await ask("groups", { add: 2, rename: 2 });
  await becomes(() => list, await told(url));
  await ask("reorg", { depth: 1, blocks: 2 });
  await becomes(() => list, await told(url));
  watching.unsubscribe();
  client.stop();
  await socket.dispose();
}

/** A group that is new comes first; one that changed is in the cache by its id already. */
function withUpdate(_, { previousData, subscriptionData }) {
  const { group, gone } = subscriptionData.data.groupUpdated;
  const { groups } = previousData;
  const known = groups.edges.some(({ node }) => node.id === group.id);
  if (known === !gone) return previousData;
  const others = groups.edges.filter(({ node }) => node.id !== group.id);
  const edge = { __typename: "GroupEdge", cursor: "", node: group };
  const edges = gone ? others : [edge, ...others];
  return { ...previousData, groups: { ...groups, edges } };
}
