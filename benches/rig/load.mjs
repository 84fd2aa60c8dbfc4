// Load by wrk: one side after the other, in turns, and the median of the rounds.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "./record.mjs";
import { BENCHES, WORK, settings } from "./settings.mjs";

const WARM_UP_SECONDS = 5;

function wrk(side, { seconds, seed, checked }) {
  const args = ["-t1", `-c${settings.connections}`, `-d${seconds}s`, "--timeout", "10s", "--latency"];
  args.push("-s", join(BENCHES, "rig", "load.lua"), side.url, "--", side.kind, side.template, side.samples, String(seed));
  return new Promise((resolve, reject) => {
    const child = spawn("wrk", args, { env: { ...process.env, BENCH_CHECK: checked ? "1" : "0" }, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("close", () => {
      const line = output.split("\n").find((text) => text.startsWith("@@ "));
      if (!line) return reject(new Error(`wrk said nothing to use:\n${output}`));
      const result = JSON.parse(line.slice(3));
      resolve({ ...result, rate: result.requests / result.seconds, bytesEach: result.bytes / result.requests, output });
    });
  });
}

// One side of a comparison: a label, where it listens, and what it is asked.
export function side({ label, url, kind, query, variables, samples }) {
  const template = join(WORK, `${label.replaceAll(/\W+/g, "-")}.json`);
  // The placeholders stand where JSON wants a number, so they are unquoted after the fact.
  const body = JSON.stringify({ query, variables }).replaceAll(/"(@(?:LAT|LON)@)"/g, "$1");
  writeFileSync(template, body);
  return { label, url, kind, template, samples };
}

const columns = (label, result) =>
  `${label.padEnd(24)} ${result.rate.toFixed(0).padStart(8)} requests/s  p50 ${result.p50_ms.toFixed(2).padStart(7)} ms  ` +
  `p99 ${result.p99_ms.toFixed(2).padStart(7)} ms  ${result.bytesEach.toFixed(0).padStart(6)} bytes each`;

// Every answer read under the full load: this warms the server up and counts what the timed rounds do not look at.
async function warmUp(sides, say) {
  for (const one of sides) {
    const result = await wrk(one, { seconds: WARM_UP_SECONDS, seed: settings.seed, checked: true });
    one.bytesEach = result.bytesEach;
    say(
      `checked ${one.label}: ${result.checked} answers, ${result.non_2xx} not 2xx, ${result.graphql_errors} with GraphQL errors, ` +
        `${result.empty} empty, ${result.broken} broken connections`,
    );
  }
}

function summarise(one, results, say) {
  const summary = {};
  for (const field of ["rate", "p50_ms", "p99_ms", "bytesEach"]) summary[field] = median(results.map((result) => result[field]));
  const rates = results.map((result) => result.rate);
  summary.failures = results.reduce((sum, result) => sum + result.non_2xx + result.broken, 0);
  say(
    `${columns(one.label, summary)}  (${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)}; ` +
      `${summary.failures} not 2xx or broken)`,
  );
  // A server that had begun to answer errors quickly would look fast.
  if (Math.abs(summary.bytesEach / one.bytesEach - 1) > 0.1) say(`WARNING: ${one.label} answered other sizes than when it was checked`);
  return summary;
}

// Loads the sides in turns, in the other order every second round, and returns the medians, one summary a side.
export async function compare(sides, say) {
  await warmUp(sides, say);
  const results = sides.map(() => []);
  for (let round = 1; round <= settings.rounds; round += 1) {
    const order = sides.map((_, index) => index);
    if (round % 2 === 0) order.reverse();
    for (const index of order) {
      // What else goes on while this side is loaded.
      await sides[index].before?.();
      const result = await wrk(sides[index], { seconds: settings.seconds, seed: settings.seed + round, checked: false });
      await sides[index].after?.();
      results[index].push(result);
      say(`\nround ${round}, ${sides[index].label}\n${result.output.trimEnd()}`);
    }
  }
  say(`\nmedians of ${settings.rounds} rounds`);
  return sides.map((one, index) => summarise(one, results[index], say));
}
