import type { DocumentPlace, FieldPath } from "../documents/check/fault.ts";
import type { Documents, Problem } from "../documents/kinds.ts";
import type { SettingsSpec } from "../documents/settings.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import type { EvaluationResult } from "../evaluate/evaluation.ts";
import type { Instant } from "../model/instant.ts";
import { parseInstant } from "../model/instant.ts";
import type { Capabilities } from "../plan/capability.ts";
import type { PlanItem } from "../plan/plan.ts";
import { planRun } from "../plan/plan-run.ts";
import type { Sha256 } from "../ports/runtime.ts";
import { guardOf } from "../reviews/guard.ts";
import type { StateFacts } from "../state/facts.ts";
import { joinRecords } from "../state/rename.ts";
import { asIfApproved, type Judged } from "./assumed-approval.ts";
import { type BothDocuments, causeText, dueDateCauses, type Fate } from "./causes.ts";
import { comparable, type ImpactSide } from "./comparable.ts";
import { complianceOf, dueDateMoves, fatesOf, standingChanges, standingOf } from "./fates.ts";
import { findingChanges } from "./finding-changes.ts";
import { headlineOf } from "./headline.ts";
import { type ImpactReport, RISK_CODES, type Risk } from "./impact-report.ts";
import { pairsOf } from "./pairs.ts";
import { connectionRisks } from "./risks/connection-risks.ts";
import { credentialRisks, isRetired } from "./risks/credential-risks.ts";
import { policyRisks } from "./risks/policy-risks.ts";
import { type RiskDraft, riskAt } from "./risks/risk-at.ts";
import { cooldownOf, settingsRisks } from "./risks/settings-risks.ts";
import { trustedFileRisks } from "./risks/trusted-file-risks.ts";
import { exceptionRisks, holdRisks } from "./risks/waiver-risks.ts";
import { rotationChanges } from "./rotation-changes.ts";

/** A field of a document that begins at this line of this file. */
export interface FieldPlace {
  readonly source: DocumentPlace;
  readonly path: FieldPath;
}

export interface ImpactInput {
  readonly before: ImpactSide;
  readonly after: ImpactSide;
  /** The records that both are judged by, as they were read: renamed documents are joined here. */
  readonly state: StateFacts;
  readonly now: Instant;
  readonly sha256: Sha256;
  readonly capabilities: (documents: Documents) => Capabilities;
  /** Of the documents with the change. */
  readonly problems: readonly Problem[];
  /** Paths of files that differ and are no documents. */
  readonly changedFiles: ReadonlySet<string>;
  /** Lines of fields in the documents of now, for as many places; without it each is that of its document. */
  readonly linesOf?: (places: readonly FieldPlace[]) => readonly number[];
  /** Commit that the change is compared with. */
  readonly base: string | undefined;
  readonly notes: readonly string[];
}

/** One set of documents and what a run would make of it. */
interface World {
  readonly documents: Documents;
  readonly evaluation: EvaluationResult;
  readonly plan: readonly PlanItem[];
}

/** What a change of documents does to compliance. Pure: the same inputs give the same report, in the same order. */
export function impactBetween(input: ImpactInput): ImpactReport {
  const both = comparable(input.before, input.after);
  const before = worldOf({ documents: both.before, state: input.state }, input);
  const after = worldOf(asIfApproved(input.state, { ...both, now: input.now, sha256: input.sha256 }), input);
  const documents = { before: before.documents, after: after.documents };
  const pairs = pairsOf(both.before.credentials, both.after.credentials);
  const fates = fatesOf(pairs, before.evaluation, after.evaluation);
  const renamed = new Map(
    pairs.flatMap(({ name, before: old }) => {
      const formerName = old?.document.metadata.name;
      return formerName === undefined || formerName === name ? [] : [[formerName, name]];
    }),
  );
  const dueDates = dueDateMoves(fates, documents);
  const risks = [
    ...credentialRisks(pairs, input.now),
    ...loosenings(fates, dueDates, documents),
    ...connectionRisks(pairsOf(both.before.connections, both.after.connections), both.after),
    ...trustedFileRisks(both.after, input.changedFiles),
    ...settingsRisks(both.before.settings, both.after.settings),
    ...policyRisks(pairsOf(both.before.policies, both.after.policies)),
    ...exceptionRisks(pairsOf(both.before.exceptions, both.after.exceptions), input.now),
    ...holdRisks(pairsOf(both.before.holds, both.after.holds), input.now),
  ];
  const guard = guardIn(both.after.settings?.document.spec);
  const report = {
    apiVersion: "cre/v1" as const,
    kind: "Impact" as const,
    asOf: input.now,
    base: input.base ?? null,
    stateCommit: input.state.commit ?? null,
    notes: [...input.notes],
    problems: [...input.problems],
    compliance: { before: complianceOf(before.evaluation), after: complianceOf(after.evaluation) },
    guard,
    risks: placed(risks, guard !== null, input.linesOf).toSorted(
      (a, b) => RISK_CODES.indexOf(a.code) - RISK_CODES.indexOf(b.code),
    ),
    ...comingsAndGoings(fates, renamed, input.now),
    standings: standingChanges(fates, documents),
    dueDates,
    findings: findingChanges(before.evaluation, after.evaluation, renamed),
    rotations: rotationChanges(before, after, renamed),
  };
  return { ...report, headline: headlineOf(report) };
}

