import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgeKilled, type KillCase } from "./killed-targets.ts";
import { openSharedServices } from "./shared-services.ts";
import type { SharedServices, Trouble } from "./target.ts";
import { type TargetRow, writeTargetsTable } from "./targets-table.ts";
import { PUSHING, STAGING } from "./targets-tenant.ts";
import { judgeTroubles, type TargetCase } from "./troubled-targets.ts";

const TROUBLES: readonly Trouble[] = ["refused", "error", "lost", "lostAfter", "hangAfter"];

describe("a key that goes to several targets", () => {
  let shared: SharedServices;
  const rows: TargetRow[] = [];
  beforeAll(async () => {
    shared = await openSharedServices();
  });
  afterAll(async () => {
    await shared.kubernetes.close();
    writeTargetsTable(rows);
  });
  const lastAt = (at: number) => PUSHING[at % PUSHING.length] ?? PUSHING[0];

  test("any target fails in any way at any step: a defined state, and a later run ends well", {
    timeout: 600_000,
  }, async () => {
    const cases: TargetCase[] = [];
    for (const trouble of TROUBLES) {
      for (const kind of STAGING) {
        const staging = STAGING.filter((one) => one !== "command" || one === kind || trouble === "lostAfter");
        cases.push({ kinds: [...staging, lastAt(cases.length)], kind, trouble });
      }
    }
    const judged = await judgeTroubles(cases, shared);
    rows.push(...judged);
    expect(judged).toHaveLength(cases.length * 3);
    expect(judged.filter(({ outcome, left }) => outcome !== "rotated" || /[A-Z]{4}/.test(left))).toEqual([]);
  });

  test("the runner dies between any two targets, at stage, push and promote", {
    timeout: 600_000,
  }, async () => {
    const judged = (await Promise.all((["stage", "push", "promote"] as const).map(killedAt))).flat();
    rows.push(...judged);
    expect(judged.filter(({ outcome }) => outcome !== "rotated")).toEqual([]);
  });

  async function killedAt(call: "stage" | "push" | "promote"): Promise<readonly TargetRow[]> {
    if (call === "push") {
      const cases = (["before", "after"] as const).flatMap((side) =>
        PUSHING.map((last): KillCase => ({ call, side, nth: 1, last })),
      );
      return judgeKilled(cases, shared);
    }
    const cases = STAGING.map((_, at): KillCase => ({ call, side: "after", nth: at + 1, last: lastAt(at) }));
    return judgeKilled([{ call, side: "before", nth: 1, last: lastAt(1) }, ...cases], shared);
  }
});
