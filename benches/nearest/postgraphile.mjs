// PostGraphile 5 as one would run it in production: no watching, no GraphiQL, no explain, no websockets, Grafserv on
// Node's own HTTP server, prepared statements (its default), no transaction around reads (no pgSettings), its own pool of ten.
// Usage: NODE_ENV=production GRAPHILE_ENV=production node postgraphile.mjs CONNECTION PORT

import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const [connectionString, port] = process.argv.slice(2);

const server = createServer();
server.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString, schemas: ["tourism"] })],
  gather: { installWatchFixtures: false },
  grafast: { explain: false },
  grafserv: { graphqlPath: "/graphql", watch: false, graphiql: false, websockets: false },
});
await instance.createServ(grafserv).addTo(server);
server.listen(Number(port), "127.0.0.1");
