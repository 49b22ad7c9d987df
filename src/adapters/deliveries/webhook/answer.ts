import { EffectError } from "../../../core/model/errors.ts";
import type { Phase } from "../../clients/staged-messages/held.ts";

/** What errors say of the exchange: all of it public. */
export interface Exchanged {
  readonly label: string;
  readonly keyId: string;
  readonly phase: Phase;
}

/** Answers of the 4xx that do not say that nothing was done: slow, in conflict with another, too early, too often. */
const DOUBTFUL: ReadonlySet<number> = new Set([408, 409, 425, 429]);
/** The same request will be refused again: a person has to look. */
const FINAL: ReadonlySet<number> = new Set([400, 401, 403, 405, 413, 422]);

/** The error for a status that is no success: 4xx is a refusal except where it leaves doubt, all else is unknown. */
export function statusError(status: number, exchanged: Exchanged): EffectError {
  const { label, phase } = exchanged;
  const evidence = `it answered with the status ${status}`;
  if (status >= 400 && status < 500 && !DOUBTFUL.has(status)) {
    return new EffectError("refused", "webhook-refused", `${label} refused to ${phase}`, {
      evidence,
      fix: refusalFix(status, exchanged),
      retryable: !FINAL.has(status),
    });
  }
  const isRedirect = status >= 300 && status < 400;
  return new EffectError(
    "unknown",
    isRedirect ? "webhook-redirect" : "webhook-failed",
    `${label} did not ${phase}`,
    {
      evidence,
      fix: isRedirect
        ? "write the address that it redirects to into the connection: redirects are not followed"
        : "look into the consumer's log; the next run asks again",
    },
  );
}

function refusalFix(status: number, { keyId, phase }: Exchanged): string {
  if (status === 401) {
    return `give the consumer the key ${keyId} with the secret that the connection names, and check that both clocks agree within 300 s`;
  }
  if (status === 422 && phase === "promote") {
    return "the consumer has lost what was staged: cre rollback, then cre retry";
  }
  if (status === 422 && phase === "abort") {
    return "the consumer uses this attempt already: look at it with cre status";
  }
  if (status === 413) return "the consumer takes no request of this size: raise its limit to 256 KiB";
  if (status === 422 || status === 400) return "check in the consumer's log what it does not understand";
  return "check the url of the connection and what stands before the consumer";
}
