// A Redis of the benchmark's own.

import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort, startServer } from "../rig/process.mjs";
import { WORK } from "../rig/settings.mjs";

async function reaches(port) {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export async function startRedis() {
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const log = join(WORK, "redis.log");
  const { stop } = await startServer({
    name: "Redis",
    command: "redis-server",
    args,
    env: {},
    log,
    isReady: () => reaches(port),
    patienceSeconds: 30,
  });
  return { url: `redis://127.0.0.1:${port}/`, stop };
}
