import type { Instant } from "../model/instant.ts";
import type { Request } from "../state/facts.ts";
import type { Status } from "../state/status.ts";
import { allowed, closing, goTo, isOpen, openRotation, unpark } from "./transition.ts";

export type Answered =
  | { readonly accepted: true; readonly status: Status; readonly detail: string }
  | { readonly accepted: false; readonly detail: string };

/** What a person's command does to the record; refused where it cannot mean anything. */
export function answer(status: Status | undefined, request: Request, now: Instant): Answered {
  if (status === undefined || !isOpen(status.rotation)) return { accepted: false, detail: "no rotation is open" };
  switch (request.verb) {
    case "retry":
      return { accepted: true, status: unpark(status), detail: "tried again now" };
    case "proceed":
      return {
        accepted: true,
        status: allowed(unpark(status), { by: request.by, reason: request.reason, at: request.at }),
        detail: "goes on without evidence",
      };
    case "rollback":
      return rollback(status, now);
  }
}

function rollback(status: Status, now: Instant): Answered {
  const rotation = openRotation(status);
  if (rotation.emergency) return { accepted: false, detail: "a compromised version is never brought back" };
  const going = unpark(status);
  if (rotation.deactivatedAt !== undefined && rotation.step === "revoke") {
    return { accepted: true, status: goTo(going, "reactivate", now), detail: "the old version is made live again" };
  }
  if (!rotation.pointOfNoReturn && rotation.recipe !== "retire" && rotation.recipe !== "adopt") {
    return { accepted: true, status: closing(going, "rolled-back", now), detail: "the new version is dropped; the old one never stopped working" };
  }
  return {
    accepted: false,
    detail: "consumers were told to use the new version and cannot be told back; the old version stays alive while a hold is on (cre hold)",
  };
}
