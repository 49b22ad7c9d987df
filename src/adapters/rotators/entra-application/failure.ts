import { EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import type { ExchangeAnswer, NoAnswer } from "../../clients/http/exchange.ts";
import { serverWords } from "../../clients/http/server-words.ts";

/** No request has left yet when these happen. */
const BEFORE_SENDING = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
const CERTIFICATE = /CERT|SIGNATURE|ISSUER|TLS|SSL/;
const CODE = /^[A-Za-z][A-Za-z0-9_.]{0,80}$/;

/** What was asked of Graph, for the words of an error. */
export interface Asked {
  /** For people: the application and the connection. */
  readonly place: string;
  /** For people: `addPassword`, or what the request reads. */
  readonly action: string;
  /** The application permission that it needs. */
  readonly permission: string;
}

/** How Graph names the reason of a refusal. */
export interface GraphError {
  readonly code: string;
  readonly message: string;
}

interface Verdict {
  readonly outcome: "refused" | "unknown";
  readonly code: string;
  readonly problem: string;
  readonly fix?: string;
  readonly retryable?: boolean;
}

/**
 * The EffectError of an answer that is no success. One of the 4xx promises that nothing was changed, except 408; all
 * else leaves it unknown. The evidence is Graph's own code and message, unless they quote what was sent.
 */
export function graphFailure(answer: ExchangeAnswer, asked: Asked, token: Secret): EffectError {
  const { status, body } = answer;
  const { code, message } = graphErrorIn(body);
  const words = serverWords(message, [token]);
  const evidence = [`status ${status}`, serverWords(code, [token]), words]
    .filter((part) => part !== undefined)
    .join(": ");
  const verdict = verdictOn(status, { code, message }, asked);
  const { outcome, problem, fix, retryable } = verdict;
  return new EffectError(outcome, verdict.code, problem, {
    evidence,
    ...(fix === undefined ? {} : { fix }),
    ...(retryable === undefined ? {} : { retryable }),
  });
}

/** Nothing came back, or not all of it. */
export function noAnswerFailure({ reason }: NoAnswer, { place, action }: Asked): EffectError {
  if (BEFORE_SENDING.has(reason)) {
    return new EffectError(
      "refused",
      "unreachable",
      `Microsoft Graph cannot be reached, so ${action} at ${place} was not sent`,
      {
        evidence: reason,
        fix: "check the `endpoint` of the connection, and the network of the runner",
      },
    );
  }
  if (CERTIFICATE.test(reason)) {
    return new EffectError(
      "refused",
      "certificate",
      `nobody this runner trusts vouches for the certificate of Microsoft Graph, so ${action} at ${place} was not sent`,
      {
        evidence: reason,
        fix: "correct the `endpoint` of the connection, or name the authority of your network in NODE_EXTRA_CA_CERTS",
      },
    );
  }
  return new EffectError(
    "unknown",
    "no-answer",
    `Microsoft Graph did not answer to ${action} at ${place}: whether it happened is not known`,
    {
      evidence: reason,
      fix: "the next run asks what is there before it goes on",
    },
  );
}

/** An answer that says something else than it must: it proves nothing. */
export function strangeAnswer({ place, action }: Asked, evidence: string): EffectError {
  return new EffectError(
    "unknown",
    "answer-malformed",
    `the answer of Microsoft Graph to ${action} at ${place} proves nothing`,
    {
      evidence,
      fix: "check that the `endpoint` of the connection leads to Microsoft Graph itself; the next run asks again",
    },
  );
}

/** Code and message of Graph's error; empty where there are none. */
function graphErrorIn(body: Buffer): GraphError {
  try {
    const answer: unknown = JSON.parse(body.toString("utf8"));
    const error = typeof answer === "object" && answer !== null && "error" in answer ? answer.error : {};
    const { code, message } = { code: undefined, message: undefined, ...(error as object) };
    return {
      code: typeof code === "string" && CODE.test(code) ? code : "",
      message: typeof message === "string" ? message : "",
    };
  } catch {
    return { code: "", message: "" };
  }
}

function verdictOn(status: number, error: GraphError, asked: Asked): Verdict {
  const { place, action, permission } = asked;
  if (status === 429) {
    return {
      outcome: "refused",
      code: "throttled",
      problem: `Microsoft Graph throttles: ${action} at ${place} was refused for now`,
      fix: "the next run tries again; lower `limits.concurrency` if this happens often",
    };
  }
  const policy = policyVerdict(error, place);
  if (policy !== undefined && status >= 400 && status < 500) return policy;
  if (status === 401) {
    return {
      outcome: "refused",
      code: "login-refused",
      problem: `Microsoft Graph does not take the runner's token, so ${action} at ${place} was refused`,
      fix: "check that `endpoint` and `authority` of the connection are of the same cloud, and the clock of this machine",
    };
  }
  if (status === 403) {
    return {
      outcome: "refused",
      code: "permission-missing",
      problem: `the runner may not ${action} at ${place}`,
      fix: `grant the application permission ${permission} to the client of the connection, with an administrator's consent${
        permission.endsWith("OwnedBy") ? ", and make its service principal an owner of the application" : ""
      }`,
      retryable: false,
    };
  }
  if (status === 404) {
    return {
      outcome: "refused",
      code: "application-missing",
      problem: `${place} does not exist, or the runner may not see it`,
      fix: "correct `applicationId` (the application's client id, not its object id) and the connection's `tenant`; a deleted application can be restored for 30 days",
      retryable: false,
    };
  }
  if (status === 409 || /Concurrency/.test(error.code)) {
    return {
      outcome: "refused",
      code: "conflict",
      problem: `Microsoft Graph was busy with another change of the tenant: ${action} at ${place} was refused for now`,
      fix: "the next run tries again",
    };
  }
  if (status >= 400 && status < 500 && status !== 408) {
    return {
      outcome: "refused",
      code: "refused",
      problem: `Microsoft Graph refused to ${action} at ${place}`,
    };
  }
  if (status >= 300 && status < 400) {
    return {
      outcome: "unknown",
      code: "redirected",
      problem: `${action} at ${place} was redirected, and redirects are not followed`,
      fix: "correct the `endpoint` of the connection",
    };
  }
  return {
    outcome: "unknown",
    code: "no-answer",
    problem: `Microsoft Graph failed at ${action} at ${place}: whether it happened is not known`,
    fix: "the next run asks what is there before it goes on",
  };
}

/** What the tenant's rules for applications, or the kind of the application, do not allow. */
function policyVerdict({ code, message }: GraphError, place: string): Verdict | undefined {
  const says = (name: string, words: RegExp): boolean => code === name || words.test(message);
  const final = { outcome: "refused", retryable: false } as const;
  if (says("CredentialInvalidLifetimeAsPerAppPolicy", /lifetime exceeds the max value allowed/i)) {
    return {
      ...final,
      code: "lifetime-not-allowed",
      problem: `the tenant's application management policy does not allow a client secret of ${place} to live so long`,
      fix: "give the document (or the connection) a shorter `lifetime`, at most what the policy allows, and longer than `rotateWithin`",
    };
  }
  if (says("CredentialTypeNotAllowedAsPerAppPolicy", /credential type not allowed/i)) {
    return {
      ...final,
      code: "secrets-not-allowed",
      problem: `the tenant's application management policy allows no new client secrets for ${place}`,
      fix: "let the application sign in with a certificate or a federated credential instead, or exempt it by an app management policy of its own",
    };
  }
  if (/maximum of \d+ encrypted credentials/i.test(message)) {
    return {
      ...final,
      code: "no-free-slot",
      problem: `${place} has as many client secrets as its account types allow (two, where personal Microsoft accounts may sign in)`,
      fix: "remove the client secret that nobody uses",
    };
  }
  return undefined;
}
