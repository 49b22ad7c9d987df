import { type Static, Type } from "typebox";
import { ComplianceReport } from "../compliance/compliance-report.ts";
import {
  Count,
  FindingRow,
  InstantText,
  LevelName,
  nullable,
  shape,
  word,
} from "../evaluate/schema-shapes.ts";
import { DiscoveryRows, PeriodRows, Ratio, RotationStory, TrailLine, TrendPoint } from "./history-schema.ts";

const Text = Type.String();
const MaybeText = nullable(Text);
const MaybeInstant = nullable(InstantText);
const StateName = word(["active", "stale", "expired", "compromised", "retired"]);

const Identity = shape({
  /** Host and path of the repository, without any login. */
  repository: MaybeText,
  commit: MaybeText,
  stateCommit: MaybeText,
  asOf: InstantText,
  /** `present`: documents and clock of now. `what-if`: another clock. `as-of`: documents, records and clock of then. */
  clock: word(["present", "what-if", "as-of"]),
  /** The selectors that narrowed it down; null: everything. */
  selection: MaybeText,
  /** The period that it tells about, as it was asked for, with both instants (the second is exclusive); null: none. */
  period: MaybeText,
  periodFrom: MaybeInstant,
  periodTo: MaybeInstant,
  /** What a reader must know before the first number: every format shows them first. */
  warnings: Type.Array(Text),
});

const Health = shape({
  newestEntry: nullable(shape({ seq: Count, time: Text, hash: Text })),
  secondsSinceNewestEntry: nullable(Type.Integer()),
  schedule: Text,
  late: Type.Boolean(),
  chain: shape({
    verdict: word(["whole", "broken", "empty"]),
    entries: Count,
    segments: Count,
    /** The heads that commits of the state branch recorded were compared, too. */
    comparedWithCommits: Type.Boolean(),
    faults: Count,
    /** The first of them. */
    firstFaults: Type.Array(shape({ code: Text, path: Text, line: Count, message: Text })),
  }),
  unreadableRecords: Type.Array(shape({ path: Text, problem: Text })),
  invalidDocuments: Count,
});

const Group = shape({ value: Text, credentials: Count, strict: Ratio, adjusted: Ratio });

const Scorecard = shape({
  states: shape({ active: Count, stale: Count, expired: Count, compromised: Count, retired: Count }),
  levels: shape({ none: Count, warning: Count, critical: Count, emergency: Count }),
  strict: Ratio,
  adjusted: Ratio,
  types: Type.Array(Group),
  services: Type.Array(Group),
  teams: Type.Array(Group),
});

/** How many rows each list has: every format has the same. */
const Population = shape({
  credentials: Count,
  findings: Count,
  waivedFindings: Count,
  rotations: Count,
  timeline: Count,
  exceptions: Count,
  incidents: Count,
  holds: Count,
  policies: Count,
  /** Of all credentials. */
  access: Count,
  versions: Count,
  history: Count,
  trend: Count,
  checks: Count,
  /** Of all frameworks. */
  controls: Count,
  periodDueDates: Count,
  periodRotations: Count,
  periodCompromises: Count,
  periodExceptions: Count,
  periodChanges: Count,
  sources: Count,
  unmanaged: Count,
  ghosts: Count,
  drift: Count,
  shared: Count,
});

const Version = shape({
  handle: Text,
  createdAt: InstantText,
  /** People declared the date; no provider reported it. */
  declared: Type.Boolean(),
  expiresAt: MaybeInstant,
  live: Type.Boolean(),
  promoted: Type.Boolean(),
  deactivatedAt: MaybeInstant,
});

const Access = shape({ principal: Text, kind: Text, purpose: MaybeText, until: MaybeText });

/** One credential: what an auditor asks of it. */
export const CredentialRow = shape({
  name: Text,
  type: Text,
  service: Text,
  team: Text,
  contact: Text,
  labels: Type.Record(Type.String(), Text),
  method: word(["automated", "manual", "delegated"]),
  /** Key of its provider, or the system that it is delegated to. */
  provider: MaybeText,
  state: StateName,
  level: LevelName,
  compliantStrict: Type.Boolean(),
  compliantAdjusted: Type.Boolean(),
  dueAt: MaybeInstant,
  staleFrom: MaybeInstant,
  daysUntilDue: nullable(Type.Integer()),
  /** How the due date came about. */
  arithmetic: MaybeText,
  /** The strictest policy, whose dates are the credential's. */
  policy: MaybeText,
  policies: Type.Array(
    shape({
      policy: Text,
      enforcement: word(["report", "rotate"]),
      dueAt: MaybeInstant,
      arithmetic: Text,
      exception: MaybeText,
    }),
  ),
  exception: MaybeText,
  /** Exceptions about it, whether they count or not. */
  exceptions: Type.Array(Text),
  lastRotatedAt: InstantText,
  lastRotatedSource: Text,
  ownEnd: MaybeInstant,
  ownEndSource: MaybeText,
  createdAt: Text,
  retiredAt: MaybeText,
  compromisedAt: MaybeInstant,
  compromisedBecause: MaybeText,
  versions: Type.Array(Version),
  /** Declared in the document, not read from any store; null: nobody declared it. */
  access: nullable(Type.Array(Access)),
  consumers: Type.Array(shape({ delivery: Text, consumer: MaybeText })),
  endpoints: Type.Array(Text),
  dependsOn: Type.Array(Text),
  /** Unwaived ones. */
  findings: Count,
  /** Its rotations, the newest first. */
  history: Type.Array(RotationStory),
  /** The newest entries of the trail about it, the newest first. */
  trail: Type.Array(TrailLine),
  file: Text,
  line: Type.Integer({ minimum: 1 }),
});
export type CredentialRow = Static<typeof CredentialRow>;

