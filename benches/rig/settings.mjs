// What every benchmark may be told from outside, and the paths it works in. The only reader of the environment here.

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const BENCHES = dirname(dirname(fileURLToPath(import.meta.url)));
export const REPOSITORY = dirname(BENCHES);
// Stores, samples and logs: under target/, so that git does not see them and `cargo clean` removes them.
export const WORK = join(REPOSITORY, "target", "benches");
mkdirSync(WORK, { recursive: true });

const positive = (name, otherwise) => {
  const value = Number(process.env[name] ?? otherwise);
  if (!(value > 0)) throw new Error(`${name} must be a positive number`);
  return value;
};

export const settings = {
  // The program measured; built when it is missing.
  binary: process.env.ROTEIRO_BIN ?? join(REPOSITORY, "target", "release", "roteiro"),
  rounds: positive("BENCH_ROUNDS", 5),
  seconds: positive("BENCH_SECONDS", 10),
  connections: positive("BENCH_CONNECTIONS", 16),
  places: positive("BENCH_PLACES", 100_000),
  // The larger catalogue of the scale benchmark.
  manyPlaces: positive("BENCH_MANY_PLACES", 1_000_000),
  seed: positive("BENCH_SEED", 1),
  // Of the publish benchmark: how many are waited for, and how many a second go on while reads are measured.
  publishes: positive("BENCH_PUBLISHES", 500),
  publishesASecond: positive("BENCH_PUBLISHES_A_SECOND", 2),
  // A superuser's address of a PostgreSQL with PostGIS.
  postgresUrl: process.env.BENCH_POSTGRES_URL,
  // 1: a store of an earlier run is used again instead of being filled anew.
  reuseStore: process.env.BENCH_REUSE_STORE === "1",
};
