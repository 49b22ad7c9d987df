import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import {
  at,
  credential,
  evaluateAt,
  exception,
  hold,
  incident,
  policy,
  rotation,
  settings,
  status,
  version,
} from "../../testing/evaluation/world.ts";
import type { Sourced } from "../documents/kinds.ts";
import { planReport } from "../plan/plan-report.ts";
import { evaluationReport } from "./evaluation-report.ts";
import { PUBLISHED } from "./published-schemas.ts";

const KEYS = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d", require: ["handle"] });
const undeclared = credential("undeclared", { createdAt: "2026-04-01", rotatedAt: "2026-03-01" });
Reflect.deleteProperty(undeclared.document.spec, "access");
const parked = { code: "state-behind", message: "epoch 9", at: at("2026-03-01"), commands: ["retry"] };

/** Something of every state and of nearly every finding. */
const WORLD: readonly Sourced[] = [
  KEYS,
  policy("certs", { match: { types: ["tls-certificate"] }, renew: { beforeExpiry: "30d" } }),
  policy("rotated", { match: { services: ["orders"] }, rotateWithin: "60d", enforcement: "rotate" }),
  credential("waived", { handle: "w" }),
  credential("overdue", { handle: "o", manual: { console: "https://example.com", steps: "a\nb" } }),
  credential("fresh", { rotatedAt: "2026-03-01", handle: "f" }),
  credential("stale", { rotatedAt: "2026-01-20", handle: "s" }),
  credential("burnt", { compromised: { at: "2026-02-01", reportedBy: "alice", reason: "in a log" } }),
  credential("gone", { retiredAt: "2026-02-01" }),
  credential("lingering", { retiredAt: "2026-02-01", handle: "l" }),
  credential("ended", { expiresAt: "2026-03-01", rotatedAt: "2026-03-01" }),
  credential("cert", { type: "tls-certificate", method: "delegated", delegate: { to: "cert-manager" } }),
  credential("unmatched", { type: "ssh-key" }),
  credential("held", { type: "ssh-key", service: "orders", method: "automated" }),
  credential("parked", { type: "ssh-key", service: "orders", method: "automated" }),
  credential("used", { type: "ssh-key", service: "orders", method: "automated" }),
  undeclared,
  exception("ending", { credentials: ["waived"], policy: "keys", expiresAt: "2026-03-12" }),
  exception("over", { credentials: ["waived"], policy: "keys", expiresAt: "2026-03-02" }),
  exception("own", { credentials: ["waived"], policy: "keys", approvedBy: "bob" }),
  exception("too-long", { credentials: ["waived"], policy: "keys", expiresAt: "2027-03-02" }),
  hold("stop", { credentials: ["held"] }),
  settings({ schedule: { every: "1h" } }),
];
const RECORDS = {
  audited: "2026-03-01",
  incidents: [incident("i", "burnt", "2026-02-02")],
  statuses: [
    status("removed", { versions: [version("2026-01-01")] }),
    status("lingering", { versions: [version("2026-01-01")] }),
    status("parked", {
      rotation: rotation({ outcome: "parked", parked }),
      versions: [version("2026-03-01")],
    }),
    status("held", { behind: { code: "drift", message: "mark gone", since: at("2026-03-01") } }),
    status("used", {
      versions: [version("2026-01-01")],
      rotation: rotation({
        promotedAt: at("2026-02-01"),
        confirmedAt: at("2026-02-01"),
        oldUsedOn: "2026-03-01",
      }),
    }),
  ],
};
const result = evaluateAt("2026-03-10T12:00:00Z", WORLD, RECORDS);
const report = evaluationReport(result);
const ajv = new Ajv({ strict: true });

