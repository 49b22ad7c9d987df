import { X509Certificate } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { instantOf } from "../../../core/model/instant.ts";
import type { Issued } from "../../../core/ports/rotator.ts";
import { writeProofTable } from "../../proof/proof-table.ts";
import { type AcmeFront, type AcmeMoment, openAcmeFront } from "../../services/acme/acme-front.ts";
import type { AcmeService } from "../../services/acme/acme-service.ts";
import { findNewPebble, findPebble } from "../../services/acme/binaries.ts";
import { startPebble } from "../../services/acme/pebble.ts";
import { startAcmeStandIn } from "../../services/acme/stand-in.ts";
import { createAuthority } from "../../services/certificates.ts";
import { accountKey, bindAcme, order } from "../../suites/acme-bench.ts";
import { markOf } from "../../suites/overlap-bench.ts";
import { createEstate, git, pushAs, type WaveEstate, writeInto } from "../estate.ts";
import { haveEnded, spawnRunner } from "../killed-rotation.ts";
import { leaks, objectsOf } from "../proofs.ts";
import { hoursAfter } from "../virtual-clock.ts";
import { type ServedTenant, settleServed } from "./served-tenant.ts";
import { AUTHORITY, isPair } from "./signing.ts";

const HOST = "127.0.0.1";
const START = instantOf(Math.floor(Date.now() / 1000));
const DAY = 86_400_000;
/** One wave is killed for each list, each of its certificates at another of these requests. */
const WAVES: readonly (readonly AcmeMoment[])[] = [
  [at("newAccount", 1, "after"), at("account", 1, "after")],
  [at("newOrder", 1, "before"), at("newOrder", 1, "after")],
  // As many as the runner has effects at the same time.
  [
    at("order", 1, "after"),
    at("authorization", 1, "after"),
    at("challenge", 1, "after"),
    at("order", 2, "after"),
    at("finalize", 1, "before"),
    at("finalize", 1, "after"),
    at("order", 3, "after"),
    at("certificate", 1, "after"),
  ],
];

function at(what: string, nth: number, side: AcmeMoment["side"]): AcmeMoment {
  return { what, nth, side };
}

const EFFECTS = [
  at("challenge", 1, "after"),
  at("finalize", 1, "before"),
  at("finalize", 1, "after"),
  at("certificate", 1, "after"),
];

const rows: (string | number)[][] = [];
afterAll(() => {
  writeProofTable({
    name: "conformance-acme",
    title: "A certificate ordered by ACME, its runner killed at every request to the CA",
    summary: `${rows.length} kills; the pair that was served matched at every look, its key changed once, and no renewal took more than two orders.`,
    head: ["CA", "request", "moment", "outcome", "orders", "runs to recover"],
    rows,
  });
});

/** The newest Pebble of this machine, with the requests that change something there. */
const [old, fresh] = [findPebble(), findNewPebble()];
const binaries = fresh ?? old;
const SERVICES = [
  { name: "the stand-in", open: async () => startAcmeStandIn({ badNonces: 10, working: 1 }), waves: WAVES },
  ...(binaries === undefined
    ? []
    : [
        {
          name: "Pebble",
          open: async () => startPebble(binaries, { badNonces: 10, isNew: fresh !== undefined }),
          waves: [EFFECTS],
        },
      ]),
];

describe.each(SERVICES)("at $name", ({ name, open, waves }) => {
  test("a renewal whose runner is killed at any request ends with the pair that was served matching always, one change of key and two orders at most", {
    timeout: 180_000,
  }, async () => {
    const service = await open();
    try {
      // Somebody else's certificate at the same CA.
      const stranger = await bindAcme(service, { accountKey: accountKey() });
      const theirs = await order(stranger, markOf("s1"), new AbortController().signal);
      for (const moments of waves) await killWave(name, service, moments);
      expect(await service.revocationOf(serialOf(theirs))).toBeUndefined();
    } finally {
      await service.stop();
    }
  });
});

function serialOf({ parts }: Issued): string {
  return new X509Certificate(parts.get("certificate")?.reveal() ?? "").serialNumber.toLowerCase();
}

