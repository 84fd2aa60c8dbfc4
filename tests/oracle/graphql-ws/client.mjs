// Asks a query and a mutation, then follows a subscription until the connection was made anew with a fresh token and the number is 2.

import { createClient } from "graphql-ws";
import WebSocket from "ws";
let connections = 0;
const client = createClient({
  url: process.argv[2], webSocketImpl: WebSocket, lazy: false, retryAttempts: 5,
  connectionParams: () => ({ Authorization: "Bearer good" }), on: { connected: () => { connections++; } },
});
const one = async (query) => { for await (const result of client.iterate({ query })) return result; };
const query = await one("{ mine }");
const mutation = await one('mutation { rename(name: "n") }');
const numbers = [];
for await (const { data } of client.iterate({ query: "subscription { number }" })) {
  numbers.push(data.number);
  // It came back with a fresh token when the first had expired, and was told how things stand.
  if (connections > 1 && data.number >= 2) break;
}
console.log(JSON.stringify({ query, mutation, numbers, connections }));
await client.dispose();
