import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CliSession } from "../../testing/cli/session.ts";
import { createScratchRepository, type ScratchRepository } from "../../testing/services/git-remote.ts";
import { forge } from "../../testing/services/tls/certificate-forge.ts";
import { type TlsServers, tlsServers } from "../../testing/services/tls/tls-servers.ts";

const root = forge({ cn: "Company root", ca: true });
const intermediate = forge({ cn: "Company intermediate", ca: true, by: root, to: 40 });
const leafFor = (to: number) => forge({ cn: "shop", names: ["127.0.0.1"], by: intermediate, to });
const first = leafFor(90);

let servers: TlsServers;
let repository: ScratchRepository;
let cre: CliSession;
let folder: string;
/** What the server shows may change between runs. */
const shop = { port: 0 };
const now = new Date().toISOString();

beforeAll(async () => {
  servers = tlsServers();
  folder = await mkdtemp(join(tmpdir(), "cre-certificates-"));
  await writeFile(join(folder, "chain.pem"), first.pem + first.key + intermediate.pem);
  await writeFile(join(tmpdir(), `outside-${process.pid}.pem`), first.pem);
  await symlink(join(tmpdir(), `outside-${process.pid}.pem`), join(folder, "outside.pem"));
  shop.port = await servers.serve([first, intermediate]);
  const weak = forge({ cn: "weak", names: ["other.example.com"], key: "rsa-1024" });
  const bad = await servers.serve([weak]);
  const plain = await servers.raw((socket) => {
    socket.on("error", () => undefined).once("data", () => socket.end("HTTP/1.1 400\r\n\r\n"));
  });
  repository = await createScratchRepository({
    "certs/root.pem": root.pem,
    "certs/shop.pem": first.pem,
    "policies/policies.yaml": `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  network: { scan: ["127.0.0.1:*"], ca: certs/root.pem }
  paths: ["${folder}"]
---
apiVersion: cre/v1
kind: Policy
metadata: { name: certificates }
spec: { match: { types: [tls-certificate] }, renew: { ari: true, beforeExpiry: 30d, fractionOfLifetime: 1/3 } }
`,
    "registry/shop.yaml": [
      certificate("shop", "delegated", `endpoints: ["127.0.0.1:${shop.port}"]`),
      certificate("bad", "manual", `endpoints: ["127.0.0.1:${bad}", { host: 127.0.0.1, port: ${plain} }]`),
      certificate(
        "files",
        "manual",
        `certificateFiles: [certs/shop.pem, "${folder}/chain.pem", "${folder}/outside.pem", certs/none.pem]`,
      ),
      certificate("unwatched", "manual", "labels: no"),
    ]
      .join("---\n")
      .replace("  labels: no\n", ""),
  });
  const clone = await repository.clone();
  cre = new CliSession(clone.path, clone.env);
});

afterAll(async () => {
  await servers.close();
  await repository.dispose();
  await rm(folder, { recursive: true, force: true });
  await rm(join(tmpdir(), `outside-${process.pid}.pem`), { force: true });
});

function certificate(name: string, method: string, places: string): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: tls-certificate
  service: web
  owner: { team: web, contact: web@example.com }
  createdAt: 2026-01-01
  expiresAt: 2099-01-01
  method: ${method}
${method === "delegated" ? "  delegate: { to: cert-manager }\n" : ""}  ${places}
  access: []
`;
}

async function findings(name: string): Promise<readonly string[]> {
  const ran = await cre.run(["evaluate", "--only", name, "--format", "json"], { now });
  const report = JSON.parse(ran.out) as {
    findings: { code: string; level: string; credential: string | null }[];
  };
  return report.findings
    .filter(({ credential }) => credential === name)
    .map(({ code, level }) => `${code} ${level}`);
}

test("a run records what every place shows, whoever rotates it, and a person sees it", async () => {
  expect(await findings("bad")).toEqual([]);
  const ran = await cre.run(["run"], { now });
  // Trouble of a certificate is a finding, no failure of the run.
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.out + ran.err).toMatch(
    /bad: 127\.0\.0\.1:\d+: name-mismatch: other\.example\.com \(and \d more/,
  );

  expect(await findings("shop")).toEqual([]);
  expect(await findings("bad")).toEqual([
    "chain-name-mismatch critical",
    "chain-self-signed critical",
    "chain-weak-key warning",
    "endpoint-unreachable warning",
  ]);
  expect(await findings("files")).toEqual([
    "chain-incomplete critical",
    "endpoint-unreachable warning",
    "endpoint-unreachable warning",
  ]);

  const shown = await cre.run(["show", "shop"], { now });
  expect(shown.out).toMatch(/Served \(so since .*\)/);
  expect(shown.out).toMatch(/127\.0\.0\.1:\d+ +CN=shop +\S+ \S+ +EC 256/);
  expect(shown.out).toContain("CN=Company intermediate");
  const explained = await cre.run(["explain", "shop"], { now });
  expect(explained.out).toContain(`end of CN=Company intermediate in the chain at 127.0.0.1:${shop.port}`);
  const whole = await cre.run(["show", "files", "--format", "json"], { now });
  expect(whole.out).toContain("it lies below none of `paths` of the settings");
  expect(whole.out).not.toContain("PRIVATE KEY");
});

test("a world that did not change writes nothing", async () => {
  const before = await repository.git("rev-parse", "refs/heads/cre/state");
  expect(await cre.run(["run"], { now })).toMatchObject({ code: 0 });
  expect(await repository.git("rev-parse", "refs/heads/cre/state")).toBe(before);
});

test("what changed is recorded and told in the trail; another certificate is not looked at", async () => {
  await servers.close();
  await servers.serve([leafFor(20), intermediate], { port: shop.port });
  const soon = new Date(Date.now() + 60_000).toISOString();
  const other = await cre.run(["run", "--only", "unwatched"], { now: soon });
  expect(other).toMatchObject({ code: 0 });
  expect((await cre.run(["explain", "shop"], { now: soon })).out).toContain(
    "Company intermediate in the chain",
  );
  expect(await cre.run(["run", "--only", "shop"], { now: soon })).toMatchObject({ code: 0 });
  expect((await cre.run(["explain", "shop"], { now: soon })).out).toContain("end of the certificate at");
  const trail = await cre.run(["audit", "shop"], { now: soon });
  expect(trail.out.match(/certificate\.observed/g)).toHaveLength(2);
});

test("a place that is gone keeps what was seen, and is a finding", async () => {
  await servers.close();
  const later = new Date(Date.now() + 120_000).toISOString();
  expect(await cre.run(["run"], { now: later })).toMatchObject({ code: 0 });
  expect(await findings("shop")).toContain("endpoint-unreachable warning");
  expect((await cre.run(["explain", "shop"], { now: later })).out).toContain("end of the certificate at");
  expect((await cre.run(["show", "shop"], { now: later })).out).toContain("the connection is refused");
});
