// A server on one core, one hostile client that asks for about twice what the core can do, and others who read, plan and save. In
// turns the hostile client asks for heavy lists, for plans, for light lists, and writes. Each client has an address of its own on the
// loopback network; nothing else is contacted.

import { fork } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Caller, percentile } from "./caller.mjs";
import { residentMemory } from "../rig/process.mjs";
import { openRecord, sayBar } from "../rig/record.mjs";
import { ensureBinary, filledStore, startRoteiro } from "../rig/roteiro.mjs";
import { BENCHES, settings } from "../rig/settings.mjs";

const PLACES = 10_000;
// A minute in all at the default of ten seconds, with a pause before each attack in which nobody else asks.
const ATTACKS = ["heavy", "plans", "light", "writes", "sockets", "aliases"];
const LIGHT = "{ pointsOfInterest(first: 5, where: {city: \"cuiaba\"}) { nodes { slug name { value } } } }";

// The others: one asks for a small list every 20 ms, health is looked at every 100 ms.
async function others(origin, milliseconds) {
  const visitor = new Caller(origin, "127.0.0.10");
  const balancer = new Caller(origin, "127.0.0.11");
  const seen = { read: [], health: [], failed: 0 };
  const until = performance.now() + milliseconds;
  const every = async (pause, one, into) => {
    const pending = [];
    while (performance.now() < until) {
      pending.push(
        one().then(
          ({ status, milliseconds: took, code }) => {
            into.push(took);
            if (status !== 200 || code) seen.failed += 1;
          },
          () => (seen.failed += 1),
        ),
      );
      await sleep(pause);
    }
    await Promise.all(pending);
  };
  await Promise.all([every(20, () => visitor.ask(LIGHT), seen.read), every(100, () => balancer.get("/readyz"), seen.health)]);
  return seen;
}

// The hostile client, in a process of its own so that it takes no time from those who measure.
function attack(origin, kind, milliseconds) {
  const child = fork(join(BENCHES, "overload", "hostile.mjs"), [origin, kind, String(milliseconds)]);
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("error", reject);
  });
}

ensureBinary();
const say = openRecord("overload");
const server = await startRoteiro(filledStore(PLACES, say), { workers: 1, core: 0 });
const origin = server.graphql.replace("/graphql", "");
let everybodyServed = true;
try {
  const before = residentMemory(server.pid);
  const calm = await others(origin, 3_000);
  say(`calm: read p95 ${percentile(calm.read, 95).toFixed(1)} ms, health p95 ${percentile(calm.health, 95).toFixed(1)} ms`);
  for (const kind of ATTACKS) {
    const milliseconds = settings.seconds * 1_000;
    const [seen, hostile] = await Promise.all([others(origin, milliseconds), attack(origin, kind, milliseconds)]);
    const [read, health] = [percentile(seen.read, 95), percentile(seen.health, 95)];
    say(
      `${kind.padEnd(8)} hostile: ${hostile.answered} answered, ${hostile.refused} refused (p95 ${hostile.refusedP95.toFixed(1)} ms), ` +
        `${hostile.broken} broken; others: ${seen.read.length} reads, ${seen.failed} failed, p95 ${read.toFixed(1)} ms, health p95 ${health.toFixed(1)} ms`,
    );
    sayBar(say, `${kind}: others' p95 ≤ 250 ms and none failed`, read <= 250 && seen.failed === 0);
    sayBar(say, `${kind}: what is refused is refused within 50 ms (p95)`, hostile.refused === 0 || hostile.refusedP95 <= 50);
    everybodyServed &&= seen.failed === 0;
  }
  const after = residentMemory(server.pid);
  say(`resident memory: ${before.now.toFixed(0)} MiB before, ${after.now.toFixed(0)} after, ${after.highest.toFixed(0)} at its highest`);
  sayBar(say, "health stays green and nobody else is refused", everybodyServed);
} finally {
  await server.stop();
}
