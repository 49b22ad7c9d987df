import type { TrailVerdict } from "../../core/audit/verify.ts";
import type { Sourced } from "../../core/documents/kinds.ts";
import { evaluate } from "../../core/evaluate/evaluate.ts";
import type { ReportInput } from "../../core/report/report-input.ts";
import { reportModel } from "../../core/report/report-model.ts";
import type { ReportModel } from "../../core/report/report-schema.ts";
import {
  at,
  credential,
  documents,
  exception,
  hold,
  incident,
  policy,
  type Records,
  records,
  rotation,
  sha256,
  status,
  version,
} from "../evaluation/world.ts";

export const NOW = "2026-03-10T12:00:00Z";

/** What people in many countries write, and what some write to see what happens. */
export const HOSTILE = {
  html: '<img src=x onerror="alert(1)"> & "quotes"',
  arabic: "فريق المدفوعات",
  chinese: "支付团队",
  formula: '=HYPERLINK("https://evil.example","click")',
  control: "line one\r\nline two\t\u0007\u202eend\ufffe",
  table: "a | b ](https://evil.example) `code` ]]> -->",
} as const;

const KEYS = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" });

/** Something of every state, of every list, and of every kind of text. */
export const WORLD: readonly Sourced[] = [
  KEYS,
  policy("databases", {
    match: { types: ["database-password"] },
    rotateWithin: "60d",
    enforcement: "rotate",
  }),
  credential("active", {
    rotatedAt: "2026-03-01",
    owner: { team: "payments", contact: HOSTILE.arabic },
    access: [{ principal: HOSTILE.formula, kind: "person", purpose: HOSTILE.table, until: "2026-12-31" }],
  }),
  credential("stale", { rotatedAt: "2026-01-15", service: "orders" }),
  credential("overdue", { rotatedAt: "2026-01-02", owner: { team: "orders", contact: HOSTILE.html } }),
  credential("waived", { rotatedAt: "2026-01-02", service: "orders" }),
  credential("leaked", {
    rotatedAt: "2026-03-01",
    compromised: { at: "2026-03-05", reportedBy: HOSTILE.chinese, reason: HOSTILE.control },
  }),
  credential("retired", { rotatedAt: "2026-03-01", retiredAt: "2026-03-02" }),
  credential("unmatched", { type: "ssh-key", endpoints: ["www.example.com:443"] }),
  credential("database", {
    type: "database-password",
    method: "automated",
    provider: { postgresql: { connection: "db", database: "orders", roles: ["a"], ownerRole: "o" } },
    deliver: [{ webhook: { connection: "hook" }, consumer: "orders-api" }],
  }),
  exception("season", {
    credentials: ["waived"],
    policy: "keys",
    justification: `${HOSTILE.formula} and more`,
  }),
  exception("self", { credentials: ["overdue"], policy: "keys", requestedBy: "bob", approvedBy: "bob" }),
  hold("stop", { credentials: ["database"], reason: HOSTILE.html }),
];

export const RECORDS: Records = {
  statuses: [
    status("database", {
      versions: [version("2026-02-20"), version("2026-01-01", { live: false, promoted: false })],
      rotation: rotation({
        wait: { why: "quiet", until: at("2026-03-12") },
        step: "deactivate",
        pinned: { ...rotation().pinned },
      }),
    }),
  ],
  incidents: [incident("active-20260301T000000Z", "active", "2026-02-01")],
  audited: "2026-03-10T11:00:00Z",
};

const WHOLE: TrailVerdict = {
  ok: true,
  entries: 3,
  segments: 1,
  head: { seq: 3, hash: "a".repeat(64), time: "2026-03-10T11:00:00Z" },
  faults: [],
};

export const BROKEN: TrailVerdict = {
  ...WHOLE,
  ok: false,
  faults: [
    { code: "edited", path: "audit/2026/03/1-a.jsonl", line: 2, seq: 2, message: "entry 2 was changed" },
  ],
};

/** The report of some documents and records; by default of everything. */
export function sampleReport(
  all: readonly Sourced[] = WORLD,
  facts: Records = RECORDS,
  more: Partial<ReportInput> = {},
): ReportModel {
  const input = { documents: documents(...all), state: records(facts) };
  return reportModel({
    ...input,
    evaluation: evaluate({ ...input, now: at(NOW), commit: "c".repeat(40), sha256 }),
    chain: { verdict: WHOLE, comparedWithCommits: true },
    clock: "present",
    repository: "github.com/acme/credentials",
    differs: undefined,
    invalidDocuments: 0,
    sha256,
    ...more,
  });
}
