import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createIdentityProvider } from "../../../testing/services/aws/identity-provider.ts";
import { failureOf, useEntraBench } from "../../../testing/services/entra/entra-bench.ts";
import { type EntraOrders, soon } from "../../../testing/services/entra/entra-orders.ts";

const HOST = "token.actions.githubusercontent.com";
const SUBJECT = "repo:acme/credentials:environment:rotation";
const LOGIN = "canary-request-token";
const bench = useEntraBench();
const github = createIdentityProvider(HOST);
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
});

/** What GitHub gives to a job with `id-token: write`: where to ask, and with what. */
async function job(status = 200, subject = SUBJECT): Promise<Readonly<Record<string, string>>> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://github");
    const isGood =
      request.headers.authorization === `Bearer ${LOGIN}` && url.searchParams.get("api-version") === "2";
    const aud = url.searchParams.get("audience") ?? "";
    const value = github.token({ sub: subject, aud }, new Date(bench.now * 1000));
    response.writeHead(isGood ? status : 401, { "content-type": "application/json" });
    response.end(status === 200 ? JSON.stringify({ value }) : `no: ${request.headers.authorization}`);
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: LOGIN,
  };
}

/** A client that trusts one environment of one repository, and has no secret. */
async function federated(): Promise<{
  made: EntraOrders;
  bind: (variables: Readonly<Record<string, string>>) => ReturnType<EntraOrders["bind"]>;
}> {
  const made = await bench.orders();
  bench.service.trust(github);
  made.client.passwords = [];
  made.client.federated.push({
    issuer: `https://${HOST}`,
    subject: SUBJECT,
    audience: "api://AzureADTokenExchange",
  });
  const { secret: _, ...connection } = made.door.connection;
  return {
    made,
    bind: async (variables) => made.bind({ connection: { ...connection, federated: true }, variables }),
  };
}

test("the workflow's own token signs in: the runner keeps no secret", async () => {
  const { made, bind } = await federated();
  const rotator = await bind(await job());
  await rotator.preflight(soon());
  expect(await rotator.observe(soon())).toHaveLength(1);
  expect(made.client.passwords).toEqual([]);
});

test("so does a token in a file that the platform keeps fresh", async () => {
  const { bind } = await federated();
  const token = github.token({ sub: SUBJECT, aud: "api://AzureADTokenExchange" }, new Date(bench.now * 1000));
  const rotator = await bind({ AZURE_FEDERATED_TOKEN_FILE: "/run/token", "/run/token": token });
  expect(await rotator.observe(soon())).toHaveLength(1);
});

test("a workflow of another environment is refused, and told what to compare", async () => {
  const { bind } = await federated();
  const rotator = await bind(await job(200, "repo:acme/credentials:ref:refs/heads/main"));
  const failure = await failureOf(rotator.preflight(soon()));
  expect(failure).toMatchObject({ code: "federation-refused", outcome: "refused" });
  expect(failure.evidence).toContain("AADSTS700213");
  expect(failure.fix).toContain("subject");
});

test("without any token the workflow's permission is named", async () => {
  const { bind } = await federated();
  const failure = await failureOf((await bind({})).preflight(soon()));
  expect(failure).toMatchObject({ code: "workflow-token-missing", outcome: "refused" });
  expect(failure.fix).toContain("id-token: write");
});

test("GitHub that refuses, or that is another server than it should be, is told without what was sent", async () => {
  const { bind } = await federated();
  const refused = await failureOf((await bind(await job(403))).preflight(soon()));
  expect(refused).toMatchObject({ code: "workflow-token-refused", evidence: "status 403" });
  const elsewhere = { ...(await job()), ACTIONS_ID_TOKEN_REQUEST_URL: "http://github.example/token" };
  const stopped = await failureOf((await bind(elsewhere)).preflight(soon()));
  expect(stopped).toMatchObject({ code: "workflow-token-refused" });
  for (const failure of [refused, stopped]) expect(failure.describe()).not.toContain("canary");
});
