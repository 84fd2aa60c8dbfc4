// When a process shows what was published: its GraphQL is asked again and again over one kept connection.

import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 60_000;
// Between an answer and the next question: the servers have other things to do, and the clock gets no better than this.
const PAUSE_MS = 1;

// One who asks one process.
export function reader(graphql) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { "content-type": "application/json", accept: "application/json" };
  const ask = (body) =>
    new Promise((resolve, reject) => {
      const asked = request(graphql, { method: "POST", agent, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => (text += chunk)).on("end", () => resolve(text));
      });
      asked.on("error", reject).end(body);
    });
  // The instant at which the answer to a question begun after the publish holds the new name.
  const sees = async (slug, name) => {
    const body = JSON.stringify({ query: "query($slug: String!) { pointOfInterest(by: {slug: $slug}) { name { value } } }", variables: { slug } });
    const began = performance.now();
    while (performance.now() - began < PATIENCE_MS) {
      const answer = JSON.parse(await ask(body));
      if (answer.errors) throw new Error(`${graphql} refused: ${JSON.stringify(answer.errors[0])}`);
      if (answer.data.pointOfInterest?.name.value === name) return performance.now();
      await sleep(PAUSE_MS);
    }
    throw new Error(`${graphql} does not show ${slug} as ${name} after ${PATIENCE_MS} ms`);
  };
  return { sees, close: () => agent.destroy() };
}
