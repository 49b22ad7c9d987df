import { CreError, EffectError } from "../../../core/model/errors.ts";

/** What was asked of AWS, for the words of an error. */
export interface AwsCall {
  /** For people: `aws prod-aws`, `secret prod/orders of aws prod-aws`. */
  readonly place: string;
  /** The action as a policy names it, such as `iam:CreateAccessKey`. */
  readonly action: string;
  /** The request carried a secret: services quote values that break a constraint, so their message is left out. */
  readonly carriesSecret?: true;
}

interface Verdict {
  readonly outcome: "refused" | "unknown";
  readonly code: string;
  readonly problem: string;
  readonly fix?: string;
  readonly retryable?: boolean;
}

const DENIED = new Set(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"]);
const EXPIRED = new Set(["ExpiredToken", "ExpiredTokenException", "ExpiredTokenIdentity"]);
const SKEWED = new Set(["RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"]);
const UNTRUSTED = new Set([
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "SignatureDoesNotMatch",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "InvalidAccessKeyId",
  "InvalidIdentityToken",
  "InvalidIdentityTokenException",
  "IDPRejectedClaim",
  "IDPRejectedClaimException",
]);
const THROTTLED = new Set([
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "SlowDown",
]);
/** Rights at the key that encrypts a value. Only these words of a message are repeated: it may quote the value. */
const KEY_ACTION = /\bkms:(Decrypt|Encrypt|GenerateDataKey|DescribeKey|CreateGrant)\b/;
/** No request has left yet when these happen. */
const BEFORE_SENDING = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
/** Codes of Node about a certificate, which is looked at before anything is sent. */
const CERTIFICATE = /CERT|LEAF_SIGNATURE/;

/**
 * The EffectError of a call that the SDK rejected. An answer of the 4xx promises that nothing was changed; no answer and
 * 5xx leave it unknown. The evidence is the service's own name and message.
 */
export function awsFailure(error: unknown, call: AwsCall): EffectError {
  if (error instanceof EffectError) return error;
  if (error instanceof CreError) {
    return new EffectError("refused", error.code, error.message, {
      ...(error.evidence === undefined ? {} : { evidence: error.evidence }),
      ...(error.fix === undefined ? {} : { fix: error.fix }),
    });
  }
  const { outcome, code, problem, fix, retryable } = verdictOn(error, call);
  return new EffectError(outcome, code, problem, {
    evidence: evidenceOf(error, call.carriesSecret === true),
    ...(fix === undefined ? {} : { fix }),
    ...(retryable === undefined ? {} : { retryable }),
  });
}

/** Whether the service answered with one of these error names. */
export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

function verdictOn(error: unknown, { place, action }: AwsCall): Verdict {
  const name = error instanceof Error ? error.name : "";
  const status = statusOf(error);
  if (DENIED.has(name)) {
    const atKey = keyActionIn(messageOf(error));
    return {
      outcome: "refused",
      code: "permission-missing",
      problem: `the runner may not ${atKey === undefined ? action : `${atKey}, which ${action} needs,`} at ${place}`,
      fix: fixOf(atKey ?? action),
      retryable: false,
    };
  }
  if (EXPIRED.has(name)) {
    return {
      outcome: "refused",
      code: "session-expired",
      problem: `the runner's session at ${place} has expired, so ${action} was refused`,
      fix: "let the workflow fetch a fresh session for each run; the next run goes on where this one stopped",
    };
  }
  if (SKEWED.has(name) || (UNTRUSTED.has(name) && /expired|not yet current/i.test(messageOf(error)))) {
    return {
      outcome: "refused",
      code: "clock-skew",
      problem: `AWS refused ${action} at ${place} because this machine's clock is wrong`,
      fix: "set the clock of the runner's machine by NTP",
    };
  }
  if (UNTRUSTED.has(name)) {
    return {
      outcome: "refused",
      code: "login-refused",
      problem: `AWS does not know the runner's login, so ${action} at ${place} was refused`,
      fix: "check the access key, the profile or the OIDC role that the runner was given",
    };
  }
  if (THROTTLED.has(name) || status === 429) {
    return {
      outcome: "refused",
      code: "throttled",
      problem: `AWS throttles: ${action} at ${place} was refused for now`,
      fix: "the next run tries again; lower `limits.concurrency` if this happens often",
    };
  }
  if (name === "CredentialsProviderError" || name === "TokenProviderError") {
    return {
      outcome: "refused",
      code: "login-missing",
      problem: `this runner has no login for ${place}`,
      fix: "give it AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, an OIDC role, or the connection's profile",
    };
  }
  if (status !== undefined && status >= 400 && status < 500 && status !== 408) {
    return { outcome: "refused", code: "refused", problem: `AWS refused ${action} at ${place}` };
  }
  if (BEFORE_SENDING.has(codeOf(error)) && !isMidway(error)) {
    return {
      outcome: "refused",
      code: "unreachable",
      problem: `AWS cannot be reached, so ${action} at ${place} was not sent`,
      fix: "check the region and the endpoint of the connection, and the network of the runner",
    };
  }
  if (CERTIFICATE.test(codeOf(error))) {
    return {
      outcome: "refused",
      code: "certificate",
      problem: `nobody this runner trusts vouches for the certificate of ${place}, so ${action} was not sent`,
      fix: "correct the endpoint of the connection, or name the authority of your network in NODE_EXTRA_CA_CERTS",
    };
  }
  return {
    outcome: "unknown",
    code: "no-answer",
    problem: `AWS did not answer to ${action} at ${place}: whether it happened is not known`,
    fix: "the next run asks what is there before it goes on",
  };
}

/** Who becomes a role needs its trust besides a right. */
function fixOf(action: string): string {
  if (action === "sts:AssumeRoleWithWebIdentity") {
    return "compare the trust policy of the role with the token: its audience, and the repository and environment in its subject (ids stand behind their names where GitHub has made them immutable)";
  }
  if (action === "sts:AssumeRole") {
    return "let the role's trust policy name the runner's login (and the `externalId` of the connection, if it asks for one), and allow sts:AssumeRole on the role to the login if that is in another account";
  }
  return `allow ${action} to the login or role that the connection acts as (and look for a Deny in boundaries and organisation policies)`;
}

/** The right at a KMS key that was missing, if that is why the caller was denied. */
function keyActionIn(message: string): string | undefined {
  const named = KEY_ACTION.exec(message)?.[0];
  return (
    named ??
    (/\bAccess to KMS is not allowed\b/.test(message) ? "kms:Decrypt or kms:GenerateDataKey" : undefined)
  );
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const { $metadata: metadata } = error;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** The same codes come from a connection that stood already, when its way breaks off later. */
function isMidway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isMidway);
  return error instanceof Error && "syscall" in error && /^(read|write)/.test(String(error.syscall));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

function evidenceOf(error: unknown, withoutMessage: boolean): string {
  const name = error instanceof Error ? error.name : "unknown error";
  const message =
    withoutMessage || isUnreadable(error) ? "" : messageOf(error).replaceAll(/[^\x20-\x7e]/g, " ");
  return [name, codeOf(error), message.slice(0, 400).replace(/[.\s]+$/, "")]
    .filter((part) => part !== "" && part !== "Error")
    .join(": ");
}

/** An answer that the SDK could not read: the message of the parser quotes it, and a secret may be in it. */
function isUnreadable(error: unknown): boolean {
  return error instanceof Error && "$response" in error && !("$fault" in error);
}
