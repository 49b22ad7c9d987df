import { afterAll, beforeAll, expect, test } from "vitest";
import type { DiscoveryReport } from "../core/report/discovery-report.ts";
import { CliSession } from "../testing/cli/session.ts";
import { servedSettings } from "../testing/discovery/served-settings.ts";
import {
  createScratchRepository,
  type ScratchClone,
  type ScratchRepository,
} from "../testing/services/git-remote.ts";
import { forge } from "../testing/services/tls/certificate-forge.ts";
import { type TlsServers, tlsServers } from "../testing/services/tls/tls-servers.ts";

const certificate = (cn: string) => forge({ cn, names: ["127.0.0.1"], to: 90 });

let servers: TlsServers;
let repository: ScratchRepository;
let clone: ScratchClone;
let cre: CliSession;
/** A registered endpoint, one that nobody registered, and one where nobody listens. */
const ports = { known: 0, stray: 0, closed: 0 };
const NOW = new Date();
const later = (hours: number): string => new Date(NOW.getTime() + hours * 3_600_000).toISOString();
const now = later(0);

beforeAll(async () => {
  servers = tlsServers();
  ports.known = await servers.serve([certificate("shop")]);
  ports.stray = await servers.serve([certificate("forgotten")]);
  const gone = tlsServers();
  ports.closed = await gone.serve([certificate("gone")]);
  await gone.close();
  repository = await createScratchRepository({
    "policies/policies.yaml": servedSettings([ports.known, ports.stray]),
    "registry/shop.yaml": `apiVersion: cre/v1
kind: Credential
metadata: { name: shop }
spec:
  type: tls-certificate
  service: web
  owner: { team: web, contact: web@example.com }
  createdAt: 2026-01-01
  method: manual
  endpoints: ["127.0.0.1:${ports.known}"]
  access: []
`,
    CODEOWNERS: "* @acme/web\n",
  });
  clone = await repository.clone();
  cre = new CliSession(clone.path, clone.env);
});

afterAll(async () => {
  await servers.close();
  await repository.dispose();
});

async function discovered(...args: readonly string[]): Promise<DiscoveryReport & { readonly code: number }> {
  const { code, out, err } = await cre.run(["discover", "--format", "json", ...args], { now });
  if (out === "") throw new Error(err);
  return { code, ...(JSON.parse(out) as DiscoveryReport) };
}

async function findings(at: string): Promise<readonly string[]> {
  const ran = await cre.run(["evaluate", "--format", "json"], { now: at });
  const report = JSON.parse(ran.out) as {
    findings: { code: string; message: string; waivedBy: string | null }[];
  };
  return report.findings
    .filter(({ code }) =>
      ["unmanaged", "ghost", "drift", "shared-credential", "discovery-incomplete"].includes(code),
    )
    .map(({ code, waivedBy }) => (waivedBy === null ? code : `${code} waived by ${waivedBy}`));
}

test("a look shows what nobody registered, and changes nothing anywhere", async () => {
  const before = await repository.git("for-each-ref");
  const report = await discovered();
  expect(report).toMatchObject({
    code: 0,
    sources: [{ name: "served", kind: "tls", ok: true, sightings: 2, error: null }],
    managed: { numerator: 1, denominator: 2 },
    unmanaged: [{ kind: "tls-certificate", place: `127.0.0.1:${ports.stray}`, live: true }],
    ghosts: [],
  });
  const ran = await cre.run(["discover"], { now, columns: 200 });
  expect(ran.out).toMatch(/1 unmanaged, 0 ghosts, 0 drifted, 0 shared; 1 of 2 \(50.0 %\)/);
  expect(await repository.git("for-each-ref")).toBe(before);
  expect(await clone.git("status", "--porcelain")).toBe("");
});

test("a run records it, and from then on everybody sees it without asking the source", async () => {
  expect(await findings(now)).toEqual(["discovery-incomplete"]);
  const ran = await cre.run(["run"], { now });
  expect(ran).toMatchObject({
    code: 0,
    out: expect.stringContaining("discovery: served: 2 credentials seen"),
  });
  expect(await repository.git("log", "-1", "--format=%s", "cre/state")).toContain(
    "discovery: looked at served",
  );
  const book = await repository.git("show", "cre/state:registry/status/_discovery.json");
  expect(JSON.parse(book)).toMatchObject({ sources: { served: { kind: "tls" } } });
  expect(await findings(now)).toEqual(["unmanaged"]);

  const pushes = await repository.git("rev-list", "--count", "cre/state");
  await cre.run(["run"], { now: later(1) });
  expect(await repository.git("rev-list", "--count", "cre/state")).toBe(pushes);
});

test("the report and the checks count it", async () => {
  const ran = await cre.run(["controls", "--format", "json"], { now });
  const { checks } = JSON.parse(ran.out) as {
    checks: { check: string; numerator: number; denominator: number }[];
  };
  const of = (id: string) => checks.find(({ check }) => check === id);
  expect(of("K03")).toMatchObject({ numerator: 1, denominator: 2 });
  expect(of("K04")).toMatchObject({ numerator: 1, denominator: 1 });
});

test("a source that cannot be seen whole is told, exits 3, and makes no ghosts", async () => {
  await cre.write("policies/policies.yaml", servedSettings([ports.stray, ports.closed]));
  const report = await discovered();
  expect(report).toMatchObject({
    code: 3,
    sources: [{ ok: false, error: expect.stringContaining(String(ports.closed)) }],
    ghosts: [],
  });
  await cre.write("policies/policies.yaml", servedSettings([ports.known, ports.stray]));
});

test("stubs are written with guesses marked, and what is registered is unmanaged no more", async () => {
  const ran = await cre.run(["discover", "--write"], { now });
  expect(ran).toMatchObject({
    code: 0,
    err: expect.stringContaining("registry/discovered/served.yaml: 1 added"),
  });
  const text = cre.read("registry/discovered/served.yaml");
  expect(text).toContain("owner: { team: web, contact: web@example.com } # a guess from CODEOWNERS");
  expect(text).toContain("service: served # a guess: the source that showed it");
  expect(await cre.run(["validate"], { now })).toMatchObject({ code: 0 });
  expect(await discovered()).toMatchObject({ unmanaged: [], managed: { numerator: 2, denominator: 2 } });
  expect(await findings(now)).toEqual([]);
  expect((await cre.run(["discover", "--write"], { now })).err).toContain("Nothing to register");
});

test("an exception of the sighting waives its finding instead", async () => {
  await clone.git("clean", "-fdq", "registry");
  await cre.write(
    "exceptions/forgotten.yaml",
    `apiVersion: cre/v1
kind: Exception
metadata: { name: forgotten }
spec:
  match: { sightings: ["127.0.0.1:${ports.stray}"] }
  finding: unmanaged
  justification: A laboratory server that is switched off at the end of the month.
  requestedBy: bob
  approvedBy: carol
  startsAt: ${now.slice(0, 10)}
  expiresAt: ${later(30 * 24).slice(0, 10)}
`,
  );
  expect(await findings(now)).toEqual(["unmanaged waived by forgotten"]);
  expect((await discovered()).unmanaged).toMatchObject([{ waivedBy: "forgotten" }]);
  expect((await cre.run(["discover", "--write"], { now })).err).toContain("Nothing to register");
});

test("a source that nobody declared is refused with the nearest one", async () => {
  const ran = await cre.run(["discover", "--source", "serve"], { now });
  expect(ran).toMatchObject({
    code: 2,
    err: expect.stringMatching(/no source `serve`.*\n.*Did you mean `served`/s),
  });
});
