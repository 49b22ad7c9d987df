import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Route53StandIn, startRoute53 } from "../../../../testing/services/acme/route53.ts";
import { type AcmeStandIn, startAcmeStandIn } from "../../../../testing/services/acme/stand-in.ts";
import { connectionOf } from "../../../../testing/services/ssh/account.ts";
import type { SshHost } from "../../../../testing/services/ssh/host-ground.ts";
import { startSshHost } from "../../../../testing/services/ssh/ssh-host.ts";
import { type AcmeOptions, bindAcme, NAMES, order } from "../../../../testing/suites/acme-bench.ts";
import { startZoneServer, type ZoneServer } from "../../../../testing/suites/acme-hooks.ts";
import { markOf } from "../../../../testing/suites/overlap-bench.ts";

const { signal } = new AbortController();
let ca: AcmeStandIn;
beforeAll(async () => {
  ca = await startAcmeStandIn();
});
afterAll(async () => ca.stop());

async function attempt(options: AcmeOptions): Promise<unknown> {
  const rotator = await bindAcme(ca, options);
  await rotator.preflight(signal);
  return order(rotator, markOf("a1"), signal);
}

describe("Route 53", () => {
  const RECORD = "_acme-challenge.orders.example.test";
  let route53: Route53StandIn;
  const through = (hostedZone?: string): AcmeOptions => ({
    provider: {
      names: ["orders.example.test", "*.orders.example.test"],
      challenge: {
        "dns-01": { route53: { connection: "dns", ...(hostedZone === undefined ? {} : { hostedZone }) } },
      },
    },
    connections: { dns: { aws: { region: "us-east-1", endpoint: route53.endpoint } } },
    secrets: { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "of-a-test" },
  });
  beforeEach(async () => {
    const zones = {
      ZPRIVATE: { name: "orders.example.test", isPrivate: true },
      ZPUBLIC: { name: "example.test" },
    };
    route53 = await startRoute53(zones, async (name, values) => ca.setRecord?.(name, values));
    return async () => route53.close();
  });

  test("the records of a wildcard and its name are put beside those of others, and only ours are taken away", async () => {
    route53.records.set(RECORD, ['"of another client"']);
    route53.records.set("_acme-challenge.zzz.example.test", ['"far away"']);
    route53.slow(2);
    await attempt(through());
    expect(route53.records.get(RECORD)).toEqual(['"of another client"']);
    expect(route53.records.get("_acme-challenge.zzz.example.test")).toEqual(['"far away"']);
    expect(route53.changes).toEqual([`UPSERT ${RECORD}`, `UPSERT ${RECORD}`]);
  });

  test("without others the whole record goes, in the zone that the document names", async () => {
    await attempt(through("ZPUBLIC"));
    expect(route53.records.size).toBe(0);
    expect(route53.changes).toEqual([`UPSERT ${RECORD}`, `DELETE ${RECORD}`]);
  });

  test("a change that not every server has within the time of a step stays, and the next attempt goes on with the order and the record", async () => {
    route53.slow(1_000);
    const rotator = await bindAcme(ca, through());
    const reference = await rotator.request?.(markOf("a1"), undefined, signal);
    await expect(rotator.issue?.(markOf("a1"), [], signal, reference)).rejects.toMatchObject({
      code: "acme-challenge-spreading",
      outcome: "refused",
      retryable: true,
    });
    expect(route53.records.get(RECORD)).toHaveLength(2);
    route53.slow(0);
    const next = await bindAcme(ca, through());
    expect(await next.request?.(markOf("a2"), reference, signal)).toBe(reference);
    await next.issue?.(markOf("a2"), [], signal, reference);
    expect(route53.changes).toEqual([`UPSERT ${RECORD}`, `DELETE ${RECORD}`]);
  });

  test("what another order of a run that died has left there is taken away by the next one", async () => {
    route53.slow(1_000);
    const rotator = await bindAcme(ca, through());
    const reference = await rotator.request?.(markOf("a1"), undefined, signal);
    await expect(rotator.issue?.(markOf("a1"), [], signal, reference)).rejects.toThrow(
      "not every name server",
    );
    const later = await bindAcme(ca, { ...through(), clock: () => Date.now() / 1000 + 8 * 86_400 });
    expect(await later.request?.(markOf("a2"), reference, signal)).not.toBe(reference);
    expect(route53.records.size).toBe(0);
  });

  test("a right that is missing is named, and so is a zone that is not there", async () => {
    route53.deny("ListResourceRecordSets");
    await expect(attempt(through())).rejects.toMatchObject({
      message: expect.stringContaining("route53:ListResourceRecordSets"),
    });
    route53.deny("ChangeResourceRecordSets");
    await expect(attempt(through())).rejects.toMatchObject({ outcome: "refused" });
    const elsewhere = { ...through(), provider: { ...through().provider, names: ["www.other.example"] } };
    await expect(attempt(elsewhere)).rejects.toMatchObject({ code: "acme-zone-missing" });
  });
});

