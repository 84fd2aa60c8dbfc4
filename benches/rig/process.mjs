// Servers under measurement: started on a free port with their output in a log file, awaited, and stopped.

import { spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const STOP_PATIENCE_MS = 15_000;
const running = new Set();

// Whatever happens to the benchmark, its servers do not outlive it.
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// Starts `command` and waits until `isReady()`; tells how long that took, in seconds.
export async function startServer({ name, command, args, env, log, isReady, patienceSeconds }) {
  const output = openSync(log, "w");
  const began = performance.now();
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", output, output] });
  running.add(child);
  const gone = new Promise((resolve) => {
    child.once("error", resolve);
    child.once("exit", resolve);
  }).then(() => running.delete(child));
  while (!(await isReady())) {
    if (!running.has(child)) throw new Error(`${name} ended before it was ready:\n${readFileSync(log, "utf8").slice(-2000)}`);
    if (performance.now() - began > patienceSeconds * 1000) throw new Error(`${name} was not ready after ${patienceSeconds} s`);
    await sleep(10);
  }
  const readySeconds = (performance.now() - began) / 1000;
  const stop = async () => {
    child.kill("SIGTERM");
    await Promise.race([gone, sleep(STOP_PATIENCE_MS, undefined, { ref: false })]);
    if (running.has(child)) child.kill("SIGKILL");
    await gone;
  };
  return { pid: child.pid, readySeconds, stop };
}

// Whether a GET answers 200.
export async function answers(url) {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

// Posts one GraphQL operation and returns its data; errors are thrown.
export async function ask(url, query, variables) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json();
  if (answer.errors) throw new Error(`${url} refused: ${JSON.stringify(answer.errors[0])}`);
  return answer.data;
}

// Resident memory of a process now and at its highest, in MiB.
export function residentMemory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mebibytes = (field) => Number(status.match(new RegExp(`^${field}:\\s+(\\d+) kB`, "m"))[1]) / 1024;
  return { now: mebibytes("VmRSS"), highest: mebibytes("VmHWM") };
}
