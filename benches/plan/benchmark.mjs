// How long a plan takes: made anew (another seed each time) as the server tells it, and from the cache as a client sees it beside
// the cheapest question there is.

import { openRecord, sayBar } from "../rig/record.mjs";
import { ensureBinary, filledStore, startRoteiro } from "../rig/roteiro.mjs";

const ASKED = 100;
const PLAN = `query($request: TripPlanRequest!) { tripPlan(request: $request) {
  score solver { iterations elapsed } days { stops { arrive depart } } } }`;
const CUIABA = { location: { latitude: -15.596, longitude: -56.097 } };

async function ask(url, query, variables) {
  const begun = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return { data, milliseconds: performance.now() - begun };
}

function summary(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { median: at(0.5), p99: at(0.99) };
}

ensureBinary();
const say = openRecord("plan");
for (const { name, places, dates, bar } of [
  { name: "one day over 60 candidates", places: 600, dates: ["2026-12-11"], bar: 50 },
  { name: "three days over 300 candidates", places: 3000, dates: ["2026-12-11", "2026-12-12", "2026-12-13"], bar: 300 },
]) {
  const server = await startRoteiro(filledStore(places, say), { workers: 1 });
  try {
    const request = (seed) => ({
      request: { cities: ["cuiaba"], days: dates.map((date) => ({ date, start: CUIABA })), pace: "INTENSE", interests: [{ category: "waterfall", weight: 10 }], seed },
    });
    const cold = [];
    let stops = 0;
    for (let seed = 0; seed < ASKED; seed++) {
      const { tripPlan } = (await ask(server.graphql, PLAN, request(seed))).data;
      cold.push(Number(tripPlan.solver.elapsed.slice(2, -1)) * 1000);
      stops += tripPlan.days.reduce((sum, day) => sum + day.stops.length, 0);
    }
    const kept = [];
    const least = [];
    for (let seed = 0; seed < ASKED; seed++) {
      kept.push((await ask(server.graphql, PLAN, request(seed))).milliseconds);
      least.push((await ask(server.graphql, "{ __typename }", {})).milliseconds);
    }
    const [made, again, nothing] = [cold, kept, least].map(summary);
    say(`${name}: ${(stops / ASKED).toFixed(1)} stops a plan; made in ${made.median} ms (median), ${made.p99} ms (p99)`);
    say(`${name}: kept, ${again.median.toFixed(2)} ms round trip (median), of which ${nothing.median.toFixed(2)} ms answer nothing at all`);
    sayBar(say, `${name}: made within ${bar} ms (p99)`, made.p99 <= bar);
    sayBar(say, `${name}: from the cache within 1 ms (median, the round trip of nothing taken off)`, again.median - nothing.median <= 1);
  } finally {
    await server.stop();
  }
}
