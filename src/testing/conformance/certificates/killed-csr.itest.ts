import { afterAll, expect, test } from "vitest";
import { instantOf } from "../../../core/model/instant.ts";
import { writeProofTable } from "../../proof/proof-table.ts";
import { createEstate, git, pushAs, writeInto } from "../estate.ts";
import type { Side } from "../failpoints.ts";
import { killEachAt } from "../killed-rotation.ts";
import { leaks, objectsOf } from "../proofs.ts";
import { hoursAfter } from "../virtual-clock.ts";
import { settleServed } from "./served-tenant.ts";
import { AUTHORITY, isPair, signed } from "./signing.ts";

const HOST = "127.0.0.1";
const START = instantOf(Math.floor(Date.now() / 1000));
/** One dies before the effect, one after it. */
const SIDES: Readonly<Record<string, Side>> = { "shop-a": "before", "shop-b": "after" };
const NAMES = Object.keys(SIDES);
/** At which hour the run dies at which effect; people have the keys signed between `stage` and `promote`. */
const KILLS = [
  [0, "adopt"],
  [1, "issue"],
  [1.5, "stage"],
  [5, "promote"],
  [5.3, "revoke"],
] as const;

const rows: string[][] = [];
afterAll(() => {
  writeProofTable({
    name: "conformance-csr",
    title: "A certificate whose CA is elsewhere, its runner killed before and after every effect",
    summary: `${rows.length} kills; the pair that was served matched at every look, and its key changed once.`,
    head: ["effect", "killed", "outcome"],
    rows,
  });
});

test("killed before and after every effect: the served pair always matches, no key is lost or told, and the key changes once", {
  timeout: 120_000,
}, async () => {
  const first = AUTHORITY.issue([HOST], { notAfter: new Date(Date.now() + 2 * 86_400_000) });
  const estate = await createEstate(
    NAMES.map((name) =>
      settleServed({
        name,
        provider: `{ csr: { names: ["${HOST}", ${name}.example.com], certificate: certs/${name}.pem } }`,
        first: { privateKey: first.key, fullchain: first.certificate },
        policy: "enforcement: rotate\n  renew: { beforeExpiry: 30d }",
      }),
    ),
  );
  const seen = new Set<string>();
  const served = new Map(NAMES.map((name) => [name, new Set<string>()]));
  let printed = "";
  const look = (): void => {
    for (const tenant of estate.tenants) {
      for (const parts of [tenant.held(), tenant.pending()]) {
        const key = parts?.["privateKey"] ?? first.key;
        if (key !== first.key) seen.add(key);
      }
      expect(isPair(tenant.held())).toBe(true);
      served.get(tenant.plan.name)?.add(tenant.held()["privateKey"] ?? "");
    }
  };
  const sign = (): void => {
    const clone = estate.clone();
    git(clone, "checkout", "--quiet", "main");
    for (const tenant of estate.tenants) {
      const { rotation } = tenant.status() ?? {};
      expect(rotation).toMatchObject({ recipe: "signed", outcome: "open", step: "collect" });
      const names = [HOST, `${tenant.plan.name}.example.com`];
      writeInto(clone, `certs/${tenant.plan.name}.pem`, signed(rotation?.reference ?? "", names));
    }
    pushAs("Bob", clone, "Certificates");
  };
  try {
    for (const [hour, call] of KILLS) {
      const moments = Object.entries(SIDES).map(([name, side]) => [name, { call, side, nth: 1 }]);
      printed += await killEachAt(estate, hoursAfter(START, hour), Object.fromEntries(moments));
      look();
      // The next run dies, too: at what follows the effect that it takes up.
      if (call === "issue" || call === "promote") continue;
      await estate.runAt(hoursAfter(START, hour + 0.3));
      look();
      if (call === "stage") sign();
    }
    await estate.runAt(hoursAfter(START, 60));
    look();
    for (const tenant of estate.tenants) {
      const { name } = tenant.plan;
      expect(tenant.status()?.rotation).toMatchObject({ outcome: "done", confirmedBy: "provider" });
      expect(tenant.status()?.versions).toHaveLength(1);
      expect(served.get(name)?.size).toBe(2);
      expect(tenant.consumer.tally.failures).toBe(0);
      expect(tenant.pending()).toBeUndefined();
      for (const [, call] of KILLS) {
        rows.push([call, SIDES[name] ?? "", "rotated"]);
      }
    }
    expect(leaks(seen, { printed, "objects of the remote": objectsOf(estate.remote) })).toEqual([]);
  } finally {
    await estate.dispose();
  }
});
