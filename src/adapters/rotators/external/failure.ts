import { CreError, EffectError, type EffectFailure } from "../../../core/model/errors.ts";
import type { NoAnswer } from "../../clients/http/exchange.ts";
import type { SignedAnswerSeen } from "../../clients/signed-http/signed-exchange.ts";
import { Field } from "./field.ts";
import type { KnownParts } from "./known-parts.ts";

/** What errors say of an exchange: all of it public. */
export interface Asked {
  /** For people: the connection, where it leads, and the object. */
  readonly label: string;
  readonly operation: string;
  readonly keyId: string;
  /** It changes something: its failure says whether that may have happened. */
  readonly isEffect: boolean;
}

interface Details {
  readonly evidence?: string;
  readonly fix?: string;
  readonly retryable?: boolean;
}

/** Answers of the 4xx that do not say that nothing was done: slow, in conflict with another, too early, too often. */
const DOUBTFUL: ReadonlySet<number> = new Set([408, 409, 425, 429]);
/** The same request will be refused again: a person has to look. */
const FINAL: ReadonlySet<number> = new Set([400, 401, 403, 405, 413, 422]);
/** No request has left yet when these happen. */
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);
const CODE = /^[a-z0-9-]{1,60}$/;

/** An error of the kind that its operation may reject with. */
export function failed(
  { isEffect }: Asked,
  outcome: EffectFailure,
  code: string,
  problem: string,
  details: Details = {},
): CreError {
  return isEffect ? new EffectError(outcome, code, problem, details) : new CreError(code, problem, details);
}

/**
 * The error for a status that is no success: 4xx is a refusal except where it leaves doubt, all else is unknown. A signed
 * answer may say in its own words why, as long as none of `known` is in them.
 */
export function statusFailure(seen: SignedAnswerSeen, asked: Asked, known: KnownParts): CreError {
  const { status } = seen.answer;
  const { label, operation } = asked;
  const said = seen.untrusted === undefined ? saidIn(seen.answer.body, known) : {};
  const evidence = [
    `it answered with the status ${status}${said.code === undefined ? "" : ` (${said.code})`}`,
    said.message,
  ]
    .filter((part) => part !== undefined)
    .join(": ");
  if (status >= 400 && status < 500 && !DOUBTFUL.has(status)) {
    return failed(
      asked,
      "refused",
      said.code ?? "external-refused",
      `${label} refused the operation ${operation}`,
      {
        evidence,
        fix: said.fix ?? refusalFix(status, asked),
        retryable: !FINAL.has(status),
      },
    );
  }
  const isRedirect = status >= 300 && status < 400;
  const code =
    status === 429 ? "throttled" : (said.code ?? (isRedirect ? "external-redirect" : "external-failed"));
  return failed(asked, "unknown", code, `${label} did not answer to ${operation} with a result`, {
    evidence,
    fix:
      unansweredFix(status) ??
      said.fix ??
      "look into the log of the rotator's server; the next run asks again",
  });
}

function unansweredFix(status: number): string | undefined {
  if (status >= 300 && status < 400) {
    return "write the address that it redirects to into the connection: redirects are not followed";
  }
  if (status !== 429) return undefined;
  return "the next run tries again; lower `limits.concurrency` if this happens often";
}

/** The words of a server about its refusal, as far as they may be shown. */
function saidIn(body: Buffer, known: KnownParts): { code?: string; message?: string; fix?: string } {
  const text = (field: Field | undefined): string | undefined => {
    try {
      return field === undefined ? undefined : known.shown(field.text());
    } catch {
      return undefined;
    }
  };
  try {
    const error = new Field("", JSON.parse(body.toString("utf8"))).get("error");
    const [code, message, fix] = ["code", "message", "fix"].map((name) => text(error.optional(name)));
    return {
      ...(code === undefined || !CODE.test(code) ? {} : { code }),
      ...(message === undefined || message === "" ? {} : { message }),
      ...(fix === undefined || fix === "" ? {} : { fix }),
    };
  } catch {
    return {};
  }
}

function refusalFix(status: number, { keyId }: Asked): string {
  if (status === 401) {
    return `give the rotator's server the key ${keyId} with the secret that the connection names, and check that both clocks agree within 300 s`;
  }
  if (status === 404) return "check the url of the connection and the `object` of the document";
  if (status === 403) return "look into the server's log for the right that it lacks";
  if (status === 413) return "the server takes no request of this size: raise its limit to 256 KiB";
  return "look into the log of the rotator's server";
}

/** Nothing came back, or not all of it. */
export function noAnswerFailure({ reason }: NoAnswer, asked: Asked): CreError {
  const notSent = BEFORE_SENDING.has(reason);
  return failed(
    asked,
    notSent ? "refused" : "unknown",
    "external-no-answer",
    `${asked.label} did not answer to ${asked.operation}`,
    { evidence: reason, fix: noAnswerFix(reason) },
  );
}

function noAnswerFix(reason: string): string {
  if (/CERT|SIGNATURE|ISSUER|TLS|SSL/.test(reason)) {
    return "check the certificate of the rotator's server and the `ca` of the connection";
  }
  return "check that the rotator's server runs and that this runner reaches it";
}

/** An answer that is not the server's, or not one that the contract knows: it proves nothing. */
export function strangeAnswer(kind: "untrusted" | "malformed", asked: Asked, evidence: string): CreError {
  return failed(
    asked,
    "unknown",
    `external-answer-${kind}`,
    `the answer of ${asked.label} to ${asked.operation} proves nothing`,
    {
      evidence,
      fix:
        kind === "untrusted"
          ? "check that the url leads to the rotator's server itself, that it signs its answers with the key of the connection, and that its clock is right"
          : "correct the server: .github/docs/external.md has the contract",
    },
  );
}
