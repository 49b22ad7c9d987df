import type { EvaluatedCredential } from "../../evaluate/evaluation.ts";
import type { Instant } from "../../model/instant.ts";
import { isOpen } from "../../rotation/transition.ts";
import type { Rotation } from "../../state/status.ts";
import { counted } from "../../text/counted.ts";
import type { CheckInput } from "../check-input.ts";
import type { Check, Measurement } from "../check-result.ts";
import { activeCredentials, HOLDS, notMeasured, type Sorting, testCredentials } from "../population.ts";

/** How old credentials are, and whether their rotations went to the end. */
export const ROTATION_CHECKS: readonly Check[] = [
  {
    id: "K01",
    name: "rotation_age",
    title: "Credentials are younger than their policies allow",
    formula:
      "credentials of which no matching policy is overdue / credentials that are not retired and match a policy with `rotateWithin` or `renew`. One whose policy gives it no date fails.",
    not: "that the period is short enough; it is the organisation's own policy. Dates of credentials that people rotate are what people wrote.",
    source: "documents",
    measure: rotationAge,
  },
  {
    id: "K02",
    name: "rotation_on_time",
    title: "Rotations that fell due in the period were done in time",
    formula: "due dates in the period that a verified rotation met / due dates in the period",
    not: "that the period is short enough, or that rotations outside of the registry happened.",
    source: "documents",
    measure: rotationOnTime,
  },
  {
    id: "K08",
    name: "superseded_revoked",
    title: "The version that a rotation replaced is dead",
    formula:
      "at an instant: credentials whose last completed rotation left one live version / credentials with one, without those still inside their overlap. In a period: rotations whose old version was read back as dead in time / rotations completed.",
    not: "that copies of the old value are gone, or that rotations by people ended the old version: only the provider's answer to this tool counts.",
    source: "documents",
    measure: supersededRevoked,
  },
  {
    id: "K09",
    name: "rotation_verified",
    title: "New versions were proven in use",
    formula:
      "at an instant: credentials whose last rotation was confirmed by a consumer or the provider / credentials with a rotation on record that is over or parked. In a period: rotations with a verified new version / rotations tried.",
    not: "that every consumer switched; places that confirm nothing are not seen.",
    source: "documents",
    measure: rotationVerified,
  },
  {
    id: "K11",
    name: "single_active",
    title: "One live version at a time, outside of a rotation",
    formula:
      "credentials with at most one live version, or with a rotation open / credentials whose versions are on record",
    not: "that a person or service has no second credential under another name.",
    source: "documents",
    measure: singleActive,
  },
];

function rotationAge(input: CheckInput): Measurement {
  const { policies } = input.documents;
  const timed = (name: string): boolean => {
    const spec = policies.get(name)?.document.spec;
    return spec?.rotateWithin !== undefined || spec?.renew !== undefined;
  };
  const active = activeCredentials(input);
  const reported = active.filter(isReported).length;
  const evidence =
    `Ages as of ${input.evaluation.asOf}. When the live version was made the provider reports for ` +
    `${reported} of ${counted(active.length, "credential")}, and documents or records for the rest.`;
  return testCredentials(input, evidence, (credential) => {
    if (credential.obligations.length === 0) return { outside: "no policy matches" };
    if (!credential.obligations.some(({ policy }) => timed(policy))) {
      return { outside: "no matching policy has a rule about time" };
    }
    const found = credential.findings.filter(
      ({ code, policy }) =>
        code === "rotation-overdue" || (code === "no-due-date" && policy !== null && timed(policy)),
    );
    const [first] = found;
    if (first === undefined) return HOLDS;
    const why =
      first.code === "rotation-overdue"
        ? `overdue since ${String(first.facts["dueAt"])} by the policy ${first.policy}`
        : `the policy ${first.policy} gives it no due date, so its age is unknown`;
    const accepted = found.every(({ waivedBy }) => waivedBy !== null);
    return { why, ...(accepted ? { exception: first.waivedBy ?? undefined } : {}) };
  });
}

/** The provider said when each live version was made. */
function isReported({ live, source }: EvaluatedCredential): boolean {
  const { method } = source.document.spec;
  return method !== "manual" && live.length > 0 && live.every(({ declared }) => declared !== true);
}

function rotationOnTime({ period }: CheckInput): Measurement {
  if (period === undefined) {
    return notMeasured(
      "Due dates that were met or missed need the history of a period, which was not collected.",
    );
  }
  return {
    tested: period.dueDates.map(({ id, dueAt, metAt }) => ({ id, why: missed(dueAt, metAt) })),
    evidence: `Due dates from ${period.from} to ${period.to}.`,
  };
}

