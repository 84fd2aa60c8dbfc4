// Asks a query, a mutation and nonsense, then follows a subscription until the stream was opened anew when its token had ended, and the
// number is 2.

import { createClient } from "graphql-sse";
let connections = 0;
const client = createClient({
  url: process.argv[2], retryAttempts: 5, headers: () => ({ Authorization: "Bearer good" }),
});
const one = async (query) => { for await (const result of client.iterate({ query })) return result; };
const query = await one("{ mine }");
const mutation = await one('mutation { rename(name: "n") }');
const wrong = await one("{ unknown }");
const numbers = [];
const follow = client.iterate({ query: "subscription { number }" }, { connected: () => { connections++; } });
for await (const { data } of follow) {
  numbers.push(data.number);
  if (connections > 1 && data.number >= 2) break;
}
console.log(JSON.stringify({ query, mutation, wrong, numbers, connections }));
client.dispose();
