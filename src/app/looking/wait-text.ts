import type { Instant } from "../../core/model/instant.ts";
import { isOpen } from "../../core/rotation/transition.ts";
import type { Status } from "../../core/state/status.ts";

/** Where one rotation stands, for people. */
export interface StatusLine {
  readonly credential: string;
  readonly rotation: string | null;
  readonly step: string;
  readonly phase: "parked" | "intended" | "waiting" | "ready" | "closed" | "behind";
  readonly since: Instant | null;
  readonly waitsFor: string;
  readonly until: Instant | null;
  /** Commands that help; empty for a healthy wait. */
  readonly help: readonly string[];
}

const WAITS: Readonly<Record<string, string>> = {
  confirm: "proof that the new version is in use",
  grace: "the grace period of the old version",
  quiet: "the old version to be silent long enough",
  soak: "the soak: the old version is deactivated and could come back",
  backoff: "the next try",
  window: "the policy's window to open",
  freeze: "the end of a freeze",
  hold: "the end of a hold",
  evidence: "somebody who can see whether the old version is used",
};

export function waitText(status: Status, now: Instant): StatusLine {
  const { credential, rotation, behind } = status;
  if (behind !== undefined && !isOpen(rotation)) {
    return {
      credential,
      rotation: null,
      step: "-",
      phase: "behind",
      since: behind.since,
      waitsFor: behind.message,
      until: null,
      help: [`cre retry ${credential} --reason TEXT`],
    };
  }
  if (rotation === undefined)
    return {
      credential,
      rotation: null,
      step: "-",
      phase: "closed",
      since: null,
      waitsFor: "nothing",
      until: null,
      help: [],
    };
  const line = { credential, rotation: rotation.id, step: rotation.step, since: rotation.since };
  const { outcome } = rotation;
  if (!isOpen(rotation))
    return { ...line, phase: "closed", waitsFor: `nothing: ${outcome}`, until: null, help: [] };
  if (rotation.parked !== undefined) {
    const help = rotation.parked.commands.map((verb) => `cre ${verb} ${credential} --reason TEXT`);
    return { ...line, phase: "parked", waitsFor: rotation.parked.message, until: null, help };
  }
  if (rotation.phase === "intended") {
    const { lease } = rotation;
    const alive = lease !== undefined && lease.until > now;
    return {
      ...line,
      phase: "intended",
      waitsFor: alive ? `run ${lease.run}, which is at it` : "the next run, which looks whether it happened",
      until: lease?.until ?? null,
      help: [],
    };
  }
  const { wait } = rotation;
  if (wait === undefined) return { ...line, phase: "ready", waitsFor: "the next run", until: null, help: [] };
  const detail = wait.detail === undefined ? "" : `: ${wait.detail}`;
  return {
    ...line,
    phase: "waiting",
    waitsFor: `${WAITS[wait.why] ?? wait.why}${wait.until === undefined ? "" : ` until ${wait.until}`}${detail}`,
    until: wait.until ?? null,
    help:
      wait.why === "backoff"
        ? [`cre retry ${credential} --reason TEXT`]
        : wait.why === "evidence"
          ? [`cre proceed ${credential} --reason TEXT`]
          : [],
  };
}
