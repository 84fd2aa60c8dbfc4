// Nearest 20 that are open at an instant against the plain nearest 20, on one server with one worker.

import { compare, side } from "../rig/load.mjs";
import { CENTRE, NEAREST, NEAREST_OPEN } from "../rig/nearest.mjs";
import { openRecord, sayBar } from "../rig/record.mjs";
import { ensureBinary, filledStore, startRoteiro } from "../rig/roteiro.mjs";
import { centresFile } from "../rig/samples.mjs";
import { settings } from "../rig/settings.mjs";

const BAR = 1.5;

ensureBinary();
const say = openRecord("open-at");
const store = filledStore(settings.places, say);
const roteiro = await startRoteiro(store, { workers: 1 });
try {
  const asked = { url: roteiro.graphql, kind: "near", variables: CENTRE, samples: centresFile(store) };
  const sides = [side({ ...asked, label: "nearest", query: NEAREST }), side({ ...asked, label: "nearest open", query: NEAREST_OPEN })];
  const [plain, open] = await compare(sides, say);
  const ratio = plain.rate / open.rate;
  say(`time with openAt: ${ratio.toFixed(2)} × the time without`);
  sayBar(say, `at most ${BAR} × the time`, ratio <= BAR);
} finally {
  await roteiro.stop();
}
