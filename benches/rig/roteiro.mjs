// Roteiro itself: its binary, a store filled by `roteiro synth`, and a server over that store.

import { execFileSync } from "node:child_process";
import { existsSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { answers, freePort, startServer } from "./process.mjs";
import { REPOSITORY, WORK, settings } from "./settings.mjs";

const START_PATIENCE_SECONDS = 300;

export function ensureBinary() {
  if (existsSync(settings.binary)) return;
  execFileSync("cargo", ["build", "--release", "--bin", "roteiro"], { cwd: REPOSITORY, stdio: "inherit" });
}

const databaseUrl = (store) => (store.includes("://") ? store : `sqlite://${store}`);

// The path of a SQLite store with `places` synthetic places, filled anew unless told to reuse.
export function filledStore(places, say) {
  const store = join(WORK, `places-${places}-seed-${settings.seed}.sqlite`);
  if (!(settings.reuseStore && existsSync(store))) {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(store + suffix, { force: true });
    const began = performance.now();
    const wanted = ["--places", String(places), "--seed", String(settings.seed)];
    execFileSync(settings.binary, ["synth", ...wanted, "--database-url", databaseUrl(store)], { stdio: ["ignore", "ignore", "inherit"] });
    const seconds = (performance.now() - began) / 1000;
    say(`store: ${places} places by synth in ${seconds.toFixed(1)} s, ${Math.round(statSync(store).size / 2 ** 20)} MiB`);
  }
  return store;
}

// Fills a PostgreSQL database with `places` synthetic places.
export function fill(url, places, say) {
  const began = performance.now();
  const wanted = ["--places", String(places), "--seed", String(settings.seed)];
  execFileSync(settings.binary, ["synth", ...wanted, "--database-url", url], { stdio: ["ignore", "ignore", "inherit"] });
  say(`store: ${places} places by synth in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

// A server over the store, a SQLite file or an address; without `workers` it takes its default number, with `core` it has that one alone.
export async function startRoteiro(store, { workers, redis, core, name = basename(store, ".sqlite") } = {}) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const args = ["serve", "--listen", `127.0.0.1:${port}`, "--database-url", databaseUrl(store), "--no-demo"];
  if (workers) args.push("--workers", String(workers));
  if (redis) args.push("--redis-url", redis);
  const server = await startServer({
    name: "roteiro",
    command: core === undefined ? settings.binary : "taskset",
    args: core === undefined ? args : ["--cpu-list", String(core), settings.binary, ...args],
    env: {},
    log: join(WORK, `roteiro-${name}-${workers ?? "default"}.log`),
    isReady: () => answers(`${origin}/readyz`),
    patienceSeconds: START_PATIENCE_SECONDS,
  });
  return { ...server, graphql: `${origin}/graphql` };
}
