// Who publishes: an administrator of every city, made in the benchmark's database, with tokens signed by that database's own key.

import { createPrivateKey, randomUUID, sign } from "node:crypto";

const DRAFT = "{ draft { id version } conflict { fields } userErrors { field message } }";

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

// What an access token says (src/identity/token.rs); of five minutes, and made anew for each question.
function token({ kid, key, account }) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: "roteiro", aud: "roteiro", sub: account, kind: "account", iat: now, exp: now + 300 };
  const text = `${encoded({ typ: "JWT", alg: "EdDSA", kid })}.${encoded(claims)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString("base64url")}`;
}

// The editor in a database whose servers have started once, so that there is a key.
export async function makeEditor(database) {
  const account = randomUUID();
  const nowhere = "00000000-0000-0000-0000-000000000000";
  await database.query("insert into account (id, email, name, created_at) values ($1, $2, 'Benchmark', now())", [account, `${account}@example.org`]);
  await database.query("insert into account_grant (account_id, role, city_id, granted_at) values ($1, 'ADMIN', $2, now())", [account, nowhere]);
  const { rows } = await database.query("select kid, private_key from signing_key order by created_at desc limit 1");
  const key = createPrivateKey({ key: rows[0].private_key, format: "der", type: "pkcs8" });
  return { kid: rows[0].kid, key, account };
}

async function ask(editor, graphql, query, variables) {
  const response = await fetch(graphql, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", authorization: `Bearer ${token(editor)}` },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json();
  if (answer.errors) throw new Error(`${graphql} refused: ${JSON.stringify(answer.errors[0])}`);
  return answer.data;
}

async function step(editor, graphql, name, type, input) {
  const data = await ask(editor, graphql, `mutation($input: ${type}!) { ${name}(input: $input) ${DRAFT} }`, { input });
  const { draft, conflict, userErrors } = data[name];
  if (conflict || userErrors.length > 0) throw new Error(`${name}: ${JSON.stringify(conflict ?? userErrors)}`);
  return { id: draft.id, expectedVersion: draft.version };
}

// Another name for the place, written and approved. Gives what publishes it; that gives the instants at which it was asked for and
// acknowledged.
export async function prepare(editor, graphql, slug, name) {
  const found = await ask(editor, graphql, "query($slug: String!) { pointOfInterest(by: {slug: $slug}) { id } }", { slug });
  const of = found.pointOfInterest.id;
  const known = await ask(editor, graphql, "query($id: ID!) { draft(id: $id) { id version } }", { id: of });
  let draft = known.draft
    ? { id: known.draft.id, expectedVersion: known.draft.version }
    : await step(editor, graphql, "createDraft", "CreateDraftInput", { of });
  const content = { pointOfInterest: { texts: [{ language: "pt-BR", name }] } };
  draft = await step(editor, graphql, "updateDraft", "UpdateDraftInput", { ...draft, content });
  draft = await step(editor, graphql, "submitForReview", "DraftStepInput", draft);
  draft = await step(editor, graphql, "approve", "DraftStepInput", draft);
  return async () => {
    const sent = performance.now();
    // A quarter of the made-up places lies anywhere around its city.
    await step(editor, graphql, "publish", "PublishInput", { ...draft, overrides: ["OUTSIDE_STATE", "FAR_FROM_CITY"] });
    return { sent, acknowledged: performance.now() };
  };
}
