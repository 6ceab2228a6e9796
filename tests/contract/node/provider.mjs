// A certified OpenID Connect provider on this machine, for the tests of signing in. Whoever signs in
// says by themselves who they are: claims in JSON. POST /faults has it misbehave. Prints its address.

import { createServer } from "node:http";
import { text } from "node:stream/consumers";

import Provider from "oidc-provider";

const people = new Map();
let faults = {};
const clock = Date.now;
Date.now = () => clock() - 1000 * (faults.ago ?? 0);

const server = createServer();
await new Promise((listening) => server.listen(process.env.PORT, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "adaptive-site",
      client_secret: "a-secret-of-the-tests",
      redirect_uris: JSON.parse(process.env.CALLBACKS),
    },
  ],
  claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["of the tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => people.get(sub) }),
  pkce: { required: () => true },
  ttl: { AuthorizationCode: 600, IdToken: 3600 },
});

const form = `<!doctype html><title>Provider</title><form method="post">
  <label>Who are you? <input name="claims"></label><button>Sign in</button></form>`;

async function interaction(request, response) {
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html").end(form);
    return;
  }
  const given = new URLSearchParams(await text(request)).get("claims");
  if (!given) {
    const denied = { error: "access_denied", error_description: "no" };
    await provider.interactionFinished(request, response, denied);
    return;
  }
  const claims = JSON.parse(given);
  people.set(claims.sub, claims);
  const grant = new provider.Grant({ accountId: claims.sub, clientId: "adaptive-site" });
  grant.addOIDCScope("openid email profile");
  const grantId = await grant.save();
  const result = { login: { accountId: claims.sub }, consent: { grantId } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

// What a provider that is broken, or another in its place, would send.
provider.use(async (context, next) => {
  if (faults.down === context.path) context.throw(503);
  await next();
  if (context.path === "/token" && faults.forged && context.body.id_token) {
    const [header, claims, signature] = context.body.id_token.split(".");
    context.body.id_token = [header, claims, signature.split("").reverse().join("")].join(".");
  }
  if (context.path === "/me" && faults.another) context.body = { ...context.body, sub: "another" };
});

const answer = provider.callback();
server.on("request", async (request, response) => {
  if (request.url === "/faults") {
    faults = JSON.parse(await text(request));
    response.end();
  } else if (request.url.startsWith("/interaction/")) {
    await interaction(request, response);
  } else {
    await answer(request, response);
  }
});

console.log(issuer);
process.stdin.on("end", () => process.exit(0)).resume(); // with who has started it