describe("a webroot over SSH", () => {
  let host: SshHost;
  let web: Server;
  let root: string;
  const through = (path: string): AcmeOptions => ({
    provider: { challenge: { "http-01": { webroot: { connection: "web", path } } } },
    connections: { web: connectionOf(host) },
    secrets: { SSH_KEY: host.login.privateKey.reveal() },
  });
  beforeAll(async () => {
    host = await startSshHost({ server: "ssh2" });
    root = await mkdtemp(join(tmpdir(), "cre-webroot-"));
    web = createServer((request, response) => {
      try {
        response.end(readFileSync(join(root, request.url ?? "")));
      } catch {
        response.writeHead(404).end();
      }
    }).listen(ca.httpPort, "127.0.0.1");
    return async () => {
      web.closeAllConnections();
      await new Promise((done) => web.close(done));
      await host.close();
      await rm(root, { recursive: true, force: true });
    };
  });

  test("the folder has to be there; then files are put into it, and only they are taken away", async () => {
    await expect(attempt(through(root))).rejects.toMatchObject({ code: "acme-webroot" });
    const folder = join(root, ".well-known", "acme-challenge");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "of-another"), "client");
    await attempt(through(`${root}/`));
    expect(await readdir(folder)).toEqual(["of-another"]);
  });
});

describe("hooks", () => {
  let zone: ZoneServer;
  beforeEach(async () => {
    zone = await startZoneServer(async (name, values) => ca.setRecord?.(name, values));
    return async () => zone.close();
  });
  const through = (way: "webhook" | "command"): AcmeOptions => ({
    provider: {
      challenge: { "dns-01": way === "webhook" ? { webhook: { connection: "zone" } } : { command: "zone" } },
    },
    connections: { zone: zone.connection },
    secrets: zone.secrets,
    commands: { zone: zone.command },
  });

  test.each(["webhook", "command"] as const)(
    "a %s that does not do its part is told, and nothing of what it says is shown",
    async (way) => {
      for (const said of [
        { status: 500, body: "canary" },
        { body: { credential: "other", state: "ready" } },
        { body: { credential: "orders-tls", state: "canary" } },
      ]) {
        zone.says(said);
        const error = await attempt(through(way)).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: "acme-hook-failed", outcome: "refused" });
        expect(JSON.stringify([String(error), error])).not.toContain("canary");
      }
    },
  );

  test("a server whose answers are signed with another key proves nothing", async () => {
    const wrong = { ...through("webhook"), secrets: { ZONE_KEY: "another key" } };
    await expect(attempt(wrong)).rejects.toMatchObject({
      code: "acme-hook-failed",
      evidence: "its signature is wrong",
    });
  });

  test("a command that the settings do not allow is not run, and a connection of another kind is not used", async () => {
    await expect(bindAcme(ca, { ...through("command"), commands: {} })).rejects.toMatchObject({
      code: "command-unknown",
    });
    const other = {
      zone: { external: { url: "https://x.example", key: { id: "k", secret: { env: "X" } } } },
    };
    await expect(bindAcme(ca, { ...through("webhook"), connections: other })).rejects.toMatchObject({
      code: "connection-kind",
    });
  });

  test("files are put where they are served by a command, too", async () => {
    const answers = new Map<string, string>();
    const web = createServer((request, response) => void response.end(answers.get(request.url ?? ""))).listen(
      ca.httpPort,
      "127.0.0.1",
    );
    const folder = await mkdtemp(join(tmpdir(), "cre-files-"));
    const files = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        // `as`: written by the product.
        const asked = JSON.parse(text) as {
          phase: string;
          credential: string;
          answers: { path: string; content: string }[];
        };
        for (const { path, content } of asked.answers) {
          if (asked.phase === "challenge-put") answers.set(path, content);
          else answers.delete(path);
        }
        const state = { "challenge-ask": "ready", "challenge-put": "visible", "challenge-drop": "gone" }[
          asked.phase
        ];
        response.end(JSON.stringify({ credential: asked.credential, state }));
      });
    }).listen(0, "127.0.0.1");
    await new Promise((listening) => files.once("listening", listening));
    const address = files.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const command = [...zone.command.slice(0, 2), `http://127.0.0.1:${port}/`];
    await attempt({
      provider: { names: NAMES, challenge: { "http-01": { command: "files" } } },
      commands: { files: command },
    });
    expect(answers.size).toBe(0);
    for (const server of [web, files]) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
    await rm(folder, { recursive: true, force: true });
  });
});
