import { CreError, EffectError, type EffectFailure } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import type { ExchangeAnswer, NoAnswer } from "../../clients/http/exchange.ts";
import { serverWords } from "../../clients/http/server-words.ts";
import type { TokenRefused } from "../../clients/oauth/token-request.ts";

/** What errors say of a request: all of it public. */
export interface Asked {
  /** For people: the client and the connection. */
  readonly place: string;
  readonly connection: string;
  readonly realm: string;
  readonly clientId: string;
  /** What was tried, as in "could not …". */
  readonly doing: string;
  /** It is part of an effect: its failure says whether something may have been changed. */
  readonly isEffect: boolean;
  /** It changes something itself. */
  readonly changes: boolean;
}

interface Details {
  readonly evidence?: string | undefined;
  readonly fix?: string;
  readonly retryable?: boolean;
}

/** No request has left yet when these happen. */
const BEFORE_SENDING = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const TLS = /CERT|SIGNATURE|ISSUER|TLS|SSL/;
/** Answers of the 4xx that do not say that nothing was done. */
const DOUBTFUL: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** An error of the kind that the request may reject with. */
export function failed(
  { isEffect, changes, place, doing }: Asked,
  outcome: EffectFailure,
  code: string,
  { evidence, ...rest }: Details = {},
): CreError {
  const details = { ...rest, ...(evidence === undefined ? {} : { evidence }) };
  const problem = `could not ${doing}: ${place}`;
  if (!isEffect) return new CreError(code, problem, details);
  return new EffectError(changes ? outcome : "refused", code, problem, details);
}

/** Nothing came back, or not all of it. */
export function noAnswer({ reason }: NoAnswer, asked: Asked): CreError {
  if (BEFORE_SENDING.test(reason)) {
    const fix = `check the url of the connection ${asked.connection}, and that this runner reaches it`;
    return failed(asked, "refused", "unreachable", { evidence: reason, fix });
  }
  if (TLS.test(reason)) {
    const fix = `check the certificate of Keycloak and the \`ca\` of the connection ${asked.connection}`;
    return failed(asked, "refused", "certificate", { evidence: reason, fix });
  }
  return failed(asked, "unknown", "no-answer", {
    evidence: reason,
    fix: asked.changes ? "nothing: the next run asks what is there" : "nothing: the next run asks again",
  });
}

/** The error for a status that is no success. `sent`: secrets that the words of the server must not quote. */
export function statusFailure(answer: ExchangeAnswer, asked: Asked, sent: readonly Secret[]): CreError {
  const { status } = answer;
  const said = saidIn(answer.body);
  const words = said === undefined ? undefined : serverWords(said, sent);
  const evidence = `Keycloak answered with the status ${status}${words === undefined ? "" : `: ${words}`}`;
  if (status === 401) {
    const fix = `check what the client of the connection ${asked.connection} may do, and that its token is for this server`;
    return failed(asked, "refused", "login-refused", { evidence, fix });
  }
  if (status === 403) {
    return failed(asked, "refused", "permission-missing", {
      evidence,
      fix: `let the client of the connection ${asked.connection} view and manage the client ${asked.clientId} (.github/docs/keycloak-client.md)`,
      retryable: false,
    });
  }
  if (status === 404) return notFound(said, evidence, asked);
  if (status === 429) {
    return failed(asked, "unknown", "throttled", { evidence, fix: "nothing: the next run tries again" });
  }
  if (status >= 300 && status < 400) {
    const fix = "write the address that it redirects to into the connection: redirects are not followed";
    return failed(asked, "unknown", "redirect", { evidence, fix });
  }
  if (status >= 400 && status < 500 && !DOUBTFUL.has(status)) {
    const fix = "look into Keycloak's log, and at the realm's client policies";
    return failed(asked, "refused", "refused", { evidence, fix });
  }
  return failed(asked, "unknown", "keycloak-failed", {
    evidence,
    fix: "look into Keycloak's log; the next run asks again",
  });
}

function notFound(said: string | undefined, evidence: string, asked: Asked): CreError {
  if (said !== undefined && /realm/i.test(said)) {
    const fix = `correct \`realm\`, or the url of the connection ${asked.connection}`;
    return failed(asked, "refused", "realm-missing", { evidence, fix, retryable: false });
  }
  if (said !== undefined && /client/i.test(said)) {
    return failed(asked, "refused", "client-missing", {
      evidence,
      fix: "find out who deleted it (admin events of the realm)",
      retryable: false,
    });
  }
  return failed(asked, "refused", "not-keycloak", {
    evidence,
    fix: `correct the url of the connection ${asked.connection}: older servers have /auth at its end`,
  });
}

/** The answer is not what Keycloak answers: it proves nothing. */
export function strange(asked: Asked, evidence: string): CreError {
  return failed(asked, "unknown", "malformed", {
    evidence,
    fix: `check that the url of the connection ${asked.connection} leads to Keycloak itself, and not to a login page or proxy`,
  });
}

/** The runner's own client gets no token. Nothing was asked of the client yet. */
export function loginFailure(refusal: TokenRefused, asked: Asked): CreError {
  const { code, message, status } = refusal;
  const own: Asked = { ...asked, doing: `sign in as the client of keycloak ${asked.connection}` };
  const evidence = `${code}: ${message}`;
  if (code === "no-answer") {
    const told = { evidence: message, fix: "" };
    if (BEFORE_SENDING.test(message)) {
      told.fix = `check the url of the connection ${asked.connection}, and that this runner reaches it`;
      return failed(own, "refused", "unreachable", told);
    }
    told.fix = TLS.test(message)
      ? `check the certificate of Keycloak and the \`ca\` of the connection ${asked.connection}`
      : "nothing: the next run tries again";
    return failed(own, "refused", TLS.test(message) ? "certificate" : "login-unanswered", told);
  }
  if (status === 404) {
    const fix = `correct \`realm\` and \`url\` of the connection ${asked.connection}; older servers have /auth at the end of their url`;
    return failed(own, "refused", "realm-missing", { evidence, fix });
  }
  if (status === 429) {
    return failed(own, "refused", "throttled", { evidence, fix: "nothing: the next run tries again" });
  }
  if (status === 400 || status === 401) {
    const fix = `check clientId, realm and secret of the connection ${asked.connection}: a confidential client with a service account, in that realm`;
    return failed(own, "refused", "login-refused", { evidence, fix });
  }
  return failed(own, "refused", "login-unanswered", {
    evidence,
    fix: `check that the url of the connection ${asked.connection} leads to Keycloak itself, and look into its log`,
  });
}

/** What Keycloak says in one of its fields for that. */
function saidIn(body: Buffer): string | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString("utf8"));
    if (typeof answer !== "object" || answer === null) return undefined;
    const fields: Readonly<Record<string, unknown>> = { ...answer };
    const said = [fields["errorMessage"], fields["error_description"], fields["error"]].find(
      (field) => typeof field === "string",
    );
    return typeof said === "string" ? said : undefined;
  } catch {
    return undefined;
  }
}
