import { createHash } from "node:crypto";
import type { Connection } from "../../core/documents/connection.ts";
import type { Credential } from "../../core/documents/credential.ts";
import type { Document, Documents, Sourced } from "../../core/documents/kinds.ts";
import type { Policy } from "../../core/documents/policy.ts";
import type { Settings } from "../../core/documents/settings.ts";
import type { Exception, Hold, Snooze } from "../../core/documents/waiver.ts";
import { evaluate } from "../../core/evaluate/evaluate.ts";
import type {
  EvaluatedCredential,
  EvaluationInput,
  EvaluationResult,
} from "../../core/evaluate/evaluation.ts";
import { type Instant, parseInstant } from "../../core/model/instant.ts";
import type { Books } from "../../core/state/books.ts";
import { EMPTY_STATE, type HoldFact, type Incident, type StateFacts } from "../../core/state/facts.ts";
import type { Rotation, Status, VersionFact } from "../../core/state/status.ts";

/** Builders of valid documents and records for tests of what is computed from them. */

export function at(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === undefined) throw new Error(`no instant: ${text}`);
  return instant;
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

type Spec<D extends Document> = Partial<D["spec"]>;

function sourced<D extends Document>(folder: string, document: D): Sourced<D> {
  return { document, file: `${folder}/${document.metadata.name}.yaml`, line: 1 };
}

/** A manual API key of 2026-01-01 whose access is declared. */
export function credential(
  name: string,
  spec: Spec<Credential> = {},
  metadata: Partial<Credential["metadata"]> = {},
): Sourced<Credential> {
  return sourced("registry", {
    apiVersion: "cre/v1",
    kind: "Credential",
    metadata: { name, ...metadata },
    spec: {
      type: "api-key",
      service: "shop",
      owner: { team: "payments", contact: "payments@example.com" },
      createdAt: "2026-01-01",
      method: "manual",
      access: [],
      ...spec,
    },
  });
}

export function policy(name: string, spec: Policy["spec"]): Sourced<Policy> {
  return sourced("policies", { apiVersion: "cre/v1", kind: "Policy", metadata: { name }, spec });
}

export function settings(spec: Settings["spec"]): Sourced<Settings> {
  return sourced("policies", {
    apiVersion: "cre/v1",
    kind: "Settings",
    metadata: { name: "settings" },
    spec,
  });
}

export function connection(name: string, spec: Connection["spec"]): Sourced<Connection> {
  return sourced("policies", { apiVersion: "cre/v1", kind: "Connection", metadata: { name }, spec });
}

/** Approved, from 2026-03-01 to 2026-04-01; about whom and what is given. */
export function exception(name: string, spec: Spec<Exception>): Sourced<Exception> {
  return sourced("exceptions", {
    apiVersion: "cre/v1",
    kind: "Exception",
    metadata: { name },
    spec: {
      justification: "The season's change freeze, until the new release.",
      requestedBy: "bob",
      approvedBy: "carol",
      startsAt: "2026-03-01",
      expiresAt: "2026-04-01",
      ...spec,
    },
  });
}

export function hold(name: string, spec: Spec<Hold>): Sourced<Hold> {
  return sourced("exceptions", {
    apiVersion: "cre/v1",
    kind: "Hold",
    metadata: { name },
    spec: { until: "2026-04-01", reason: "incident 12", ...spec },
  });
}

export function snooze(name: string, spec: Spec<Snooze>): Sourced<Snooze> {
  return sourced("exceptions", {
    apiVersion: "cre/v1",
    kind: "Snooze",
    metadata: { name },
    spec: { until: "2026-03-08", reason: "we know", ...spec },
  });
}

export function documents(...all: readonly Sourced[]): Documents {
  const found = {
    credentials: new Map<string, Sourced<Credential>>(),
    connections: new Map<string, Sourced<Connection>>(),
    policies: new Map<string, Sourced<Policy>>(),
    exceptions: new Map<string, Sourced<Exception>>(),
    snoozes: new Map<string, Sourced<Snooze>>(),
    holds: new Map<string, Sourced<Hold>>(),
  };
  let chosen: Sourced<Settings> | undefined;
  for (const { document, ...place } of all) {
    const { name } = document.metadata;
    if (document.kind === "Credential") found.credentials.set(name, { ...place, document });
    else if (document.kind === "Policy") found.policies.set(name, { ...place, document });
    else if (document.kind === "Exception") found.exceptions.set(name, { ...place, document });
    else if (document.kind === "Hold") found.holds.set(name, { ...place, document });
    else if (document.kind === "Snooze") found.snoozes.set(name, { ...place, document });
    else if (document.kind === "Connection") found.connections.set(name, { ...place, document });
    else chosen = { ...place, document };
  }
  return { ...found, settings: chosen };
}

