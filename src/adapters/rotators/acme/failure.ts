import { CreError, EffectError, type EffectFailure } from "../../../core/model/errors.ts";
import { addTo, epochSeconds, type Instant, instantOf } from "../../../core/model/instant.ts";
import { NoAnswer } from "../../clients/http/exchange.ts";

/** What a CA says of a request that it does not fulfil (RFC 7807, RFC 8555 6.7). */
export interface Problem {
  /** Without the `urn:ietf:params:acme:error:` in front. */
  readonly type: string;
  readonly detail: string;
  readonly parts: readonly { readonly name: string; readonly type: string; readonly detail: string }[];
}

/** The CA answered, and not with what was asked for. */
export class CaRefusal extends Error {
  readonly status: number;
  readonly problem: Problem | undefined;
  readonly retryAfter: string | undefined;

  constructor(status: number, problem: Problem | undefined, retryAfter: string | undefined) {
    super(`status ${status}`);
    this.name = "CaRefusal";
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** The CA answered with something that ACME does not know. */
export class StrangeAnswer extends Error {
  constructor(what: string) {
    super(what);
    this.name = "StrangeAnswer";
  }
}

/** What was asked, for the words of an error. */
export interface Asked {
  /** For people: the connection and the CA's host. */
  readonly label: string;
  /** Such as `order a certificate`. */
  readonly action: string;
  readonly isEffect: boolean;
  readonly now: Instant;
}

interface Words {
  readonly code: string;
  readonly problem: string;
  readonly fix: string;
  /** A person has to act first. */
  readonly final?: boolean;
}

const PREFIX = /^urn:ietf:params:acme:error:/;
const LONGEST_WORDS = 500;
/** No request has left yet when these happen. */
const BEFORE_SENDING = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const CERTIFICATE = /CERT|SIGNATURE|ISSUER|TLS|SSL/;

/** The problem document in a body, if it is one. */
export function problemIn(body: unknown): Problem | undefined {
  const { type, detail, subproblems } = fieldsOf(body);
  if (typeof type !== "string") return undefined;
  const parts = Array.isArray(subproblems) ? subproblems : [];
  return {
    type: type.replace(PREFIX, ""),
    detail: wordsOf(detail),
    parts: parts.map((part) => {
      const { type: kind, detail: words, identifier } = fieldsOf(part);
      const { value } = fieldsOf(identifier);
      return { name: wordsOf(value), type: wordsOf(kind).replace(PREFIX, ""), detail: wordsOf(words) };
    }),
  };
}

/** A problem on one line, with what is said of each name. */
export function problemText({ type, detail, parts }: Problem): string {
  const own = [type, detail].filter((words) => words !== "").join(": ");
  const each = parts.map((part) => `${part.name || "a name"}: ${part.detail || part.type}`);
  return [own, ...each].join("; ");
}

/** The error for whatever a conversation with the CA failed with. `settled`: nothing can have happened there. */
export function failureOf(error: unknown, asked: Asked, settled = false): unknown {
  if (error instanceof CreError) return error;
  if (error instanceof NoAnswer) return noAnswer(error, asked, settled);
  if (error instanceof CaRefusal) return refusal(error, asked);
  if (!(error instanceof StrangeAnswer)) return error;
  return failed(
    asked,
    settled ? "refused" : "unknown",
    {
      code: "acme-answer-malformed",
      problem: `${asked.label} did not answer as an ACME server to the wish to ${asked.action}`,
      fix: "check that `directory` is the address of the CA's ACME directory, and that no proxy answers in its place",
    },
    error.message,
  );
}

function failed(asked: Asked, outcome: EffectFailure, words: Words, evidence: string | undefined): CreError {
  const details = { fix: words.fix, ...(evidence === undefined ? {} : { evidence }) };
  return asked.isEffect
    ? new EffectError(outcome, words.code, words.problem, { ...details, retryable: words.final !== true })
    : new CreError(words.code, words.problem, details);
}

function noAnswer({ reason }: NoAnswer, asked: Asked, settled: boolean): CreError {
  const isTrust = CERTIFICATE.test(reason);
  const outcome = settled || isTrust || BEFORE_SENDING.test(reason) ? "refused" : "unknown";
  const words = isTrust
    ? {
        code: "acme-untrusted",
        problem: `the TLS certificate of ${asked.label} is not trusted`,
        fix: "give the CA bundle (PEM) of the directory's own certificate as `ca` of the connection",
      }
    : {
        code: "acme-unreachable",
        problem: `${asked.label} did not answer to the wish to ${asked.action}`,
        fix: "check `directory` of the connection, and that this runner reaches it",
      };
  return failed(asked, outcome, words, reason);
}

function refusal({ status, problem, retryAfter }: CaRefusal, asked: Asked): CreError {
  const evidence = problem === undefined ? `it answered with the status ${status}` : problemText(problem);
  if (status === 429 || problem?.type === "rateLimited") {
    const until = instantAfter(retryAfter, asked.now);
    return failed(
      asked,
      "refused",
      {
        code: "acme-rate-limited",
        problem: `${asked.label} takes no more requests of this kind for now`,
        fix:
          until === undefined ? "wait: it is tried again later" : `wait: the CA takes it again from ${until}`,
      },
      evidence,
    );
  }
  const known = KNOWN[problem?.type ?? ""];
  if (known !== undefined) {
    const { code, problem: what, fix, final } = known;
    const words = { code, problem: `${asked.label} ${what}`, fix, ...(final === true ? { final } : {}) };
    return failed(asked, "refused", words, evidence);
  }
  const isOwn = status >= 500 || problem?.type === "serverInternal";
  return failed(
    asked,
    isOwn ? "unknown" : "refused",
    {
      code: isOwn ? "acme-failed" : "acme-refused",
      problem: `${asked.label} ${isOwn ? "failed" : "refused"} to ${asked.action}`,
      fix: isOwn
        ? "nothing: it is tried again later; the CA's status page may say more"
        : "see what the CA says",
    },
    evidence,
  );
}

const KNOWN: Readonly<Record<string, Words>> = {
  accountDoesNotExist: {
    code: "acme-account-missing",
    problem: "does not know the account of this key",
    fix: "check the `accountKey` of the connection; an account is made by the first order where the connection says `termsOfServiceAgreed: true`",
    final: true,
  },
  externalAccountRequired: {
    code: "acme-eab-required",
    problem: "makes accounts only for customers that it knows",
    fix: "ask the CA for an external account, and give it as `eab` of the connection",
    final: true,
  },
  userActionRequired: {
    code: "acme-terms",
    problem: "wants a person to agree to its terms",
    fix: "open the address that the CA names, and agree there",
    final: true,
  },
  unauthorized: {
    code: "acme-unauthorized",
    problem: "refuses this account",
    fix: "check the account at the CA (deactivated? another one's order or certificate?), and `accountKey` and `eab` of the connection",
    final: true,
  },
  rejectedIdentifier: {
    code: "acme-name-refused",
    problem: "issues no certificate for one of these names",
    fix: "correct `names`, or take another CA",
    final: true,
  },
  unsupportedIdentifier: {
    code: "acme-name-refused",
    problem: "issues no certificate for names of this kind",
    fix: "correct `names`, or take another CA",
    final: true,
  },
  caa: {
    code: "acme-caa",
    problem: "may not issue for one of these names",
    fix: "add the CA to the CAA records of the name, or take a CA that they allow",
    final: true,
  },
  invalidProfile: {
    code: "acme-profile-unknown",
    problem: "does not know this profile",
    fix: "correct `profile`, or leave it out",
    final: true,
  },
  badPublicKey: {
    code: "acme-key-refused",
    problem: "takes no keys of this kind",
    fix: "choose another `keyType`; for the account, another key",
    final: true,
  },
  badSignatureAlgorithm: {
    code: "acme-key-refused",
    problem: "takes no account keys of this kind",
    fix: "make an account key of the type ECDSA P-256 or RSA 2048",
    final: true,
  },
  badCSR: {
    code: "acme-request-refused",
    problem: "refuses the certificate request",
    fix: "see what the CA says",
    final: true,
  },
};

/** The moment that a Retry-After header names, whether in seconds or as a date. */
function instantAfter(header: string | undefined, now: Instant): Instant | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,8}$/.test(header)) return addTo(now, Number(header));
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : instantOf(at / 1000);
}

/** Seconds until then, within bounds that a run can wait for. */
export function secondsUntil(header: string | undefined, now: Instant, fallback: number): number {
  const at = instantAfter(header, now);
  if (at === undefined) return fallback;
  return Math.min(30, Math.max(1, epochSeconds(at) - epochSeconds(now)));
}

function fieldsOf(value: unknown): Record<string, unknown> {
  // `as`: an object of JSON has string keys.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Words of the CA, as far as they can be shown on one line. */
function wordsOf(value: unknown): string {
  if (typeof value !== "string") return "";
  return value
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, LONGEST_WORDS);
}
