// Evaluates opening_hours values with opening_hours.js, the reference implementation of the OSM specification, which
// shares no code with the crate the product stands on. Reads a request from standard input, writes one answer line a value.
//
// Request:  {"from": minute, "to": minute, "probes": [minute, …], "address": {…}, "position": {lat, lon as text}, "values": [text, …]}
// Answer:   {"error": text}, or {"intervals": [[start, end, "open" | "unknown"], …], "probes": "OCU…"}
// Minutes count from the Unix epoch; what no interval covers is closed. `probes` are answers of `getState`, which must
// agree with the intervals: both are entry points of the same evaluator. The zone is the process's `TZ`.
'use strict';

const { readFileSync } = require('node:fs');
const OpeningHours = require('opening_hours');

const MINUTE = 60_000;

function evaluate(value, request) {
  const place = { ...request.position, address: request.address };
  const hours = new OpeningHours(value, place);
  const intervals = hours
    .getOpenIntervals(new Date(request.from * MINUTE), new Date(request.to * MINUTE))
    .map(([start, end, unknown]) => [start / MINUTE, end / MINUTE, unknown ? 'unknown' : 'open']);
  const probes = request.probes
    .map((minute) => new Date(minute * MINUTE))
    .map((at) => (hours.getState(at) ? 'O' : hours.getUnknown(at) ? 'U' : 'C'))
    .join('');
  return { intervals, probes };
}

const request = JSON.parse(readFileSync(0, 'utf8'));
for (const value of request.values) {
  let answer;
  try {
    answer = evaluate(value, request);
  } catch (error) {
    answer = { error: String(error?.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