/** A promoted, live version that was adopted. */
export function version(createdAt: string, fact: Partial<VersionFact> = {}): VersionFact {
  return {
    handle: `v-${createdAt}`,
    slot: "only",
    createdAt: at(createdAt),
    live: true,
    promoted: true,
    origin: "adopted",
    ...fact,
  };
}

export function status(name: string, fact: Partial<Status> = {}): Status {
  return {
    schemaVersion: 1,
    credential: name,
    service: "shop",
    epoch: 1,
    versions: [],
    adoptedAt: at("2026-01-01"),
    ...fact,
  };
}

/** An open rotation at `preflight`. */
export function rotation(fact: Partial<Rotation> = {}): Rotation {
  return {
    id: "rotation-1",
    recipe: "overlap",
    reason: "due",
    because: "keys",
    emergency: false,
    openedAt: at("2026-03-01"),
    outcome: "open",
    step: "preflight",
    phase: "ready",
    since: at("2026-03-01"),
    attempts: 0,
    failures: 0,
    pointOfNoReturn: false,
    pinned: {
      commit: "0".repeat(40),
      credential: credential("pinned").document,
      policy: {
        rotate: true,
        gracePeriod: 86_400,
        quietPeriod: 604_800,
        soakPeriod: 604_800,
        emergency: { order: "replace-first", confirmWithin: 900 },
      },
    },
    ...fact,
  };
}

export function incident(id: string, name: string, instant: string, fact: Partial<Incident> = {}): Incident {
  return {
    schemaVersion: 1,
    id,
    credential: name,
    at: at(instant),
    by: "alice",
    reason: "in a build log",
    ...fact,
  };
}

export function pressedHold(id: string, fact: Partial<HoldFact> = {}): HoldFact {
  return {
    schemaVersion: 1,
    id,
    at: at("2026-03-01"),
    until: at("2026-04-01"),
    by: "alice",
    reason: "odd errors",
    ...fact,
  };
}

export interface Records {
  readonly statuses?: readonly Status[];
  readonly incidents?: readonly Incident[];
  readonly holds?: readonly HoldFact[];
  /** Time of the newest audit entry. */
  readonly audited?: string;
  readonly books?: Books;
}

export function records({ statuses = [], incidents = [], holds = [], audited, books }: Records): StateFacts {
  return {
    ...EMPTY_STATE,
    commit: "f".repeat(40),
    statuses: new Map(statuses.map((status) => [status.credential, status])),
    incidents: new Map(incidents.map((incident) => [incident.id, incident])),
    holds: new Map(holds.map((hold) => [hold.id, hold])),
    ...(books === undefined ? {} : { books }),
    auditHead: audited === undefined ? undefined : { seq: 1, hash: "a".repeat(64), time: at(audited) },
  };
}

export function evaluateAt(
  now: string,
  all: readonly Sourced[],
  state: Records = {},
  input: Partial<EvaluationInput> = {},
): EvaluationResult {
  return evaluate({
    documents: documents(...all),
    state: records(state),
    now: at(now),
    commit: "c".repeat(40),
    sha256,
    ...input,
  });
}

/** The only credential of an evaluation, or the one of that name. */
export function only(result: EvaluationResult, name?: string): EvaluatedCredential {
  const found = name === undefined ? [...result.credentials.values()][0] : result.credentials.get(name);
  if (found === undefined) throw new Error("no such credential");
  return found;
}

/** `code level` of each finding, with what waives it. */
export function told(evaluated: Pick<EvaluatedCredential, "findings">): readonly string[] {
  return evaluated.findings.map(
    ({ code, level, waivedBy }) => `${code} ${level}${waivedBy === null ? "" : ` waived by ${waivedBy}`}`,
  );
}
