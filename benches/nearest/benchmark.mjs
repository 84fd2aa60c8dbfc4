// Nearest 20 of 100,000 places within 5 km of random centres: Roteiro with one worker against PostGraphile 5 (one process,
// PostgreSQL beside it) on the same places in the same run.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compare, side } from "../rig/load.mjs";
import { CENTRE, NEAREST } from "../rig/nearest.mjs";
import { ask, freePort, startServer } from "../rig/process.mjs";
import { createDatabase } from "../rig/postgres.mjs";
import { openRecord, sayBar } from "../rig/record.mjs";
import { ensureBinary, filledStore, startRoteiro } from "../rig/roteiro.mjs";
import { centres, centresFile } from "../rig/samples.mjs";
import { BENCHES, WORK, settings } from "../rig/settings.mjs";
import { checkAgreement } from "./agreement.mjs";
import { copyPlaces, plan } from "./copy.mjs";

const BAR = 5;
// Flat, because that is how PostGraphile answers it fastest; the same values as Roteiro's nested answer.
const POSTGRAPHILE_NEAREST = `query($lat: Float!, $lon: Float!) {
  nearestPlacesList(latitude: $lat, longitude: $lon, radiusMeters: 5000, amount: 20) {
    distanceMeters id: rowId name categorySlug summary latitude longitude
  }
}`;

const packageVersion = (name) => JSON.parse(readFileSync(join(BENCHES, "node_modules", name, "package.json"), "utf8")).version;

async function startPostgraphile(database) {
  const port = await freePort();
  const graphql = `http://127.0.0.1:${port}/graphql`;
  const server = await startServer({
    name: "PostGraphile",
    command: process.execPath,
    args: [join(BENCHES, "nearest", "postgraphile.mjs"), database.url, String(port)],
    env: { NODE_ENV: "production", GRAPHILE_ENV: "production" },
    log: join(WORK, "postgraphile.log"),
    isReady: () => ask(graphql, "{ __typename }").then(() => true, () => false),
    patienceSeconds: 60,
  });
  return { ...server, graphql };
}

async function measure(store, database, say) {
  const rows = await copyPlaces(store, database);
  say(`${database.version}; PostGraphile ${packageVersion("postgraphile")}: ${rows.places} places, ${rows.texts} texts`);
  const sample = centres(store, 1000);
  say(`\nplan of PostgreSQL\n  ${(await plan(database, sample[0])).join("\n  ")}\n`);

  const roteiro = await startRoteiro(store, { workers: 1 });
  const postgraphile = await startPostgraphile(database);
  try {
    await checkAgreement(roteiro.graphql, postgraphile.graphql, sample, say);
    const samples = centresFile(store);
    const sides = [
      side({ label: "roteiro", url: roteiro.graphql, kind: "near", query: NEAREST, variables: CENTRE, samples }),
      side({ label: "postgraphile", url: postgraphile.graphql, kind: "near", query: POSTGRAPHILE_NEAREST, variables: CENTRE, samples }),
    ];
    const [ours, theirs] = await compare(sides, say);
    const ratio = ours.rate / theirs.rate;
    say(`ratio of requests/s: ${ratio.toFixed(2)}; of p99: 1/${(theirs.p99_ms / ours.p99_ms).toFixed(1)}`);
    sayBar(say, `at least ${BAR} × the requests/s of PostGraphile`, ratio >= BAR);
  } finally {
    await Promise.all([roteiro.stop(), postgraphile.stop()]);
  }
}

ensureBinary();
const say = openRecord("nearest");
const store = filledStore(settings.places, say);
const database = await createDatabase("roteiro_bench_nearest", { postgis: true });
try {
  await measure(store, database, say);
} finally {
  await database.drop();
}
