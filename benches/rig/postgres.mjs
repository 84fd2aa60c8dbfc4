// PostgreSQL for a benchmark: a database of its own, dropped at the end, in the server told by BENCH_POSTGRES_URL, else in
// the one on the standard port, else in a private one that lives as long as the run.

import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort, startServer } from "./process.mjs";
import { WORK, settings } from "./settings.mjs";

const PACKAGES = "postgresql postgresql-postgis";
const STANDARD = `postgres://${userInfo().username}@127.0.0.1:5432/postgres`;

async function withClient(url, work) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function reaches(url) {
  try {
    return await withClient(url, async () => true);
  } catch {
    return false;
  }
}

function programs() {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  if (versions.length === 0) throw new Error(`no PostgreSQL answers and none is installed: apt-get install ${PACKAGES}`);
  return join(root, versions[0], "bin");
}

// A cluster in a temporary directory. PostgreSQL refuses to run as root, so root runs it as `postgres`.
async function startPrivate() {
  const bin = programs();
  const directory = mkdtempSync(join(tmpdir(), "roteiro-bench-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  const isRoot = process.getuid() === 0;
  const owner = ["--reuid=postgres", "--regid=postgres", "--init-groups"];
  const asOwner = (command, args) => (isRoot ? ["setpriv", [...owner, command, ...args]] : [command, args]);
  if (isRoot) {
    const [user, group] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" })));
    chownSync(directory, user, group);
  }
  const data = join(directory, "data");
  execFileSync(...asOwner(join(bin, "initdb"), ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]), { stdio: "ignore" });
  const port = await freePort();
  const url = `postgres://bench@127.0.0.1:${port}/postgres`;
  const [command, args] = asOwner(join(bin, "postgres"), ["-D", data, "-p", String(port), "-k", directory, "-c", "listen_addresses=127.0.0.1"]);
  const log = join(WORK, "postgres.log");
  const server = await startServer({ name: "PostgreSQL", command, args, env: {}, log, isReady: () => reaches(url), patienceSeconds: 30 });
  return { url, stop: server.stop };
}

async function server() {
  if (settings.postgresUrl) return { url: settings.postgresUrl, stop: async () => {} };
  if (await reaches(STANDARD)) return { url: STANDARD, stop: async () => {} };
  return startPrivate();
}

// A new, empty database; `drop` removes it again. The name stays the same, so that a run that was cut off leaves nothing that the
// next one does not remove.
export async function createDatabase(name, { postgis = false } = {}) {
  const { url, stop } = await server();
  const version = await withClient(url, async (client) => {
    const found = await client.query("select default_version from pg_available_extensions where name = 'postgis'");
    if (postgis && found.rows.length === 0) throw new Error(`this PostgreSQL has no PostGIS: apt-get install ${PACKAGES}`);
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name}`);
    const { rows } = await client.query("show server_version");
    return `PostgreSQL ${rows[0].server_version}${postgis ? `, PostGIS ${found.rows[0].default_version}` : ""}`;
  });
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    url: own.href,
    version,
    query: (sql, values) => withClient(own.href, (client) => client.query(sql, values)),
    drop: async () => {
      await withClient(url, (client) => client.query(`drop database ${name} with (force)`));
      await stop();
    },
  };
}