const RotationRow = shape({
  credential: Text,
  rotation: MaybeText,
  reason: MaybeText,
  emergency: Type.Boolean(),
  step: MaybeText,
  stands: word(["parked", "running", "interrupted", "waiting", "ready", "closed", "behind"]),
  since: MaybeInstant,
  waitsFor: Text,
  until: MaybeInstant,
  help: Type.Array(Text),
});

/** Where a due date lies, counted in days from the instant of the report. */
export const SPANS = ["overdue", "0-30", "31-60", "61-90"] as const;
const SpanName = word(SPANS);

const Timeline = shape({
  /** Days from the instant of the report on; each due date stands in one. */
  spans: Type.Array(shape({ span: SpanName, credentials: Count })),
  /** By due date. */
  dueDates: Type.Array(
    shape({
      credential: Text,
      service: Text,
      team: Text,
      method: Text,
      dueAt: InstantText,
      days: Type.Integer(),
      span: SpanName,
      policy: MaybeText,
      exception: MaybeText,
    }),
  ),
});

const ExceptionRow = shape({
  name: Text,
  /** The policy or the code whose findings it is about. */
  about: Text,
  /** Number of credentials that it covers. */
  covers: Count,
  /** Findings that it waives now. */
  waives: Count,
  startsAt: InstantText,
  expiresAt: InstantText,
  phase: word(["future", "running", "expired"]),
  counts: Type.Boolean(),
  why: Text,
  requestedBy: Text,
  /** As the document says; what the forge said stands in `verdict`. */
  declaredApprover: MaybeText,
  verdict: nullable(word(["approved", "self-approved", "void"])),
  approvers: Type.Array(Text),
  approvedAt: MaybeInstant,
  change: MaybeText,
  justification: Text,
  compensatingControls: MaybeText,
  file: Text,
  line: Type.Integer({ minimum: 1 }),
});

/** One policy: what credentials were measured by, and why these numbers. */
const PolicyRow = shape({
  name: Text,
  /** What it is about, in words. */
  matches: Text,
  interval: Text,
  warnBefore: Text,
  enforcement: word(["report", "rotate"]),
  /** How long exceptions to it may run, in words. */
  exceptions: Text,
  /** Why these numbers, and what says so. */
  basis: MaybeText,
  reference: MaybeText,
  reviewedAt: MaybeText,
  /** Credentials of the report that it applies to. */
  credentials: Count,
  file: Text,
  line: Type.Integer({ minimum: 1 }),
});

const IncidentRow = shape({
  id: Text,
  credential: Text,
  at: InstantText,
  by: Text,
  reason: Text,
  /** `open`: something from before it may still live. */
  standing: word(["open", "over", "withdrawn"]),
});

const HoldRow = shape({ id: Text, covers: Text, until: MaybeInstant, by: MaybeText, reason: Text });

/** `report.json`, and what every other format is made from. */
export const ReportModel = shape({
  apiVersion: Type.Literal("cre/v1"),
  kind: Type.Literal("Report"),
  identity: Identity,
  health: Health,
  scorecard: Scorecard,
  population: Population,
  /** By name. */
  credentials: Type.Array(CredentialRow),
  findings: Type.Array(FindingRow),
  rotations: Type.Array(RotationRow),
  timeline: Timeline,
  exceptions: Type.Array(ExceptionRow),
  incidents: Type.Array(IncidentRow),
  holds: Type.Array(HoldRow),
  policies: Type.Array(PolicyRow),
  /** The oldest first; the last is that of the report itself. */
  trend: Type.Array(TrendPoint),
  /** Checks, and the controls of the frameworks; null: the report is about a selection. */
  controls: nullable(
    shape({
      checks: ComplianceReport.properties.checks,
      frameworks: ComplianceReport.properties.frameworks,
    }),
  ),
  /** null: the report is of an instant alone. */
  period: nullable(PeriodRows),
  /** null: the settings declare no source, or the report is about a selection. */
  discovery: nullable(DiscoveryRows),
});
export type ReportModel = Static<typeof ReportModel>;
export type Span = (typeof SPANS)[number];
