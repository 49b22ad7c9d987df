import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgeKilled, type KillCase } from "./killed-targets.ts";
import { openSharedServices } from "./shared-services.ts";
import type { SharedServices, Trouble } from "./target.ts";
import { type TargetRow, writeTargetsTable } from "./targets-table.ts";
import type { Last } from "./targets-tenant.ts";
import { judgeTroubles, type TargetCase } from "./troubled-targets.ts";

const TROUBLES: readonly Trouble[] = ["refused", "error", "lost", "lostAfter", "hangAfter"];
const LASTS: readonly Last[] = ["github-secret", "aws-ssm"];
const STAGING = 4;

describe("a key that goes to five targets", () => {
  let shared: SharedServices;
  const rows: TargetRow[] = [];
  beforeAll(async () => {
    shared = await openSharedServices();
  });
  afterAll(async () => {
    await shared.kubernetes.close();
    writeTargetsTable(rows);
  });
  const lastAt = (at: number): Last => LASTS[at % LASTS.length] ?? "aws-ssm";

  test("any target fails in any way at any step: a defined state, and a later run ends well", {
    timeout: 300_000,
  }, async () => {
    const cases: TargetCase[] = [];
    for (const trouble of TROUBLES) {
      for (let target = 0; target < STAGING; target += 1) {
        for (const phase of ["stage", "promote"] as const) {
          cases.push({ last: lastAt(cases.length), target, phase, trouble });
        }
      }
      for (const last of LASTS) cases.push({ last, target: STAGING, phase: "push", trouble });
    }
    const judged = await judgeTroubles(cases, shared);
    rows.push(...judged);
    expect(judged.filter(({ outcome, left }) => outcome !== "rotated" || /[A-Z]{4}/.test(left))).toEqual([]);
  });

  test.each(["stage", "push", "promote"])(
    "the runner dies between any two targets at %s",
    {
      timeout: 300_000,
    },
    async (call) => {
      const moments =
        call === "push"
          ? (["before", "after"] as const).map((side) => ({ call, side, nth: 1 }))
          : [
              { call, side: "before" as const, nth: 1 },
              ...Array.from({ length: STAGING }, (_, at) => ({ call, side: "after" as const, nth: at + 1 })),
            ];
      const cases = moments.flatMap((moment, at): readonly KillCase[] =>
        call === "push" ? LASTS.map((last) => ({ ...moment, last })) : [{ ...moment, last: lastAt(at) }],
      );
      const judged = await judgeKilled(cases, shared);
      rows.push(...judged);
      expect(judged.filter(({ outcome }) => outcome !== "rotated")).toEqual([]);
    },
  );
});
