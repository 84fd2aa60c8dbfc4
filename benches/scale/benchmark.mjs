// Growth from 10,000 to 1,000,000 places: start over a filled store until /readyz answers 200, resident memory, nearest 20.

import { compare, side } from "../rig/load.mjs";
import { CENTRE, NEAREST } from "../rig/nearest.mjs";
import { residentMemory } from "../rig/process.mjs";
import { openRecord, sayBar } from "../rig/record.mjs";
import { ensureBinary, filledStore, startRoteiro } from "../rig/roteiro.mjs";
import { centresFile } from "../rig/samples.mjs";
import { settings } from "../rig/settings.mjs";

const FEW = 10_000;
const BAR_START_SECONDS = 30;
const BAR_MEMORY_MEBIBYTES = 3 * 1000 ** 3 / 2 ** 20;
const BAR_TIME = 2;

function sayMemory(say, when, catalogue) {
  const { now, highest } = residentMemory(catalogue.server.pid);
  say(`${catalogue.places} places ${when}: resident ${now.toFixed(0)} MiB, highest ${highest.toFixed(0)} MiB`);
  return highest;
}

ensureBinary();
const say = openRecord("scale");
const catalogues = [FEW, settings.manyPlaces].map((places) => ({ places, store: filledStore(places, say) }));
try {
  for (const catalogue of catalogues) {
    catalogue.server = await startRoteiro(catalogue.store, { workers: 1 });
    say(`${catalogue.places} places: ready after ${catalogue.server.readySeconds.toFixed(2)} s`);
    sayMemory(say, "when ready", catalogue);
  }
  // Each is asked around its own places.
  const sides = catalogues.map(({ places, store, server }) =>
    side({ label: `${places} places`, url: server.graphql, kind: "near", query: NEAREST, variables: CENTRE, samples: centresFile(store) }),
  );
  const [few, many] = await compare(sides, say);
  const [, highest] = catalogues.map((catalogue) => sayMemory(say, "after the load", catalogue));
  const ratio = few.rate / many.rate;
  const [, large] = catalogues;
  say(`time of nearest 20 at ${large.places} places: ${ratio.toFixed(2)} × that at ${FEW}`);
  sayBar(say, `ready within ${BAR_START_SECONDS} s`, large.server.readySeconds <= BAR_START_SECONDS);
  sayBar(say, "resident memory below 3 GB (3 × 10⁹ bytes) at its highest", highest < BAR_MEMORY_MEBIBYTES);
  sayBar(say, `nearest 20 at most ${BAR_TIME} × the time at ${FEW}`, ratio <= BAR_TIME);
} finally {
  await Promise.all(catalogues.map(({ server }) => server?.stop()));
}
