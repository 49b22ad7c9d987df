import type { Credential } from "../documents/credential.ts";
import type { Sourced } from "../documents/kinds.ts";
import { isOpen } from "../rotation/transition.ts";
import type { Status } from "../state/status.ts";
import { type CredentialFacts, instantIn } from "./credential-facts.ts";
import type { EvaluatedCredential, EvaluationInput, Obligation } from "./evaluation.ts";
import { type JudgedException, waiverOf } from "./exceptions.ts";
import type { Finding } from "./finding.ts";
import { freezeAt } from "./freeze.ts";
import { holdOn } from "./holds.ts";
import { type FindingDraft, compareFindings, makeFinding } from "./make-finding.ts";

export interface Examined {
  readonly source: Sourced<Credential>;
  readonly status: Status | undefined;
  readonly facts: CredentialFacts;
  readonly obligations: readonly Obligation[];
  readonly compromise: EvaluatedCredential["compromise"];
  readonly pastEnd: boolean;
  readonly retired: boolean;
  readonly exceptions: readonly JudgedException[];
  readonly input: EvaluationInput;
}

type Draft = Omit<FindingDraft, "credential" | "source" | "waivedBy">;

/** No exception waives these: they are facts about the world, not about a rule. */
const NEVER_WAIVED: ReadonlySet<string> = new Set(["compromised", "past-end"]);

/** Everything that is wrong with one credential, sorted; waived findings stay in the list with their exception. */
export function credentialFindings(examined: Examined): readonly Finding[] {
  const { source, exceptions, input } = examined;
  const drafts = [
    ...ends(examined),
    ...obligationFindings(examined),
    ...requirements(examined),
    ...rotationFindings(examined),
    ...declarations(examined),
  ];
  const { name } = source.document.metadata;
  return drafts
    .map((draft) => {
      const subject = { ...(draft.policy === undefined ? {} : { policy: draft.policy }), code: draft.code };
      const waivedBy = NEVER_WAIVED.has(draft.code) ? undefined : waiverOf(exceptions, source.document, subject);
      return makeFinding({ ...draft, credential: name, source, waivedBy }, input.sha256);
    })
    .sort(compareFindings);
}

function ends({ source, facts, compromise, pastEnd, retired, input }: Examined): Draft[] {
  const { spec } = source.document;
  const found: Draft[] = [];
  if (compromise !== undefined) found.push({ code: "compromised", level: "emergency", facts: { at: compromise.at, because: compromise.because } });
  if (pastEnd && !retired && facts.endsAt !== undefined) found.push({ code: "past-end", level: "critical", facts: { endsAt: facts.endsAt } });
  if (spec.retiredAt !== undefined && instantIn(spec.retiredAt) <= input.now && facts.live.length > 0) {
    found.push({ code: "retired-but-live", level: "warning", facts: { retiredAt: instantIn(spec.retiredAt), live: facts.live.length } });
  }
  return found;
}

function obligationFindings({ obligations, retired, facts, input }: Examined): Draft[] {
  if (retired) return [];
  if (obligations.length === 0) return [{ code: "unmatched", level: "warning" }];
  return obligations.flatMap(({ policy, dueAt, startAt, arithmetic }): Draft[] => {
    if (dueAt === undefined || startAt === undefined) return [{ code: "no-due-date", level: "warning", policy }];
    const dates = { dueAt, last: facts.last, arithmetic };
    if (dueAt <= input.now) return [{ code: "rotation-overdue", level: "critical", policy, facts: dates }];
    return startAt <= input.now ? [{ code: "rotation-due", level: "warning", policy, facts: dates }] : [];
  });
}

/** Fields that a matching policy wants present and not empty. */
function requirements({ source, obligations, retired, input }: Examined): Draft[] {
  if (retired) return [];
  return obligations.flatMap(({ policy }) =>
    (input.documents.policies.get(policy)?.document.spec.require ?? [])
      .filter((path) => isMissing(source.document.spec, path))
      .map((path): Draft => ({ code: "required-field", level: "warning", policy, discriminator: path, facts: { field: path } })),
  );
}

function isMissing(spec: unknown, path: string): boolean {
  let value = spec;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return true;
    value = Reflect.get(value, key);
  }
  if (value === undefined || value === null || value === "") return true;
  // `access: []` says "nobody", which is an answer.
  return Array.isArray(value) && value.length === 0 && path !== "access";
}

function rotationFindings(examined: Examined): Draft[] {
  const { status, input } = examined;
  const found: Draft[] = heldBack(examined);
  if (status?.behind !== undefined) {
    found.push({ code: status.behind.code, level: "critical", facts: { reason: status.behind.message, since: status.behind.since } });
  }
  const rotation = status?.rotation;
  if (!isOpen(rotation)) return found;
  if (rotation.parked !== undefined) {
    const { code, message, at, commands } = rotation.parked;
    const known = code === "state-behind" || code === "adoption-ambiguous" || code === "drift" ? code : "rotation-parked";
    found.push({ code: known, level: "critical", facts: { reason: message, since: at, step: rotation.step, commands: commands.join(", ") } });
  }
  if (rotation.confirmedAt !== undefined && rotation.wait?.why === "quiet" && rotation.oldUsedOn !== undefined && rotation.silentSince === undefined) {
    const late = examined.obligations.some(({ dueAt }) => dueAt !== undefined && dueAt <= input.now);
    found.push({ code: "old-still-used", level: late ? "critical" : "warning", facts: { usedOn: rotation.oldUsedOn, confirmedAt: rotation.confirmedAt } });
  }
  return found;
}

/** A hold or a freeze keeps a due rotation back; grace, quiet and soak are no finding. */
function heldBack({ source, obligations, retired, compromise, input }: Examined): Draft[] {
  const { documents, state, now } = input;
  const due = obligations.some(({ enforcement, startAt, exception }) => enforcement === "rotate" && exception === undefined && startAt !== undefined && startAt <= now);
  if (!due || retired || compromise !== undefined || source.document.spec.method !== "automated") return [];
  const hold = holdOn(source.document, documents, state, now);
  if (hold !== undefined) return [{ code: "rotation-held", level: "warning", facts: { by: `the hold ${hold.name}`, until: hold.until, reason: hold.reason } }];
  const freeze = freezeAt(documents.settings?.document.spec, now);
  return freeze === undefined ? [] : [{ code: "rotation-held", level: "warning", facts: { by: "a freeze", until: freeze.until, reason: freeze.reason } }];
}

/** What people declared, or did not. */
function declarations({ source, input }: Examined): Draft[] {
  const { spec } = source.document;
  const found: Draft[] = [];
  if (spec.access === undefined) found.push({ code: "access-undeclared", level: "warning" });
  const created = instantIn(spec.createdAt);
  const rotated = spec.rotatedAt === undefined ? undefined : instantIn(spec.rotatedAt);
  if (rotated !== undefined && rotated < created) found.push({ code: "backdated", level: "warning", discriminator: "before", facts: { rotatedAt: rotated, createdAt: created } });
  for (const [field, instant] of [["createdAt", created], ["rotatedAt", rotated]] as const) {
    if (instant !== undefined && instant > input.now) found.push({ code: "backdated", level: "warning", discriminator: field, facts: { field, instant, now: input.now } });
  }
  return found;
}
