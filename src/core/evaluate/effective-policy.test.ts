import { describe, expect, it } from "vitest";
import { credential, evaluateAt, only, policy } from "../../testing/evaluation/world.ts";
import type { PolicySpec } from "../documents/policy.ts";

const NIGHT = { cron: "0 2 * * *", duration: "4h" };
const NOON = { cron: "0 12 * * *", duration: "1h", timezone: "Europe/Berlin" };

/** Policies `p0`, `p1`, …, with due dates in their order unless they say otherwise. */
function merged(specs: readonly PolicySpec[], deliver: Parameters<typeof credential>[1] = {}) {
  const policies = specs.map((spec, index) =>
    policy(`p${index}`, { rotateWithin: `${60 + index}d`, ...spec }),
  );
  const { effective, effectiveSources } = only(
    evaluateAt("2026-01-02", [credential("key", deliver), ...policies]),
  );
  return {
    effective,
    source: (field: string) => {
      const found = effectiveSources.find((source) => source.field === field);
      return found && `${found.value} from ${found.policy}`;
    },
  };
}

describe("what several policies say together", () => {
  it("without any word the defaults hold", () => {
    const { effective, source } = merged([{}]);
    expect(effective).toEqual({
      rotate: false,
      gracePeriod: 86_400,
      quietPeriod: 604_800,
      soakPeriod: 604_800,
      emergency: { order: "replace-first", confirmWithin: 900 },
    });
    expect(source("gracePeriod")).toBe("24h from null");
    expect(source("window")).toBe("any time from null");
    expect(source("inPlace.allowDowntime")).toBe("none from null");
  });

  it.each(["gracePeriod", "quietPeriod", "soakPeriod"] as const)("of %s the longest holds", (field) => {
    const two = merged([{ [field]: "10d" }, { [field]: "30d" }]);
    expect([two.effective[field], two.source(field)]).toEqual([30 * 86_400, "30d from p1"]);
  });

  it("units are compared by their length, and of equal ones the strictest policy is named", () => {
    expect(merged([{ gracePeriod: "200h" }, { gracePeriod: "1w" }]).source("gracePeriod")).toBe(
      "200h from p0",
    );
    expect(merged([{ gracePeriod: "168h" }, { gracePeriod: "7d" }]).source("gracePeriod")).toBe(
      "168h from p0",
    );
  });

  it("a policy that is silent says the default", () => {
    expect(merged([{ gracePeriod: "1h" }, {}]).source("gracePeriod")).toBe("24h from null");
    expect(merged([{ gracePeriod: "1h" }]).source("gracePeriod")).toBe("1h from p0");
    expect(merged([{ gracePeriod: "2d" }, {}]).source("gracePeriod")).toBe("2d from p0");
  });

  it.each([
    ["7d without consumers", undefined, "7d"],
    ["the longest that a consumer may be idle", ["31d", "8d"], "31d"],
    ["7d where consumers are idle for less", ["1d"], "7d"],
  ])("the default of quiet is %s", (_, idle, expected) => {
    const deliver = idle?.map((longestIdle) => ({ command: { run: "reload" }, longestIdle }));
    const { source } = merged([{}], deliver === undefined ? {} : { deliver });
    expect(source("quietPeriod")).toBe(`${expected} from null`);
  });

  it("a certificate has no quiet and a short soak, unless a policy or a consumer asks for another", () => {
    const type = "tls-certificate";
    expect(merged([{}], { type }).effective).toMatchObject({
      gracePeriod: 86_400,
      quietPeriod: 0,
      soakPeriod: 12 * 3600,
    });
    const deliver = [{ command: { run: "reload" }, longestIdle: "3d" }];
    expect(merged([{}], { type, deliver }).source("quietPeriod")).toBe("3d from null");
    expect(merged([{ soakPeriod: "1d" }, {}], { type }).source("soakPeriod")).toBe("1d from p0");
  });

  it("a policy's own quiet stands against what consumers say", () => {
    const deliver = [{ command: { run: "reload" }, longestIdle: "31d" }];
    expect(merged([{ quietPeriod: "3d" }], { deliver }).source("quietPeriod")).toBe("3d from p0");
  });

  it("window, in place and emergency are the strictest `rotate` policy's, and of no other", () => {
    const report: PolicySpec = {
      window: NIGHT,
      inPlace: { allowDowntime: "5m" },
      emergency: { order: "revoke-first" },
    };
    const rotate: PolicySpec = { enforcement: "rotate", window: NOON };
    const { effective, source } = merged([report, rotate, { enforcement: "rotate", window: NIGHT }]);
    expect(effective).toMatchObject({ rotate: true, window: NOON, emergency: { order: "replace-first" } });
    expect(effective.allowDowntime).toBeUndefined();
    expect(source("enforcement")).toBe("rotate from p1");
    expect(source("window")).toBe("0 12 * * * for 1h (Europe/Berlin) from p1");
    expect(source("emergency.order")).toBe("replace-first from null");
  });

  it("without a `rotate` policy they are the strictest one's", () => {
    const { effective, source } = merged([{ enforcement: "report", window: NIGHT }, { window: NOON }]);
    expect(effective).toMatchObject({ rotate: false, window: NIGHT });
    expect(source("enforcement")).toBe("report from p0");
  });

  it("the strictest is the earliest due, whatever its name", () => {
    const late: PolicySpec = { enforcement: "rotate", window: NIGHT, rotateWithin: "90d" };
    const early: PolicySpec = {
      enforcement: "rotate",
      rotateWithin: "30d",
      emergency: { order: "revoke-first", confirmWithin: "1h" },
      inPlace: { allowDowntime: "5m" },
    };
    const { effective, source } = merged([late, early]);
    expect(effective.window).toBeUndefined();
    expect(effective).toMatchObject({
      allowDowntime: 300,
      emergency: { order: "revoke-first", confirmWithin: 3600 },
    });
    expect(source("inPlace.allowDowntime")).toBe("5m from p1");
    expect(source("emergency.confirmWithin")).toBe("1h from p1");
  });
});
