// Search for two words of a name in the store, first 20 hits, with one worker and with Roteiro's default number.

import { compare, side } from "../rig/load.mjs";
import { openRecord, sayBar } from "../rig/record.mjs";
import { ensureBinary, filledStore, startRoteiro } from "../rig/roteiro.mjs";
import { textsFile } from "../rig/samples.mjs";
import { settings } from "../rig/settings.mjs";

const BAR_MS = 5;
const SEARCH = `query($t: String!) {
  search(text: $t, first: 20) { edges { node { __typename ... on PointOfInterest { id name { value } } } } }
}`;

ensureBinary();
const say = openRecord("search");
const store = filledStore(settings.places, say);
const texts = textsFile(store);
say(`texts: ${texts.distinct} different, as ${texts.examples.map((text) => `"${text}"`).join(", ")}`);
const servers = [];
try {
  servers.push(await startRoteiro(store), await startRoteiro(store, { workers: 1 }));
  const asked = { kind: "text", query: SEARCH, variables: { t: "@TEXT@" }, samples: texts.file };
  const labels = ["default workers", "one worker"];
  const results = await compare(
    servers.map(({ graphql }, index) => side({ ...asked, label: labels[index], url: graphql })),
    say,
  );
  results.forEach((result, index) => {
    sayBar(say, `${labels[index]}: p99 below ${BAR_MS} ms at ${settings.connections} connections`, result.p99_ms < BAR_MS);
  });
} finally {
  await Promise.all(servers.map((server) => server.stop()));
}
