import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSharedServices } from "./shared-services.ts";
import type { SharedServices, Trouble } from "./target.ts";
import type { Last } from "./targets-tenant.ts";
import { judgeTroubles, type TargetCase } from "./troubled-targets.ts";

const TROUBLES: readonly Trouble[] = ["refused", "error", "lost", "lostAfter", "hangAfter"];
const LASTS: readonly Last[] = ["github-secret", "aws-ssm"];
const STAGING = 4;

describe("a key that goes to five targets", () => {
  let shared: SharedServices;
  beforeAll(async () => {
    shared = await openSharedServices();
  });
  afterAll(async () => shared.kubernetes.close());

  test("any target failing in any way at any step", { timeout: 300_000 }, async () => {
    const cases: TargetCase[] = [];
    for (const trouble of TROUBLES) {
      for (let target = 0; target < STAGING; target += 1) {
        for (const phase of ["stage", "promote"] as const) {
          const last = LASTS[cases.length % LASTS.length] ?? "aws-ssm";
          cases.push({ last, target, phase, trouble });
        }
      }
      for (const last of LASTS) cases.push({ last, target: STAGING, phase: "push", trouble });
    }
    const rows = await judgeTroubles(cases, shared);
    for (const row of rows) console.log(JSON.stringify(row));
    expect(rows.filter(({ outcome, left }) => outcome !== "rotated" || /[A-Z]{4}/.test(left))).toEqual([]);
  });
});