function missed(dueAt: Instant, metAt: Instant | undefined): string | undefined {
  if (metAt === undefined) return `due ${dueAt}, not rotated`;
  return metAt > dueAt ? `due ${dueAt}, rotated ${metAt}` : undefined;
}

/** Closed or parked, and no adoption or retirement, which replace nothing. */
function lastRotation(input: CheckInput, name: string): Rotation | undefined {
  const rotation = input.state.statuses.get(name)?.rotation;
  return rotation?.recipe === "adopt" || rotation?.recipe === "retire" ? undefined : rotation;
}

function supersededRevoked(input: CheckInput): Measurement {
  const { period, evaluation } = input;
  if (period !== undefined) {
    const completed = period.rotations.flatMap(({ id, completed }) =>
      completed ? [{ id, ...completed }] : [],
    );
    return {
      tested: completed.map(({ id, oldEndsBy, oldEndedAt }) => ({
        id,
        why: outlived(oldEndsBy, oldEndedAt),
      })),
      evidence: `Rotations completed from ${period.from} to ${period.to}; dead means that the provider said so afterwards.`,
    };
  }
  const evidence =
    "The last rotation of each credential and the versions that its provider last showed; earlier rotations need the history of a period.";
  return testCredentials(input, evidence, (credential) => {
    const rotation = lastRotation(input, credential.name);
    if (rotation === undefined) return { outside: "no rotation is on record" };
    if (rotation.confirmedAt === undefined || rotation.closing !== undefined) {
      return { outside: "its last rotation replaced nothing" };
    }
    if (rotation.recipe === "value") return { outside: "a person made its value and ends the old one" };
    if (rotation.outcome === "done") return aliveTogether(credential);
    if (isOpen(rotation)) return stillOpen(rotation, credential, evaluation.asOf);
    return { outside: "its last rotation replaced nothing" };
  });
}

function outlived(by: Instant, endedAt: Instant | undefined): string | undefined {
  if (endedAt === undefined) return `the old version was to end by ${by}, and did not`;
  return endedAt > by ? `the old version was to end by ${by}, and ended ${endedAt}` : undefined;
}

/** The due date is the deadline by which the old version must be dead. */
function stillOpen(rotation: Rotation, credential: EvaluatedCredential, now: Instant): Sorting {
  if (rotation.outcome === "parked") {
    return { why: "its rotation is parked before the old version was ended" };
  }
  if (credential.dueAt === undefined || now < credential.dueAt) {
    return { outside: "its old version is inside the overlap" };
  }
  return {
    why: `the old version still lives after the due date ${credential.dueAt}`,
    exception: credential.findings.find(({ code }) => code === "rotation-overdue")?.waivedBy ?? undefined,
  };
}

function aliveTogether({ live }: EvaluatedCredential): Sorting {
  if (live.length <= 1) return HOLDS;
  return { why: `${live.length} versions live: ${live.map(({ handle }) => handle).join(", ")}` };
}

function rotationVerified(input: CheckInput): Measurement {
  const { period } = input;
  if (period !== undefined) {
    return {
      tested: period.rotations.map(({ id, verified }) => ({
        id,
        why: verified ? undefined : "no verification of the new version succeeded",
      })),
      evidence: `Rotations tried from ${period.from} to ${period.to}.`,
    };
  }
  const evidence = "The last rotation of each credential; earlier ones need the history of a period.";
  return testCredentials(input, evidence, ({ name }) => {
    const rotation = lastRotation(input, name);
    if (rotation === undefined) return { outside: "no rotation is on record" };
    const { outcome, confirmedAt, confirmedBy } = rotation;
    if (outcome === "open") return { outside: "its rotation is open" };
    if (confirmedAt === undefined) return { why: `its last rotation is ${outcome} without a proof of use` };
    return confirmedBy === "none" ? { why: "nothing could prove that the new version is used" } : HOLDS;
  });
}

function singleActive(input: CheckInput): Measurement {
  const evidence = "Versions as their providers last showed them.";
  return testCredentials(input, evidence, (credential) => {
    const status = input.state.statuses.get(credential.name);
    if (status === undefined || status.versions.length === 0) return { outside: "no version is on record" };
    return isOpen(status.rotation) ? HOLDS : aliveTogether(credential);
  });
}