/**
 * Evaluated and planned as if every document were valid: what is not is told as a problem, and that nothing starts
 * before it is mended is no effect of what the change says.
 */
function worldOf({ documents, state: recorded }: Judged, input: ImpactInput): World {
  const { now, sha256 } = input;
  const { state } = joinRecords(recorded, documents);
  const incomplete = [input.before, input.after].some(
    ({ invalid, darkFiles }) => invalid.length > 0 || darkFiles.size > 0,
  );
  const evaluation = evaluate({ documents, state, now, commit: undefined, sha256, incomplete });
  const capabilities = input.capabilities(documents);
  const plan = planRun({ evaluation, documents, state, now, capabilities, valid: true });
  return { documents, evaluation, plan };
}

function comingsAndGoings(
  fates: readonly Fate[],
  renamed: ReadonlyMap<string, string>,
  now: Instant,
): Pick<ImpactReport, "added" | "removed" | "renamed" | "retired"> {
  return {
    added: fates.flatMap(({ name, before, after }) => {
      if (before !== undefined || after === undefined) return [];
      const { file, line } = after.source;
      return [{ credential: name, standing: standingOf(after), file, line }];
    }),
    removed: fates.flatMap(({ name, before, after }) => {
      if (before === undefined || after !== undefined) return [];
      const { file, line } = before.source;
      return [{ credential: name, retired: isRetired(before.source, now), file, line }];
    }),
    renamed: [...renamed].map(([formerName, credential]) => ({ credential, formerName })),
    retired: fates.flatMap(({ name, before, after }) => {
      const retiredAt = parseInstant(after?.source.document.spec.retiredAt ?? "");
      const isNew = before?.source.document.spec.retiredAt === undefined;
      if (after === undefined || before === undefined || retiredAt === undefined || !isNew) return [];
      const { file, line } = after.source;
      return [{ credential: name, retiredAt, file, line }];
    }),
  };
}

/** Due dates that move later because of what a credential says of itself; a policy that does so is told once, as one. */
function loosenings(
  fates: readonly Fate[],
  moves: ImpactReport["dueDates"],
  documents: BothDocuments,
): readonly RiskDraft[] {
  const looser = new Map(moves.filter(({ loosening }) => loosening).map((move) => [move.credential, move]));
  return fates.flatMap((fate) => {
    const move = looser.get(fate.name);
    if (fate.after === undefined || move === undefined) return [];
    const own = dueDateCauses(fate, documents).filter(({ kind }) => kind === "Credential");
    if (own.length === 0) return [];
    const dates = `its due date moves from ${day(move.before)} to ${day(move.after)}`;
    const [field = ""] = own[0]?.difference.path.split(".") ?? [];
    const path = field === "labels" ? ["metadata", field] : ["spec", field];
    const text = `${dates} (${own.map(causeText).join("; ")})`;
    return [riskAt(fate.after.source, "due-date-loosened", text, { path })];
  });
}

/** What holds changes of targets back, by the settings with the change: those are in force once it is merged. */
function guardIn(settings: SettingsSpec | undefined): ImpactReport["guard"] {
  const guard = guardOf(settings);
  return guard === undefined ? null : { approval: guard.approval, cooldown: cooldownOf(settings) };
}

/** Risks where the field stands that they are about. Without a guard nothing is on hold. */
function placed(
  drafts: readonly RiskDraft[],
  guarded: boolean,
  linesOf: ImpactInput["linesOf"],
): readonly Risk[] {
  const places = drafts.flatMap(({ risk, path }) => (path === undefined ? [] : [{ source: risk, path }]));
  const lines = linesOf?.(places).values();
  return drafts.map(({ risk, path }) => {
    const line = path === undefined ? undefined : lines?.next().value;
    return { ...risk, onHold: risk.onHold && guarded, line: line ?? risk.line };
  });
}

function day(instant: string | null): string {
  return instant?.slice(0, 10) ?? "none";
}
