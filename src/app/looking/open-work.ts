import { type Instant, parseInstant } from "../../core/model/instant.ts";
import { helpfulVerbs } from "../../core/rotation/request.ts";
import { isOpen } from "../../core/rotation/transition.ts";
import { waitText } from "../../core/rotation/wait-text.ts";
import type { Status } from "../../core/state/status.ts";
import type { Sight } from "./sight.ts";

/** Where one rotation stands, for people. */
export interface RotationLine {
  readonly credential: string;
  /** Id of the rotation. */
  readonly rotation: string | null;
  readonly reason: string | null;
  readonly emergency: boolean;
  readonly step: string | null;
  readonly stands: "parked" | "running" | "interrupted" | "waiting" | "ready" | "closed" | "behind";
  readonly since: Instant | null;
  readonly waitsFor: string;
  /** When the wait ends, if an instant says so. */
  readonly until: Instant | null;
  /** Commands that help; empty for a healthy wait. */
  readonly help: readonly string[];
  /** What people have to have signed before the rotation can go on (PEM); absent where nothing is to be signed. */
  readonly signingRequest?: string;
}

/** What people put in the way, or asked for. */
export interface HoldLine {
  readonly id: string;
  /** `all`, or what it covers. */
  readonly covers: string;
  readonly until: Instant;
  readonly by: string | null;
  readonly reason: string;
}

export interface OpenWork {
  readonly rotations: readonly RotationLine[];
  readonly holds: readonly HoldLine[];
  readonly incidents: readonly { id: string; credential: string; at: Instant; by: string; reason: string }[];
  readonly requests: readonly {
    id: string;
    verb: string;
    credential: string;
    at: Instant;
    by: string;
    reason: string;
  }[];
}

/** Everything that is open: rotations, holds in force, incidents, requests that no run has taken up; of one credential or of all. */
export function openWork(sight: Sight, name: string | undefined): OpenWork {
  const { state, now } = sight;
  const isMeant = (credential: string): boolean => name === undefined || credential === name;
  return {
    rotations: sorted(
      [...state.statuses.values()].filter(({ credential, rotation, behind }) =>
        name === undefined ? isOpen(rotation) || behind !== undefined : credential === name,
      ),
      ({ credential }) => credential,
    ).map((status) => rotationLine(status, now)),
    holds: sorted(holdsInForce(sight, name), ({ id }) => id),
    incidents: sorted(
      [...state.incidents.values()].filter(
        ({ credential, withdrawn }) =>
          withdrawn === undefined && isMeant(credential) && isBurning(sight, credential),
      ),
      ({ id }) => id,
    ).map(({ id, credential, at, by, reason }) => ({ id, credential, at, by, reason })),
    requests: sorted(
      [...state.requests.values()].filter(({ credential }) => isMeant(credential)),
      ({ id }) => id,
    ).map(({ id, verb, credential, at, by, reason }) => ({ id, verb, credential, at, by, reason })),
  };
}

function sorted<T>(items: readonly T[], key: (item: T) => string): T[] {
  return items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** An incident is over when nothing from before it is alive. */
function isBurning({ evaluation }: Sight, credential: string): boolean {
  const evaluated = evaluation.credentials.get(credential);
  return evaluated === undefined || evaluated.compromise !== undefined;
}

function holdsInForce({ state, documents, now }: Sight, name: string | undefined): HoldLine[] {
  const pressed = [...state.holds.values()]
    .filter(({ released, until }) => released === undefined && until > now)
    .map(({ id, all, credentials = [], until, by, reason }) => ({
      line: { id, covers: all === true ? "all" : credentials.join(", "), until, by, reason },
      isFor: (credential: string) => all === true || credentials.includes(credential),
    }));
  const written = [...documents.holds.values()].flatMap(({ document }) => {
    const { all, credentials, until: text, reason } = document.spec;
    const until = parseInstant(text);
    if (until === undefined || until <= now) return [];
    const covers = all === true ? "all" : (credentials?.join(", ") ?? "what its `match` says");
    const isFor = (credential: string): boolean =>
      credentials === undefined || credentials.includes(credential);
    return [{ line: { id: document.metadata.name, covers, until, by: null, reason }, isFor }];
  });
  return [...pressed, ...written]
    .filter(({ isFor }) => name === undefined || isFor(name))
    .map(({ line }) => line);
}

/** Where the open or last rotation of a credential stands. */
function rotationLine(status: Status, now: Instant): RotationLine {
  const { credential, rotation, behind } = status;
  const none = { until: null, help: [] };
  if (behind !== undefined && !isOpen(rotation)) {
    const line = { credential, rotation: null, reason: null, emergency: false, step: null };
    const help = [command("retry", credential)];
    return { ...line, stands: "behind", since: behind.since, waitsFor: behind.message, until: null, help };
  }
  if (rotation === undefined) {
    const line = { credential, rotation: null, reason: null, emergency: false, step: null };
    return {
      ...line,
      ...none,
      stands: "closed",
      since: null,
      waitsFor: "nothing: it was never rotated here",
    };
  }
  const line = {
    credential,
    rotation: rotation.id,
    reason: rotation.reason,
    emergency: rotation.emergency,
    step: rotation.step,
    since: rotation.since,
  };
  const { outcome } = rotation;
  if (outcome !== "open" && outcome !== "parked") {
    return { ...line, ...none, stands: "closed", waitsFor: `nothing: ${outcome}` };
  }
  if (outcome === "parked") {
    const help = (rotation.parked?.commands ?? []).map((verb) => command(verb, credential));
    const since = rotation.parked?.at ?? rotation.since;
    return {
      ...line,
      since,
      stands: "parked",
      waitsFor: rotation.parked?.message ?? "a person",
      until: null,
      help,
    };
  }
  const { lease, wait, phase } = rotation;
  if (lease !== undefined && lease.until > now) {
    return {
      ...line,
      stands: "running",
      waitsFor: `run ${lease.run}, which is at it`,
      until: lease.until,
      help: [],
    };
  }
  if (phase === "intended") {
    return {
      ...line,
      ...none,
      stands: "interrupted",
      waitsFor: "the next run, which looks whether it happened",
    };
  }
  if (wait === undefined) return { ...line, ...none, stands: "ready", waitsFor: "the next run" };
  const why = wait.detail ?? (wait.why === "backoff" ? rotation.failure?.message : undefined);
  const waitsFor = `${waitText(wait)}${why === undefined ? "" : `: ${why}`}`;
  return {
    ...line,
    stands: "waiting",
    waitsFor,
    until: wait.until ?? null,
    help: helpFor(wait.why, status).map((verb) => command(verb, credential)),
    ...(wait.why === "certificate" && rotation.reference !== undefined
      ? { signingRequest: rotation.reference }
      : {}),
  };
}

function helpFor(why: string, status: Status): readonly string[] {
  if (why === "backoff") return helpfulVerbs(status);
  if (why === "certificate") return ["rollback"];
  return why === "evidence" ? ["proceed", "rollback"] : [];
}

function command(verb: string, credential: string): string {
  return `cre ${verb} ${credential} --reason TEXT`;
}
