import { figuresOf } from "../../../core/report/figures.ts";
import type { CredentialRow, ReportModel } from "../../../core/report/report-schema.ts";
import { CREDENTIAL_COLUMNS } from "./credential-columns.ts";
import { DISCOVERY_TABLES } from "./discovery-tables.ts";
import { PERIOD_TABLES } from "./period-tables.ts";
import { type Table, table } from "./table.ts";

interface SummaryRow {
  readonly name: string;
  readonly value: string | number | null;
}

/** Every warning is a row of its own, before the figures. */
function summaryOf(model: ReportModel): readonly SummaryRow[] {
  const { identity, health, scorecard } = model;
  const { warnings, ...facts } = identity;
  return [
    ...warnings.map((value) => ({ name: "warning", value })),
    ...Object.entries(facts).map(([name, value]) => ({ name, value })),
    { name: "audit chain", value: health.chain.verdict },
    { name: "newest entry", value: health.newestEntry?.time ?? null },
    ...figuresOf(model),
    { name: "strict.fraction", value: scorecard.strict.fraction },
    { name: "adjusted.fraction", value: scorecard.adjusted.fraction },
  ];
}

/** Rows that stand in credentials, each with the credential's name. */
function ofCredentials<Part extends object>(
  partsOf: (row: CredentialRow) => readonly Part[],
): (model: ReportModel) => readonly (Part & { readonly credential: string })[] {
  return ({ credentials }) =>
    credentials.flatMap((row) => partsOf(row).map((part) => Object.assign({ credential: row.name }, part)));
}

function controlsOf({ controls }: ReportModel) {
  return (controls?.frameworks ?? []).flatMap((framework) =>
    framework.controls.map((control) => Object.assign({ framework: framework.id }, control)),
  );
}

/** Every list of a report, by the name of its file. */
export const TABLES: Readonly<Record<string, Table>> = {
  summary: table(summaryOf)({ figure: "name", value: "value" }),
  credentials: table(({ credentials }) => credentials)(CREDENTIAL_COLUMNS),
  findings: table(({ findings }) => findings)({
    fingerprint: "fingerprint",
    code: "code",
    level: "level",
    credential: "credential",
    policy: "policy",
    "waived by": "waivedBy",
    message: "message",
    fix: "fix",
    file: "file",
    line: "line",
  }),
  rotations: table(({ rotations }) => rotations)({
    credential: "credential",
    rotation: "rotation",
    reason: "reason",
    emergency: "emergency",
    step: "step",
    stands: "stands",
    since: "since",
    "waits for": "waitsFor",
    until: "until",
    helps: ({ help }) => help,
  }),
  timeline: table(({ timeline }) => timeline.dueDates)({
    "due at": "dueAt",
    days: "days",
    span: "span",
    credential: "credential",
    service: "service",
    team: "team",
    method: "method",
    policy: "policy",
    exception: "exception",
  }),
  exceptions: table(({ exceptions }) => exceptions)({
    exception: "name",
    about: "about",
    covers: "covers",
    waives: "waives",
    "starts at": "startsAt",
    "expires at": "expiresAt",
    phase: "phase",
    counts: "counts",
    why: "why",
    "requested by": "requestedBy",
    "declared approver": "declaredApprover",
    verdict: "verdict",
    approvers: ({ approvers }) => approvers,
    "approved at": "approvedAt",
    change: "change",
    justification: "justification",
    "compensating controls": "compensatingControls",
    file: "file",
    line: "line",
  }),
  incidents: table(({ incidents }) => incidents)({
    incident: "id",
    credential: "credential",
    at: "at",
    by: "by",
    standing: "standing",
    reason: "reason",
  }),
  holds: table(({ holds }) => holds)({
    hold: "id",
    covers: "covers",
    until: "until",
    by: "by",
    reason: "reason",
  }),
  policies: table(({ policies }) => policies)({
    policy: "name",
    "applies to": "credentials",
    matches: "matches",
    interval: "interval",
    "warn before": "warnBefore",
    enforcement: "enforcement",
    exceptions: "exceptions",
    basis: "basis",
    reference: "reference",
    "reviewed at": "reviewedAt",
    file: "file",
    line: "line",
  }),
  access: table(ofCredentials(({ access }) => access ?? []))({
    credential: "credential",
    principal: "principal",
    kind: "kind",
    purpose: "purpose",
    until: "until",
  }),
  versions: table(ofCredentials(({ versions }) => versions))({
    credential: "credential",
    handle: "handle",
    "created at": "createdAt",
    declared: "declared",
    "expires at": "expiresAt",
    live: "live",
    promoted: "promoted",
    "deactivated at": "deactivatedAt",
  }),
  history: table(ofCredentials(({ history }) => history))({
    credential: "credential",
    rotation: "rotation",
    reason: "reason",
    emergency: "emergency",
    "opened at": "openedAt",
    "confirmed at": "confirmedAt",
    "old ended at": "oldEndedAt",
    outcome: "outcome",
    actor: "actor",
    handle: "handle",
    "first entry": "fromSeq",
    "last entry": "toSeq",
  }),
  trend: table(({ trend }) => trend)({
    at: "at",
    credentials: "credentials",
    "strict numerator": ({ strict }) => strict.numerator,
    "adjusted numerator": ({ adjusted }) => adjusted.numerator,
    denominator: ({ strict }) => strict.denominator,
  }),
  checks: table(({ controls }) => controls?.checks ?? [])({
    check: "check",
    name: "name",
    status: "status",
    numerator: "numerator",
    denominator: "denominator",
    adjusted: "adjusted",
    "population digest": "populationDigest",
    failing: ({ failing }) => failing.length,
    "failing ids": ({ failing }) => failing.map(({ id }) => id),
    title: "title",
    evidence: "evidence",
    "does not evidence": "not",
  }),
  controls: table(controlsOf)({
    framework: "framework",
    control: "id",
    title: "title",
    fit: "fit",
    status: "status",
    checks: ({ checks }) => checks.map(({ check, status }) => `${check} ${status}`),
    failing: ({ failing }) => failing.length,
    "applies when": "appliesWhen",
    "does not evidence": "not",
  }),
  ...PERIOD_TABLES,
  ...DISCOVERY_TABLES,
};
