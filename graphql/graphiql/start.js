// Starts GraphiQL on this server. ?query=, ?variables= and ?operationName= fill the editor.
const parameters = new URLSearchParams(location.search);
const socket = location.origin.replace(/^http/, "ws") + location.pathname;
const fetcher = GraphiQL.createFetcher({
  url: location.pathname,
  wsClient: graphqlWs.createClient({ url: socket, lazy: true }),
});
const value = (name) => parameters.get(name) ?? undefined;

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    query: value("query"),
    variables: value("variables"),
    operationName: value("operationName"),
    defaultEditorToolsVisibility: true,
    shouldPersistHeaders: false,
  }),
);
