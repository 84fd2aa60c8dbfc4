// The hostile client: hostile.mjs ORIGIN KIND MILLISECONDS. Asks over many connections from one address as fast as it is answered, and
// tells its parent what became of it.

import { Caller, percentile } from "./caller.mjs";

const CONNECTIONS = 128;
const [origin, kind, milliseconds] = process.argv.slice(2);
const CUIABA = { location: { latitude: -15.596, longitude: -56.097 } };
const HEAVY = `{ pointsOfInterest(first: 100) { nodes { id slug name { value } location { latitude longitude } category { slug name { value } }
  openingHours { raw } nearby(first: 5) { edges { distanceMeters node { slug name { value } } } } } } }`;
const PLAN = "query($request: TripPlanRequest!) { tripPlan(request: $request) { score } }";
const ALIASES = `{ ${Array.from({ length: 60 }, (_, number) => `a${number}: trips(first: ${(number % 20) + 1}) { id shares { token } }`).join(" ")} }`;

let seed = 0;
const questions = {
  heavy: (caller) => caller.ask(HEAVY),
  light: (caller) => caller.ask("{ pointsOfInterest(first: 5) { nodes { slug } } }"),
  plans: (caller) => caller.ask(PLAN, { request: { cities: ["cuiaba"], seed: (seed += 1), days: [{ date: "2026-12-12", start: CUIABA }] } }),
  writes: (caller) => caller.ask("mutation { a: signInAnonymously { accessToken } b: signInAnonymously { accessToken } }"),
  aliases: (caller) => caller.ask(ALIASES),
};

const seen = { answered: 0, refused: [], broken: 0 };
const until = performance.now() + Number(milliseconds);

async function askOn() {
  const caller = new Caller(origin, "127.0.0.2", 1);
  if (kind === "aliases") caller.token = (await caller.ask("mutation { signInAnonymously { accessToken } }")).data?.signInAnonymously.accessToken;
  while (performance.now() < until) {
    try {
      const { status, code, milliseconds: took } = await questions[kind](caller);
      if (status === 429 || status === 503 || code === "BUSY" || code === "RATE_LIMITED") seen.refused.push(took);
      else seen.answered += 1;
    } catch {
      seen.broken += 1;
    }
  }
}

// As many WebSockets as there are, opened and left alone; `Agent` opens them like any other request.
async function sitDown() {
  const { request } = await import("node:http");
  const { hostname, port } = new URL(origin);
  const sockets = [];
  while (performance.now() < until && sockets.length < 6_000) {
    const begun = performance.now();
    await new Promise((resolve) => {
      const headers = {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": Buffer.alloc(16, 7).toString("base64"),
        "sec-websocket-protocol": "graphql-transport-ws",
      };
      const sent = request({ host: hostname, port, path: "/graphql", headers, localAddress: "127.0.0.2" });
      sent.on("upgrade", (_, socket) => {
        socket.on("error", () => {});
        sockets.push(socket);
        seen.answered += 1;
        resolve();
      });
      sent.on("response", (response) => {
        response.resume();
        seen.refused.push(performance.now() - begun);
        resolve();
      });
      sent.on("error", () => {
        seen.broken += 1;
        resolve();
      });
      sent.end();
    });
  }
  sockets.forEach((socket) => socket.destroy());
}

if (kind === "sockets") await sitDown();
else await Promise.all(Array.from({ length: CONNECTIONS }, askOn));
process.send({ answered: seen.answered, refused: seen.refused.length, refusedP95: percentile(seen.refused, 95), broken: seen.broken }, () => process.exit(0));
