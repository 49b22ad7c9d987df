import { expect, test } from "vitest";
import type { CertificateFacts } from "../../../core/certificates/certificate.ts";
import type { AddressScan, Endpoint } from "../../../core/certificates/endpoint.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { type Instant, instantOf } from "../../../core/model/instant.ts";
import type { BoundRotator } from "../../../core/ports/rotator.ts";
import type { VersionFact } from "../../../core/state/status.ts";
import type { AcmeService } from "../../../testing/services/acme/acme-service.ts";
import { bindAcme } from "../../../testing/suites/acme-bench.ts";
import { markOf } from "../../../testing/suites/overlap-bench.ts";
import { readWindow } from "./renewal.ts";

const NOW = 1_790_000_000;
const DAY = 86_400;
const { signal } = new AbortController();
/** Nothing of a CA is needed to tell what became of a certificate. */
const NOWHERE: AcmeService = {
  name: "none",
  directory: "https://127.0.0.1:1/dir",
  ca: "",
  httpPort: 1,
  alternateRoot: undefined,
  profiles: [],
  hasRenewalInfo: false,
  revocationOf: async () => undefined,
  stop: async () => undefined,
};

const at = (days: number): Instant => instantOf(NOW + days * DAY);
const serves = (address: string, fingerprint: string, days = 60): AddressScan => ({
  address,
  chain: [facts(fingerprint, days)],
  leaf: Buffer.from(fingerprint),
});
const fails = (address: string): AddressScan => ({
  address,
  failure: { code: "refused", message: "it refuses connections" },
});

function facts(fingerprint: string, days: number): CertificateFacts {
  // `as`: nothing else of a certificate is looked at.
  return { fingerprint, notBefore: at(days - 90), notAfter: at(days) } as CertificateFacts;
}

async function bind(
  scans: Readonly<Record<string, readonly AddressScan[]>>,
  document: Partial<CredentialSpec> = {},
): Promise<BoundRotator> {
  const scan = async ({ host }: Endpoint) => scans[host] ?? [];
  const endpoints = Object.keys(scans).map((host) => `${host}:443`);
  return bindAcme(NOWHERE, { clock: () => NOW, scan, document: { endpoints, ...document } });
}

function recorded(handle: string, promoted: boolean, createdAt: Instant, expiresAt = at(60)): VersionFact {
  const mark = { ...markOf(handle) };
  return { handle, slot: handle, createdAt, expiresAt, live: true, promoted, origin: "issued", mark };
}

test("what the endpoints serve is there before us, each certificate once, with the places", async () => {
  const rotator = await bind({
    a: [serves("192.0.2.1", "old"), serves("192.0.2.2", "old")],
    b: [serves("192.0.2.3", "other", -1)],
  });
  expect(await rotator.observe(signal, [])).toMatchObject([
    {
      handle: "SHA256:old",
      live: true,
      createdAt: at(-30),
      expiresAt: at(60),
      note: "served by a:443 at 192.0.2.1, a:443 at 192.0.2.2",
    },
    { handle: "SHA256:other", live: true, expiresAt: at(-1) },
  ]);
});

test.each([
  ["nothing is served", { a: [fails("192.0.2.1")] }, {}, { handle: "declared" }],
  ["no endpoints are named", {}, {}, { handle: "declared" }],
  [
    "the document knows more",
    {},
    { handle: "SHA256:abc", expiresAt: "2026-10-01" },
    { handle: "SHA256:abc", expiresAt: "2026-10-01T00:00:00Z" },
  ],
])("where %s the document's word is what was there before us", async (_, scans, document, expected) => {
  const rotator = await bind(scans, document);
  expect(await rotator.observe(signal, [])).toMatchObject([
    { ...expected, live: true, reactivatable: false },
  ]);
});

test("the version in use and one that is not promoted yet live until their end", async () => {
  const rotator = await bind({});
  const versions = [
    recorded("now", true, at(-30)),
    recorded("next", false, at(0)),
    recorded("gone", false, at(-1), at(0)),
  ];
  const seen = await rotator.observe(signal, versions);
  expect(seen.map(({ handle, live, mark }) => [handle, live, mark])).toEqual([
    ["now", true, versions[0]?.mark],
    ["next", true, versions[1]?.mark],
    ["gone", false, versions[2]?.mark],
  ]);
});

