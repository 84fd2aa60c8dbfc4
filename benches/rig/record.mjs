// What a run prints, kept as it is printed in results/NAME-DATE.txt. Tells the machine by what matters, not by its name.

import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { BENCHES, REPOSITORY, settings } from "./settings.mjs";

const firstLine = (command, args) => {
  try {
    return execFileSync(command, args, { encoding: "utf8", cwd: REPOSITORY, stdio: ["ignore", "pipe", "ignore"] }).split("\n")[0];
  } catch {
    return "unknown";
  }
};

// Opens the record of one benchmark and returns the function that says a line in it.
export function openRecord(name) {
  const now = new Date().toISOString();
  mkdirSync(join(BENCHES, "results"), { recursive: true });
  const file = join(BENCHES, "results", `${name}-${now.slice(0, 10)}.txt`);
  writeFileSync(file, "");
  const say = (line = "") => {
    process.stdout.write(`${line}\n`);
    appendFileSync(file, `${line}\n`);
  };
  say(`benches/${name}/run at ${now}`);
  say(`machine: ${cpus().length} × ${cpus()[0].model}, ${(totalmem() / 2 ** 30).toFixed(1)} GiB; server and load share the cores`);
  say(`commit: ${firstLine("git", ["describe", "--always", "--dirty"])}; ${firstLine(settings.binary, ["--version"])}`);
  say(`wrk: 1 thread, ${settings.connections} connections, ${settings.rounds} rounds of ${settings.seconds} s; Node ${process.version}`);
  say();
  return say;
}

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

// "bar: …" with what was reached; a benchmark reports, it does not fail.
export function sayBar(say, text, reached) {
  say(`bar: ${text}: ${reached ? "reached" : "MISSED"}`);
}
