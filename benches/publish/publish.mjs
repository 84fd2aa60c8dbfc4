// Publishing one change, and the Redis over which it is announced.

import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort, startServer } from "../rig/process.mjs";
import { WORK } from "../rig/settings.mjs";

// The channel of src/store/wake/redis.rs.
const CHANNEL = "roteiro:change";

// Gives a place another name, as an editor's publish does: the rows, the number from the one locked row, the row of the log, in
// one transaction; then the announcement. Returns when the commit was acknowledged.
export async function publish({ client, redis }, { id, city }, name) {
  await client.query("begin");
  await client.query("update point_of_interest_text set name = $2 where point_of_interest_id = $1 and language = 'pt-BR'", [id, name]);
  const { rows } = await client.query("update change_counter set last = last + 1 where id = 1 returning last");
  await client.query(
    "insert into change (number, at, city_id, record_type, record_id, kind) values ($1, now(), $2, 'POINT_OF_INTEREST', $3, 'UPSERT')",
    [rows[0].last, city, id],
  );
  await client.query("commit");
  const acknowledged = performance.now();
  await redis?.announce();
  return acknowledged;
}

async function open(port) {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  await once(socket, "connect");
  return socket;
}

// A Redis of the benchmark's own, and one connection that announces.
export async function startRedis() {
  const port = await freePort();
  const reaches = () => open(port).then((socket) => (socket.destroy(), true), () => false);
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const log = join(WORK, "redis.log");
  const server = await startServer({ name: "Redis", command: "redis-server", args, env: {}, log, isReady: reaches, patienceSeconds: 30 });
  const socket = await open(port);
  const announce = async () => {
    socket.write(`PUBLISH ${CHANNEL} -\r\n`);
    await once(socket, "data");
  };
  const stop = async () => {
    socket.destroy();
    await server.stop();
  };
  return { url: `redis://127.0.0.1:${port}/`, announce, stop };
}
