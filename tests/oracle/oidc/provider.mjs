// An OpenID provider on a free port, which it prints. Whoever is named by `login_hint` is signed in without being asked.
// `POST /lies/KIND` makes it lie in the next ID tokens: nonce, audience, issuer, key, none, expired; `POST /lies/nothing` ends that.
// `POST /amr/pwd,otp` makes them say that this is how the person was asked (`amr`), `POST /amr/` that they say nothing of it.
// `POST /keys/KID` makes it sign with a new key of this name, the only one it publishes from then on.

import { createServer } from "node:http";
import { SignJWT, UnsecuredJWT, decodeJwt, exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

const [redirect] = process.argv.slice(2);
const people = {
  ana: { email: "Ana@X.example", email_verified: true },
  bia: { email: "bia@x.example", email_verified: false },
  stranger: { email: "stranger@x.example", email_verified: true },
  "ana-again": { email: "ana@x.example", email_verified: true },
};

async function newKey(kid) {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const described = async (key) => ({ ...(await exportJWK(key)), kid, alg: "RS256", use: "sig" });
  return { kid, privateKey, secret: await described(privateKey), published: await described(publicKey) };
}

const first = await newKey("one");
const other = await newKey("one");
let key = first;
let lie = "nothing";
let methods = [];

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: "roteiro", client_secret: "between-us", redirect_uris: [redirect] }],
  jwks: { keys: [first.secret] },
  cookies: { keys: ["a test's"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid email");
    await grant.save();
    return grant;
  },
});
provider.use(async (ctx, next) => {
  await next();
  if (ctx.path === "/jwks") ctx.body = { keys: [key.published] };
  if (ctx.path !== "/token" || !ctx.body?.id_token) return;
  if (lie === "nothing" && methods.length === 0 && key === first) return;
  const claims = decodeJwt(ctx.body.id_token);
  if (lie === "nonce") claims.nonce = "of somebody else";
  if (lie === "audience") claims.aud = "somebody else";
  if (lie === "issuer") claims.iss = "https://somebody.example";
  if (lie === "expired") claims.exp = claims.iat - 3600;
  if (methods.length > 0) claims.amr = methods;
  const { privateKey } = lie === "key" ? other : key;
  ctx.body.id_token =
    lie === "none" ? new UnsecuredJWT(claims).encode() : await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: key.kid }).sign(privateKey);
});
const answer = provider.callback();
server.on("request", async (request, response) => {
  if (request.url.startsWith("/lies/")) {
    lie = request.url.slice("/lies/".length);
    return response.end();
  }
  if (request.url.startsWith("/amr/")) {
    methods = request.url.slice("/amr/".length).split(",").filter((method) => method !== "");
    return response.end();
  }
  if (request.url.startsWith("/keys/")) {
    key = await newKey(request.url.slice("/keys/".length));
    return response.end();
  }
  if (!request.url.startsWith("/interaction/")) return answer(request, response);
  const { params } = await provider.interactionDetails(request, response);
  await provider.interactionFinished(request, response, { login: { accountId: params.login_hint } }, { mergeWithLastSubmission: false });
});
console.log(issuer);
