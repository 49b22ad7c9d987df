import { describe, expect, it } from "vitest";
import {
  at,
  credential,
  evaluateAt,
  exception,
  policy,
  status,
  version,
} from "../../testing/evaluation/world.ts";
import { explainCredential, explainFingerprint } from "./explain.ts";

const WORLD = [
  credential("key", { method: "automated", expiresAt: "2026-09-01" }),
  policy("keys", { rotateWithin: "60d", enforcement: "rotate", gracePeriod: "48h" }),
  policy("yearly", { rotateWithin: "365d" }),
  exception("freeze", { credentials: ["key"], policy: "keys" }),
  exception("later", { credentials: ["key"], finding: "rotation-overdue", startsAt: "2026-03-20" }),
  exception("past", {
    credentials: ["key"],
    policy: "keys",
    startsAt: "2026-01-01",
    expiresAt: "2026-02-01",
  }),
  exception("self", { credentials: ["key"], policy: "keys", approvedBy: "bob" }),
  exception("other", { credentials: ["another"], policy: "keys" }),
];
const RECORDS = {
  statuses: [status("key", { versions: [version("2026-01-01", { handle: "AKIA1", declared: true })] })],
};
const result = evaluateAt("2026-03-10", WORLD, RECORDS);

describe("explainCredential", () => {
  const explained = explainCredential(result, "key");

  it("tells each policy's sum, and which one is the strictest", () => {
    expect(explained).toMatchObject({
      name: "key",
      state: "expired",
      policy: "keys",
      dueAt: at("2026-03-02"),
    });
    expect(explained?.obligations).toMatchObject([
      {
        policy: "keys",
        enforcement: "rotate",
        startAt: at("2026-02-16"),
        dueAt: at("2026-03-02"),
        exception: "freeze",
      },
      { policy: "yearly", enforcement: "report", dueAt: at("2027-01-01"), exception: null },
    ]);
    expect(explained?.obligations[0]?.arithmetic).toContain("+ rotateWithin 60d = 2026-03-02T00:00:00Z");
  });

  it("tells the facts and who says so", () => {
    expect(explained?.facts).toEqual([
      {
        fact: "last",
        value: "2026-01-01T00:00:00Z",
        source: "creation of the oldest live version AKIA1, a date that people declared",
      },
      { fact: "own end", value: "2026-09-01T00:00:00Z", source: "expiresAt of the document" },
      { fact: "createdAt", value: "2026-01-01", source: "registry/key.yaml:1" },
      { fact: "expiresAt", value: "2026-09-01", source: "registry/key.yaml:1" },
      {
        fact: "live version AKIA1",
        value: "2026-01-01T00:00:00Z",
        source: "record: promoted, date declared by people",
      },
    ]);
  });

  it("tells every exception about it, and why it counts or not", () => {
    expect(explained?.exceptions.map(({ name, about, counts, why }) => [name, about, counts, why])).toEqual([
      ["freeze", "the policy keys", true, "until 2026-04-01T00:00:00Z"],
      ["later", "findings rotation-overdue", false, "from 2026-03-20T00:00:00Z on"],
      ["past", "the policy keys", false, "ended at 2026-02-01T00:00:00Z"],
      ["self", "the policy keys", false, "bob approved their own request"],
    ]);
  });

  it("tells each field of the effective policy and who gave it", () => {
    expect(explained?.effective).toContainEqual({ field: "gracePeriod", value: "48h", policy: "keys" });
    expect(explained?.effective).toContainEqual({ field: "soakPeriod", value: "7d", policy: null });
  });

  it("tells its findings in words", () => {
    expect(explained?.findings).toMatchObject([
      { code: "rotation-overdue", waivedBy: "freeze", policy: "keys" },
    ]);
    expect(explained?.findings[0]?.message).toContain("key had to be rotated by 2026-03-02T00:00:00Z");
  });

  it("knows nothing of a name that nobody has", () => {
    expect(explainCredential(result, "nobody")).toBeUndefined();
  });

  it("is plain data: nothing is lost as JSON", () => {
    expect(JSON.parse(JSON.stringify(explained))).toEqual(explained);
  });
});

describe("explainFingerprint", () => {
  it("finds the finding and its credential", () => {
    const [finding] = result.credentials.get("key")?.findings ?? [];
    const explained = explainFingerprint(result, finding?.fingerprint ?? "");
    expect(explained).toMatchObject({ finding: { code: "rotation-overdue" }, credential: { name: "key" } });
  });

  it("finds a finding of the repository, which has no credential", () => {
    const about = result.findings.find(({ code }) => code === "exception-self-approved");
    const explained = explainFingerprint(result, about?.fingerprint ?? "");
    expect(explained?.finding.discriminator).toBe("self");
    expect(explained?.credential).toBeUndefined();
  });

  it("finds nothing that is not the case now", () => {
    expect(explainFingerprint(result, "0".repeat(16))).toBeUndefined();
  });
});
