// What the clients with caches read: a list by pages, and the updates that keep it right.
export const PAGE = `query Groups($first: Int!, $after: String) {
  groups(first: $first, after: $after, orderBy: { field: CREATED }) {
    edges { cursor node { id name memberCount } }
    pageInfo { hasNextPage endCursor }
  }
}`;
export const UPDATES = `subscription Updates {
  groupUpdated { gone group { id name memberCount } }
}`;

/** The list as the API tells it without any cache. */
export async function told(url) {
  const body = JSON.stringify({ query: PAGE, variables: { first: 200 } });
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  return names((await answer.json()).data.groups);
}

export const names = (groups) => groups.edges.map(({ node }) => `${node.id} ${node.name}`);

/** Waits until `look` gives what is told; fails after 20 seconds. */
export async function becomes(look, wanted) {
  const end = Date.now() + 20_000;
  for (;;) {
    const found = look();
    if (JSON.stringify(found) === JSON.stringify(wanted)) return;
    if (Date.now() > end) throw new Error(`${JSON.stringify(found)}\n${JSON.stringify(wanted)}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