describe("the evaluation report", () => {
  it("keeps its published schema", () => {
    const validate = ajv.compile(PUBLISHED.evaluation);
    expect([validate(report), validate.errors]).toEqual([true, null]);
    expect(validate(evaluationReport(evaluateAt("2026-01-01", [])))).toBe(true);
  });

  it("is what the contract says, key by key", () => {
    const { credentials, findings, ...head } = evaluationReport(
      evaluateAt("2026-03-10T12:00:00Z", [credential("key"), policy("keys", { rotateWithin: "60d" })], {}),
    );
    expect(head).toEqual({
      apiVersion: "cre/v1",
      kind: "Evaluation",
      asOf: "2026-03-10T12:00:00Z",
      commit: "c".repeat(40),
      stateCommit: "f".repeat(40),
      summary: {
        credentials: 1,
        active: 0,
        stale: 0,
        expired: 1,
        compromised: 0,
        retired: 0,
        waived: 0,
        compliance: { strict: 0, adjusted: 0 },
      },
    });
    expect(credentials).toEqual([
      {
        name: "key",
        type: "api-key",
        service: "shop",
        state: "expired",
        level: "critical",
        dueAt: "2026-03-02T00:00:00Z",
        daysUntilDue: -9,
        policy: "keys",
        exception: null,
      },
    ]);
    expect(Object.keys(findings[0] ?? {})).toEqual([
      "code",
      "level",
      "credential",
      "policy",
      "message",
      "fix",
      "file",
      "line",
      "fingerprint",
      "waivedBy",
    ]);
    expect(findings[0]).toMatchObject({ file: "registry/key.yaml", line: 1, waivedBy: null });
  });

  it.each([
    ["2026-03-01T00:00:00Z", 1],
    ["2026-03-01T00:00:01Z", 0],
    ["2026-03-02T00:00:00Z", 0],
    ["2026-03-02T00:00:01Z", -1],
  ])("floors the days until it is due: %s", (now, days) => {
    const [row] = evaluationReport(evaluateAt(now, [credential("key"), KEYS])).credentials;
    expect(row?.daysUntilDue).toBe(days);
  });

  it("counts states, and the population without the retired", () => {
    const { summary } = report;
    expect(summary).toMatchObject({ credentials: 14, compromised: 1, retired: 1, waived: 1 });
    const { active, stale, expired, compromised, retired } = summary;
    expect(active + stale + expired + compromised + retired).toBe(14);
    const compliant = [...result.credentials.values()].filter(
      ({ compliantStrict }) => compliantStrict,
    ).length;
    expect(summary.compliance).toEqual({ strict: compliant / 13, adjusted: (compliant + 1) / 13 });
  });

  it("has null fractions without a population", () => {
    const retired = evaluateAt("2026-03-01", [credential("gone", { retiredAt: "2026-02-01" }), KEYS]);
    for (const empty of [retired, evaluateAt("2026-03-01", [])]) {
      expect(evaluationReport(empty).summary.compliance).toEqual({ strict: null, adjusted: null });
    }
  });

  it("is sorted: credentials by name, findings by credential, code and policy, the repository's first", () => {
    const names = report.credentials.map(({ name }) => name);
    expect(names).toEqual(names.toSorted());
    const keys = report.findings.map(({ credential, code, policy }) =>
      [credential ?? "", code, policy ?? ""].join("\0"),
    );
    expect(keys).toEqual(keys.toSorted());
    expect(report.findings[0]?.credential).toBeNull();
  });

  it("of a selection has only these credentials, their findings and their numbers", () => {
    const { summary, credentials, findings } = evaluationReport(result, new Set(["waived", "fresh"]));
    expect(summary).toMatchObject({
      credentials: 2,
      active: 1,
      expired: 1,
      waived: 1,
      compliance: { strict: 0.5, adjusted: 1 },
    });
    expect(credentials.map(({ name }) => name)).toEqual(["fresh", "waived"]);
    expect(new Set(findings.map(({ credential }) => credential))).toEqual(new Set(["waived"]));
  });

  it("is the same bytes from the same inputs, in whatever order they are read", () => {
    const again = evaluationReport(
      evaluateAt("2026-03-10T12:00:00Z", WORLD.toReversed(), {
        ...RECORDS,
        statuses: RECORDS.statuses.toReversed(),
      }),
    );
    expect(JSON.stringify(again)).toBe(JSON.stringify(report));
  });

  it("every message has all of its facts", () => {
    const codes = new Set(report.findings.map(({ code }) => code));
    expect([...codes].toSorted()).toEqual([
      "access-undeclared",
      "backdated",
      "compromised",
      "drift",
      "enforcer-late",
      "exception-expired",
      "exception-expiring",
      "exception-self-approved",
      "exception-void",
      "no-due-date",
      "old-still-used",
      "past-end",
      "removed-without-retirement",
      "required-field",
      "retired-but-live",
      "rotation-due",
      "rotation-held",
      "rotation-overdue",
      "state-behind",
      "unmatched",
    ]);
    const words = report.findings.map(({ message, fix }) => `${message} ${fix}`);
    expect(words.filter((text) => /\(unknown\)|undefined|NAME/.test(text))).toEqual([]);
  });
});

describe("the plan report", () => {
  const item = { action: "start", reason: "due", step: null, notBefore: null } as const;

  it("keeps its published schema and is sorted by credential", () => {
    const items = [
      { ...item, credential: "b", notBefore: at("2026-03-11"), step: "issue" as const },
      { ...item, credential: "a" },
    ];
    const plan = planReport(at("2026-03-10"), items);
    expect(ajv.compile(PUBLISHED.plan)(plan)).toBe(true);
    expect(plan).toEqual({ asOf: "2026-03-10T00:00:00Z", items: items.toReversed() });
    expect(Object.keys(plan.items[0] ?? {})).toEqual(["credential", "action", "reason", "step", "notBefore"]);
  });
});
