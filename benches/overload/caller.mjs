// Somebody with a loopback address of their own, over connections that are kept.

import { Agent, request } from "node:http";

export class Caller {
  constructor(origin, address, connections = 8) {
    this.origin = new URL(origin);
    this.agent = new Agent({ keepAlive: true, maxSockets: connections, localAddress: address });
    this.token = undefined;
  }

  // Asks a GraphQL question; tells status, the first error's code, the data, and how long it took in milliseconds.
  ask(query, variables = {}) {
    return this.send("POST", "/graphql", JSON.stringify({ query, variables }));
  }

  get(path) {
    return this.send("GET", path);
  }

  send(method, path, body) {
    const headers = body ? { "content-type": "application/json", accept: "application/json" } : {};
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    const begun = performance.now();
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: this.origin.hostname, port: this.origin.port, agent: this.agent, method, path, headers, timeout: 60_000 },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk) => (text += chunk));
          response.on("error", reject);
          response.on("end", () => {
            let answer = {};
            try {
              answer = JSON.parse(text);
            } catch {
              // What is no JSON is told by its status.
            }
            const code = answer.errors?.[0]?.extensions?.code;
            resolve({ status: response.statusCode, code, data: answer.data, milliseconds: performance.now() - begun });
          });
        },
      );
      sent.on("timeout", () => sent.destroy(new Error("no answer within a minute")));
      sent.on("error", reject);
      sent.end(body);
    });
  }
}

export const percentile = (values, percent) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] : 0;
};
