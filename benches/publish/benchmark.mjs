// How long after an editor asked one process to publish each of three processes on one PostgreSQL shows it, woken by Redis and
// without, at 100,000 places in ten cities; and how much slower reads are while changes are published.

import { setTimeout as sleep } from "node:timers/promises";
import { compare, side } from "../rig/load.mjs";
import { CENTRE, NEAREST } from "../rig/nearest.mjs";
import { createDatabase } from "../rig/postgres.mjs";
import { openRecord, sayBar } from "../rig/record.mjs";
import { ensureBinary, fill, filledStore, startRoteiro } from "../rig/roteiro.mjs";
import { centresFile, random } from "../rig/samples.mjs";
import { settings } from "../rig/settings.mjs";
import { makeEditor, prepare } from "./editor.mjs";
import { startRedis } from "./redis.mjs";
import { reader } from "./visible.mjs";

const PROCESSES = 3;
const BAR_WITH_REDIS_MS = 250;
const BAR_WITHOUT_MS = 1500;
const BAR_READS = 0.9;

const quantile = (values, share) => [...values].sort((one, other) => one - other)[Math.ceil(values.length * share) - 1];
const line = (label, values) =>
  `${label.padEnd(28)} p50 ${quantile(values, 0.5).toFixed(1).padStart(7)} ms  p99 ${quantile(values, 0.99).toFixed(1).padStart(7)} ms  ` +
  `highest ${Math.max(...values).toFixed(1).padStart(7)} ms`;

// Random places of random cities, each with the names it is given.
function* changes(places, label) {
  const next = random(settings.seed + label.length);
  for (let number = 1; ; number += 1) {
    yield { place: places[Math.floor(next() * places.length)], name: `Publicado ${label} ${number}` };
  }
}

async function started(url, redis) {
  const names = Array.from({ length: PROCESSES }, (_, index) => `publish-${redis ? "redis" : "poll"}-${index + 1}`);
  return Promise.all(names.map((name) => startRoteiro(url, { redis: redis?.url, name })));
}

// The 99th of a hundred times until all processes show what the first was asked to publish, in ms.
async function visibility(label, { editor, places }, servers, say) {
  const readers = servers.map((server) => reader(server.graphql));
  const times = servers.map(() => []);
  const [all, acknowledgements] = [[], []];
  const upcoming = changes(places, label);
  for (let number = 0; number < settings.publishes; number += 1) {
    const { place, name } = upcoming.next().value;
    const publish = await prepare(editor, servers[0].graphql, place.slug, name);
    // Followers that look by the clock are met at every moment of their interval.
    await sleep((number * 37) % 500);
    const [{ sent, acknowledged }, ...seen] = await Promise.all([publish(), ...readers.map((one) => one.sees(place.slug, name))]);
    seen.forEach((instant, index) => times[index].push(instant - sent));
    all.push(Math.max(...seen) - sent);
    acknowledgements.push(acknowledged - sent);
  }
  readers.forEach((one) => one.close());
  say(`\n${label}: ${settings.publishes} publishes, from asking process 1 to the answer that shows it`);
  say(line("acknowledged", acknowledgements));
  times.forEach((values, index) => say(line(`seen in process ${index + 1}`, values)));
  say(line("seen in all", all));
  return quantile(all, 0.99);
}

// Publishes what was prepared at a steady pace until told to stop.
function publishing(prepared) {
  let goesOn = true;
  const done = (async () => {
    let count = 0;
    for (const publish of prepared) {
      if (!goesOn) break;
      await publish();
      count += 1;
      await sleep(1000 / settings.publishesASecond);
    }
    return count;
  })();
  return async () => {
    goesOn = false;
    return done;
  };
}

// Reads of the first process, in turns without and with publishes going on; the ratio of the rates.
async function reads({ editor, places }, server, samples, say) {
  const sides = ["quiet", "while publishing"].map((label) =>
    side({ label, url: server.graphql, kind: "near", query: NEAREST, variables: CENTRE, samples }),
  );
  const upcoming = changes(places, "reads");
  let [stop, published] = [null, 0];
  sides[1].before = async () => {
    const prepared = [];
    while (prepared.length < settings.publishesASecond * (settings.seconds + 2)) {
      const { place, name } = upcoming.next().value;
      prepared.push(await prepare(editor, server.graphql, place.slug, name));
    }
    stop = publishing(prepared);
  };
  sides[1].after = async () => (published += await stop());
  say(`\nreads of process 1: nearest 20, and ${settings.publishesASecond} publishes a second`);
  const [quiet, busy] = await compare(sides, say);
  say(`${published} publishes meanwhile; p99 ${quiet.p99_ms.toFixed(2)} ms quiet, ${busy.p99_ms.toFixed(2)} ms while publishing`);
  return busy.rate / quiet.rate;
}

async function measure(database, redis, say) {
  fill(database.url, settings.places, say);
  await database.query("vacuum analyze");
  const { rows: places } = await database.query("select slug from point_of_interest where withdrawn_at is null order by slug");
  // Positions are those of the same seed, read from a SQLite store.
  const samples = centresFile(filledStore(settings.places, say));
  let servers = await started(database.url, redis);
  const store = { editor: await makeEditor(database), places };
  const withRedis = await visibility("with Redis", store, servers, say);
  const ratio = await reads(store, servers[0], samples, say);
  await Promise.all(servers.map((server) => server.stop()));
  servers = await started(database.url, null);
  const without = await visibility("without Redis", store, servers, say);
  await Promise.all(servers.map((server) => server.stop()));
  say();
  sayBar(say, `visible in three processes with Redis: p99 ≤ ${BAR_WITH_REDIS_MS} ms (${withRedis.toFixed(0)})`, withRedis <= BAR_WITH_REDIS_MS);
  sayBar(say, `without Redis: p99 ≤ ${BAR_WITHOUT_MS} ms (${without.toFixed(0)})`, without <= BAR_WITHOUT_MS);
  sayBar(say, `reads at ${BAR_READS} or more of their rate while publishing (${ratio.toFixed(3)})`, ratio >= BAR_READS);
}

ensureBinary();
const say = openRecord("publish");
const database = await createDatabase("roteiro_bench_publish");
const redis = await startRedis();
try {
  say(`${database.version}; ${PROCESSES} processes, ${settings.places} places`);
  await measure(database, redis, say);
} finally {
  await redis.stop();
  await database.drop();
}
