import type { Instant } from "../model/instant.ts";
import type { Status } from "../state/status.ts";
import { helpfulVerbs } from "./request.ts";
import { isOpen } from "./transition.ts";
import { waitText } from "./wait-text.ts";

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

/** Where the open or last rotation of a credential stands. */
export function rotationLine(status: Status, now: Instant): RotationLine {
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
