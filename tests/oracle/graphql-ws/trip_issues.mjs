// Listens to the issues of all of a visitor's trips and prints each event on a line, until one has an issue: trip_issues.mjs URL TOKEN

import { createClient } from "graphql-ws";
import WebSocket from "ws";
const [url, token] = process.argv.slice(2);
const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { Authorization: `Bearer ${token}` } });
const query = "subscription { tripIssues { id issues { code } repair { days { stops { subjectId } } } } }";
for await (const result of client.iterate({ query })) {
  console.log(JSON.stringify(result));
  if (result.data?.tripIssues.issues.length > 0) break;
}
await client.dispose();