async function killWave(name: string, service: AcmeService, moments: readonly AcmeMoment[]): Promise<void> {
  const authority = createAuthority("front of a CA");
  const fronts = await Promise.all(moments.map(async () => openAcmeFront(service, authority)));
  const key = accountKey();
  // Its account is there already, as in every renewal but the first.
  await (await bindAcme(service, { accountKey: key })).request?.(
    markOf("s0"),
    undefined,
    AbortSignal.timeout(20_000),
  );
  const first = AUTHORITY.issue([HOST], { notAfter: new Date(Date.now() + 2 * DAY) });
  const estate = await createEstate(
    fronts.map(({ directory }, at) =>
      settleServed({
        name: `shop-${at}`,
        provider: `{ acme: { connection: ca-${at}, names: [shop-${at}.example.test], challenge: { http-01: { listen: "127.0.0.1:${service.httpPort}" } } } }`,
        platform: `apiVersion: cre/v1
kind: Connection
metadata: { name: ca-${at} }
spec:
  acme: { directory: "${directory}", accountKey: { env: ACME_KEY }, ca: certs/acme.pem, termsOfServiceAgreed: true }
  allow: { names: [shop-${at}], objects: ["*.example.test"] }
`,
        secrets: { ACME_KEY: key },
        first: { privateKey: first.key, fullchain: first.certificate },
        policy: "enforcement: rotate\n  renew: { ari: true, beforeExpiry: 30d }",
      }),
    ),
  );
  const look = new Looks(estate, first.key);
  try {
    const clone = estate.clone();
    checkout(clone, estate, authority.ca);
    await estate.runAt(hoursAfter(START, 0));
    look.at();
    const printed = await killHeld(estate, fronts, moments);
    look.at();
    let runs = 0;
    while (runs < 6 && !haveEnded(estate)) {
      runs += 1;
      await estate.runAt(hoursAfter(START, 1 + runs / 3));
      look.at();
    }
    for (const [place, tenant] of estate.tenants.entries()) {
      const { what = "", nth = 1, side = "" } = moments[place] ?? {};
      const orders = fronts[place]?.orders() ?? 0;
      const { rotation, versions } = tenant.status() ?? {};
      const told = { what, nth, side, failure: rotation?.failure?.message };
      expect({ ...told, outcome: rotation?.outcome, by: rotation?.confirmedBy }).toEqual({
        ...told,
        outcome: "done",
        by: "provider",
      });
      expect(versions).toHaveLength(1);
      expect({ ...told, keys: look.keys(tenant), few: orders <= 2 }).toEqual({ ...told, keys: 2, few: true });
      expect(tenant.consumer.tally.failures).toBe(0);
      expect(tenant.pending()).toBeUndefined();
      rows.push([name, nth === 1 ? what : `${what} (${nth})`, side, "renewed", orders, runs]);
    }
    expect(look.mismatches).toBe(0);
    expect(leaks(look.secrets, { printed, "objects of the remote": objectsOf(estate.remote) })).toEqual([]);
    expect(leaks(new Set([key]), { printed, "objects of the remote": objectsOf(estate.remote) })).toEqual([]);
  } finally {
    await estate.dispose();
    await Promise.all(fronts.map(async (front) => front.close()));
  }
}

function checkout(clone: string, estate: WaveEstate<ServedTenant>, ca: string): void {
  git(clone, "checkout", "--quiet", "main");
  writeInto(clone, "certs/acme.pem", ca);
  pushAs("Bob", clone, "The CA of the directory");
  expect(estate.tenants.length).toBeGreaterThan(0);
}

/** Kills a runner once each of its certificates is held at its moment. */
async function killHeld(
  estate: WaveEstate<ServedTenant>,
  fronts: readonly AcmeFront[],
  moments: readonly AcmeMoment[],
): Promise<string> {
  const held = fronts.map(async (front, place) => front.hold(moments[place]));
  const { child, ended } = spawnRunner(estate, hoursAfter(START, 1), "0");
  const first = await Promise.race([Promise.all(held), ended]);
  if (!Array.isArray(first)) {
    throw new Error(`the runner was to be killed at ${JSON.stringify(moments)}:\n${first.printed}`);
  }
  child.kill("SIGKILL");
  const { printed } = await ended;
  for (const front of fronts) await front.hold();
  return printed;
}

/** What the consumers hold, looked at again and again. */
class Looks {
  readonly secrets = new Set<string>();
  /** How often key and certificate did not belong together. */
  mismatches = 0;
  readonly #estate: WaveEstate<ServedTenant>;
  readonly #first: string;
  readonly #keys = new Map<ServedTenant, Set<string>>();

  constructor(estate: WaveEstate<ServedTenant>, first: string) {
    this.#estate = estate;
    this.#first = first;
  }

  at(): void {
    for (const tenant of this.#estate.tenants) {
      for (const parts of [tenant.held(), tenant.pending()]) {
        const key = parts?.["privateKey"] ?? this.#first;
        if (key !== this.#first) this.secrets.add(key);
      }
      if (!isPair(tenant.held())) this.mismatches += 1;
      const keys = this.#keys.get(tenant) ?? new Set();
      this.#keys.set(tenant, keys.add(tenant.held()["privateKey"] ?? ""));
    }
  }

  keys(tenant: ServedTenant): number {
    return this.#keys.get(tenant)?.size ?? 0;
  }
}
