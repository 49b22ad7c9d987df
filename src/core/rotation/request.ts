import type { Instant } from "../model/instant.ts";
import type { Request } from "../state/facts.ts";
import type { Rotation, Status } from "../state/status.ts";
import { forgetProof } from "./old-versions.ts";
import { PUSH_UNKNOWN } from "./push-unknown.ts";
import { allowed, closing, goTo, isOpen, openRotation, unpark } from "./transition.ts";

export type Answered =
  | { readonly accepted: true; readonly status: Status; readonly detail: string }
  | { readonly accepted: false; readonly detail: string };

/** What a person's command does to the record; refused where it cannot mean anything. */
export function answer(status: Status | undefined, request: Request, now: Instant): Answered {
  if (status === undefined || !isOpen(status.rotation)) return atRest(status, request);
  switch (request.verb) {
    case "retry":
      return { accepted: true, status: unpark(status), detail: "tried again now" };
    case "proceed":
      return proceed(status, request);
    case "rollback":
      return rollback(status, now);
  }
}

/** Without an open rotation only a record that is behind its provider can be looked at again. */
function atRest(status: Status | undefined, request: Request): Answered {
  if (status?.behind === undefined || request.verb !== "retry") {
    return { accepted: false, detail: "no rotation is open" };
  }
  const { behind: _, ...rest } = status;
  return { accepted: true, status: rest, detail: "compared with its provider again" };
}

function proceed(status: Status, request: Request): Answered {
  const { step } = openRotation(status);
  if (!waitsForEvidence(openRotation(status))) {
    return {
      accepted: false,
      detail: `nothing waits for evidence at ${step}; cre retry ${status.credential} tries it again`,
    };
  }
  const word = { by: request.by, reason: request.reason, at: request.at };
  return { accepted: true, status: allowed(unpark(status), word), detail: "goes on without evidence" };
}

function waitsForEvidence({ step, parked }: Rotation): boolean {
  if (step === "push") return parked?.code === PUSH_UNKNOWN;
  return step === "confirm" || step === "deactivate" || step === "revoke";
}

/** Why a rotation is parked whose record does not know what lives at the provider. */
const AHEAD: ReadonlySet<string> = new Set(["state-behind", "drift"]);

function rollback(status: Status, now: Instant): Answered {
  const rotation = openRotation(status);
  if (AHEAD.has(rotation.parked?.code ?? "")) {
    return {
      accepted: false,
      detail: `the provider is ahead of this record, so nothing can be taken back by it: find out what happened, then cre retry ${status.credential}`,
    };
  }
  const way = wayBack(rotation);
  const going = unpark(status);
  switch (way) {
    case "never":
      return { accepted: false, detail: "a compromised version is never brought back" };
    case "abort":
      return {
        accepted: true,
        status: closing(going, "rolled-back", now),
        detail: "the new version is dropped; the old one never stopped working",
      };
    case "reactivate":
      return {
        accepted: true,
        status: goTo(going, "reactivate", now),
        detail: "the old version is made live again",
      };
    case "keep": {
      const kept = { ...going, rotation: forgetProof(openRotation(going)) };
      return {
        accepted: true,
        status: goTo(kept, "confirm", now),
        detail:
          "the old version stays alive and its grace and quiet begin anew; consumers cannot be told back (cre hold keeps it longer)",
      };
    }
    case "forward":
      return {
        accepted: false,
        detail: whyForward(rotation),
      };
  }
}

function whyForward({ recipe, step }: Rotation): string {
  if (step === "revoke") return "the old version is being revoked: the way is forward only";
  if (step === "push") {
    return "nobody knows yet whether the target got the new version: the next run asks it first";
  }
  return recipe === "adopt"
    ? "an adoption makes nothing new that could be dropped; correct the document, and the next run goes by it"
    : "consumers were told to use the new version and cannot be told back; the old version stays alive while a hold is on (cre hold)";
}

type WayBack = "abort" | "reactivate" | "keep" | "forward" | "never";

function wayBack({
  emergency,
  recipe,
  step,
  phase,
  deactivatedAt,
  pointOfNoReturn,
  parked,
}: Rotation): WayBack {
  if (emergency) return "never";
  const ends = recipe === "retire" || recipe === "adopt";
  switch (step) {
    case "adopt":
    case "confirm":
    case "contain":
      return "forward";
    case "reactivate":
      return "reactivate";
    case "deactivate":
      if (phase === "intended") return "reactivate";
      return ends ? "forward" : "keep";
    case "revoke":
      if (phase === "intended") return "forward";
      if (deactivatedAt !== undefined) return "reactivate";
      return ends ? "forward" : "keep";
    case "push":
      // In doubt the target is asked first; where it cannot say, a person who looked at it can.
      if (phase === "intended" && parked?.code !== PUSH_UNKNOWN) return "forward";
      return recipe === "in-place-downtime" ? "forward" : "abort";
    default:
      return pointOfNoReturn ? "forward" : "abort";
  }
}

/** The commands that can help an open rotation along which stands still. */
export function helpfulVerbs(status: Status): readonly Request["verb"][] {
  const way = wayBack(openRotation(status));
  return way === "forward" || way === "never" ? ["retry"] : ["retry", "rollback"];
}