test.each([
  ["while a place serves it", [serves("192.0.2.1", "new"), serves("192.0.2.2", "old")], true, "used"],
  ["while a place cannot be seen", [serves("192.0.2.1", "new"), fails("192.0.2.2")], true, "unknown"],
  ["no more once nothing serves it", [serves("192.0.2.1", "new")], false, "silent"],
])("an older version lives %s", async (_, scans, live, use) => {
  const rotator = await bind({ a: scans });
  const old = recorded("SHA256:old", true, at(-60));
  const versions = await rotator.observe(signal, [old, recorded("SHA256:new", true, at(0))]);
  expect(versions.map((version) => version.live)).toEqual([live, true]);
  const [version] = versions;
  if (version === undefined) throw new Error("none");
  expect(await rotator.inUse?.(version, at(0), signal)).toMatchObject({ kind: use });
});

test.each([
  [
    "every address of every endpoint serves it",
    { a: [serves("x", "new"), serves("y", "new")], b: [serves("z", "new")] },
    "used",
    "served by",
  ],
  [
    "one address serves another",
    { a: [serves("x", "new"), serves("y", "old")] },
    "silent",
    "a:443 at y serves the old one",
  ],
  ["one serves a stranger", { a: [serves("x", "foreign")] }, "silent", "serves another one"],
  [
    "one cannot be seen",
    { a: [serves("x", "new")], b: [fails("z")] },
    "silent",
    "b:443: it refuses connections",
  ],
  ["there is nothing to see", { a: [] }, "silent", ""],
])("the new version is in use everywhere only where %s", async (_, scans, kind, detail) => {
  const rotator = await bind(scans);
  const [, next] = await rotator.observe(signal, [
    recorded("SHA256:old", true, at(-60)),
    recorded("SHA256:new", false, at(0)),
  ]);
  if (next === undefined) throw new Error("none");
  const said = await rotator.inUseEverywhere?.(next, signal);
  expect(said).toMatchObject({ kind });
  expect(said?.detail).toContain(detail);
});

test("without endpoints nobody claims to see anything", async () => {
  const rotator = await bindAcme(NOWHERE);
  const can = ["inUse", "inUseEverywhere", "deactivate"] as const;
  expect(can.map((ability) => rotator[ability])).toEqual([undefined, undefined, undefined]);
});

test("a certificate whose mark is another's is not ended, nor by a run that is older", async () => {
  const rotator = await bind({});
  const fact = { ...recorded("mine", true, at(-30)), mark: { ...markOf("mine", 5) } };
  const [version] = await rotator.observe(signal, [fact]);
  if (version === undefined) throw new Error("none");
  const other = { expected: markOf("other"), next: markOf("other", 9) };
  await expect(rotator.revoke(version, other, signal)).rejects.toMatchObject({
    code: "foreign-mark",
    retryable: false,
  });
  const stale = { expected: fact.mark, next: markOf("mine", 4) };
  await expect(rotator.revoke(version, stale, signal)).rejects.toMatchObject({
    code: "fenced",
    outcome: "refused",
  });
  await rotator.revoke(version, { expected: fact.mark, next: fact.mark }, signal);
});

test.each([
  ["2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", true],
  ["2026-10-01T02:00:00.123456+02:00", "2026-10-02T00:00:00.5Z", true],
  ["2026-10-02T00:00:00Z", "2026-10-01T00:00:00Z", false],
  ["2026-10-01T00:00:00Z", "2026-10-01T00:00:00Z", false],
  ["2026-10-01T00:00:00Z", "2027-10-01T00:00:00Z", false],
  ["2026-09-01T00:00:00Z", "2026-10-02T00:00:00Z", false],
  ["soon", "2026-10-02T00:00:00Z", false],
  [undefined, 7, false],
])("a window from %s to %s is taken: %s", (start, end, taken) => {
  const life = { createdAt: "2026-09-01T00:00:00Z", expiresAt: "2026-12-01T00:00:00Z" };
  const window = readWindow({ suggestedWindow: { start, end } }, life);
  expect(window).toEqual(taken ? { start: "2026-10-01T00:00:00Z", end: "2026-10-02T00:00:00Z" } : undefined);
  expect(readWindow(null, life)).toBeUndefined();
});
