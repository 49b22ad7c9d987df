import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addTo, instantOf } from "../../../core/model/instant.ts";
import type { Issued } from "../../../core/ports/rotator.ts";
import { type AcmeStandIn, startAcmeStandIn } from "../../services/acme/stand-in.ts";
import { accountKey, bindAcme, order } from "../../suites/acme-bench.ts";
import { markOf } from "../../suites/overlap-bench.ts";
import { createEstate, git, pushAs, type WaveEstate, writeInto } from "../estate.ts";
import { hoursAfter } from "../virtual-clock.ts";
import { type ServedTenant, settleServed } from "./served-tenant.ts";
import { AUTHORITY, isPair } from "./signing.ts";

const NAME = "shop";
const NAMES = ["shop.example.test"];
const START = instantOf(Math.floor(Date.now() / 1000));
const DAY = 86_400_000;
const CLI = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));
const execute = promisify(execFile);
const { signal } = new AbortController();

let ca: AcmeStandIn;
let estate: WaveEstate<ServedTenant> | undefined;
beforeEach(async () => {
  ca = await startAcmeStandIn();
});
afterEach(async () => {
  await estate?.dispose();
  await ca.stop();
});

interface First {
  readonly privateKey: string;
  readonly fullchain: string;
}

/** A service that serves this certificate, which some tool of before has put there. */
async function begin(
  first: First,
  key: string,
): Promise<{ readonly tenant: ServedTenant; readonly made: WaveEstate<ServedTenant> }> {
  const made = await createEstate([
    settleServed({
      name: NAME,
      provider: `{ acme: { connection: ca, names: [${NAMES.join()}], challenge: { http-01: { listen: "127.0.0.1:${ca.httpPort}" } } } }`,
      platform: `apiVersion: cre/v1
kind: Connection
metadata: { name: ca }
spec:
  acme: { directory: "${ca.directory}", accountKey: { env: ACME_KEY }, ca: certs/acme.pem, termsOfServiceAgreed: true }
  allow: { names: [${NAME}], objects: ["*.example.test"] }
`,
      secrets: { ACME_KEY: key },
      first: { ...first },
      policy: "enforcement: rotate\n  renew: { ari: true, beforeExpiry: 30d }",
    }),
  ]);
  estate = made;
  const [tenant] = made.tenants;
  if (tenant === undefined) throw new Error("no credential");
  const clone = made.clone();
  git(clone, "checkout", "--quiet", "main");
  writeInto(clone, "certs/acme.pem", ca.ca);
  pushAs("Bob", clone, "The CA of the directory");
  return { tenant, made };
}

function firstOf({ parts }: Issued): First {
  return {
    privateKey: parts.get("privateKey")?.reveal() ?? "",
    fullchain: parts.get("fullchain")?.reveal() ?? "",
  };
}

function serialOf({ fullchain }: First): string {
  return new X509Certificate(fullchain).serialNumber.toLowerCase();
}

async function orderedBefore(key: string): Promise<First> {
  return firstOf(
    await order(await bindAcme(ca, { accountKey: key, provider: { names: NAMES } }), markOf("a0"), signal),
  );
}

test("a certificate of ninety days is renewed when the CA's window begins, not before, and the order says what it replaces", async () => {
  const key = accountKey();
  const { tenant, made } = await begin(await orderedBefore(key), key);
  const old = tenant.held();
  for (const hour of [0, 1, 2]) await made.runAt(hoursAfter(START, hour));
  expect(tenant.held()).toEqual(old);
  expect(tenant.status()?.versions).toMatchObject([{ origin: "adopted", renewal: expect.anything() }]);
  // A CA asks so for what it is about to revoke.
  ca.desk.window = { start: addTo(START, 4 * 3600), end: addTo(START, 6 * 3600) };
  await made.runAt(hoursAfter(START, 3));
  expect(tenant.held()).toEqual(old);
  for (const hour of [5, 5.5]) await made.runAt(hoursAfter(START, hour));
  expect(tenant.held()).not.toEqual(old);
  expect(isPair(tenant.held())).toBe(true);
  expect(tenant.status()?.rotation).toMatchObject({ outcome: "done", confirmedBy: "provider" });
  expect(ca.desk.orders.map(({ replaces }) => replaces)).toEqual([
    undefined,
    ca.desk.certificates[0]?.renewalId,
  ]);
  expect(ca.desk.certificates.map(({ revoked }) => revoked)).toEqual([undefined, undefined]);
});

test("a renewal that no endpoint serves yet is not over, names the place, and the old certificate counts as long", async () => {
  const key = accountKey();
  const { tenant, made } = await begin(await orderedBefore(key), key);
  ca.desk.window = { start: START, end: addTo(START, 3600) };
  tenant.stale = true;
  for (const hour of [0, 1, 30]) await made.runAt(hoursAfter(START, hour));
  expect(tenant.status()?.rotation).toMatchObject({ step: "confirm", outcome: "open" });
  expect(tenant.status()?.rotation?.wait?.detail).toContain(`${tenant.endpoint} serves the old one`);
  tenant.stale = false;
  for (const hour of [31, 32]) await made.runAt(hoursAfter(START, hour));
  expect(tenant.status()?.rotation).toMatchObject({ outcome: "done" });
  expect(tenant.status()?.versions).toHaveLength(1);
});

test.each([
  { by: "the same CA", reason: 1, code: 0, words: "revoked for key compromise" },
  { by: "another CA", reason: undefined, code: 3, words: "not revoked" },
])(
  "a compromised key that $by had certified before us is replaced in one run, and each place is told",
  async ({ by, reason, code, words }) => {
    const key = accountKey();
    const other = AUTHORITY.issue(NAMES, { notAfter: new Date(Date.now() + 80 * DAY) });
    const first =
      by === "the same CA"
        ? await orderedBefore(key)
        : { privateKey: other.key, fullchain: other.certificate };
    const { tenant, made } = await begin(first, key);
    await made.runAt(START);
    const args = [
      CLI,
      "compromise",
      NAME,
      "--reason",
      "the key was in a backup",
      "--wait",
      "--repo",
      made.clone(),
    ];
    const said = await execute(process.execPath, args, { env: { ...made.env } }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
    );
    expect(tenant.held()["privateKey"]).not.toBe(first.privateKey);
    expect(isPair(tenant.held())).toBe(true);
    expect(tenant.status()?.rotation).toMatchObject({ outcome: "done", emergency: true });
    expect(said.stdout).toContain("serves another certificate");
    const { revoked } = ca.desk.certificates.find(({ serial }) => serial === serialOf(first)) ?? {};
    expect(revoked).toBe(reason);
    expect(said.stdout).toContain(words);
    expect(said.code).toBe(code);
  },
);
