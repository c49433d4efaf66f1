// A chat client: hears a group by graphql-ws and writes what it heard as JSON lines; sends the lines
// that it reads, and says what came of each.
import { createInterface } from "node:readline";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token, groupId] = process.argv.slice(2);
const client = createClient({
  url, webSocketImpl: WebSocket, retryAttempts: 0,
  connectionParams: { authorization: `Bearer ${token}` },
});
const tell = (what, value) => console.log(JSON.stringify({ [what]: value }));
const problem = (errors) => ({ message: errors[0].message, ...errors[0].extensions });

function hear(field) {
  const query = `subscription ($groupId: String) { ${field}(groupId: $groupId) {
    id sender content card deletedAt event { name } } }`;
  client.subscribe({ query, variables: { groupId } }, {
    next: ({ data, errors }) => errors ? tell("ended", problem(errors)) : tell(field, data[field]),
    error: (errors) => tell("ended", Array.isArray(errors) ? problem(errors) : String(errors)),
    complete: () => {},
  });
}

function send(content) {
  const query = `mutation ($groupId: String, $content: String!) {
    sendMessage(groupId: $groupId, content: $content) { id seq block } }`;
  client.subscribe({ query, variables: { groupId, content } }, {
    next: ({ data, errors }) => errors ? tell("refused", problem(errors)) : tell("sent", data.sendMessage),
    error: (errors) => tell("refused", Array.isArray(errors) ? problem(errors) : String(errors)),
    complete: () => {},
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "/hear") ["messageAdded", "messageUpdated"].forEach(hear);
  else send(line);
}
process.exit(0);
