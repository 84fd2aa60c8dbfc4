// Keeps the catalogue and says what it has whenever that changes. Told on its input: `offline`, `online`, `end`.

import { createInterface } from "node:readline";
import { createRxDatabase } from "rxdb/plugins/core";
import { getRxStorageMemory } from "rxdb/plugins/storage-memory";
import { replicate } from "./replication.mjs";

const [url, batchSize] = [process.argv[2], Number(process.argv[3])];
const database = await createRxDatabase({ name: "catalogue", storage: getRxStorageMemory(), multiInstance: false });
const text = { type: "string" };
const { records } = await database.addCollections({ records: { schema: {
  version: 0, primaryKey: "id", type: "object", required: ["id"],
  properties: { id: { type: "string", maxLength: 200 }, type: text, slug: text, name: text },
} } });
const say = (what) => console.log(JSON.stringify(what));
records.find().$.subscribe((found) => {
  const places = found.filter((record) => record.type === "PointOfInterest");
  say({ has: Object.fromEntries(places.map((place) => [place.slug, place.name])) });
});

let pulled = 0;
let replication;
const online = async () => {
  pulled = 0;
  replication = replicate(records, url, { batchSize, onPulled: (count) => { pulled += count; } });
  replication.error$.subscribe((error) => say({ error: String(error) }));
  await replication.awaitInitialReplication();
  say({ pulled });
};
await online();
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "offline") { await replication.cancel(); say({ offline: true }); }
  if (line === "online") await online();
  if (line === "end") break;
}
process.exit(0);
