import { Secret } from "../../../core/model/secret.ts";
import { exchange, NoAnswer } from "../http/exchange.ts";
import { serverWords } from "../http/server-words.ts";

/** A code of Microsoft Entra says more than the code of RFC 6749 beside it. */
const AADSTS = /\bAADSTS\d{4,9}\b/;
const ERROR_CODE = /^[\x21\x23-\x5b\x5d-\x7e]{1,80}$/;
/** What a header may carry: an RFC 6750 token. */
const BEARER_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** How the client proves who it is: its secret in the body (RFC 6749, 2.3.1), or a signed assertion (RFC 7523). */
export type ClientProof = { readonly clientSecret: Secret } | { readonly clientAssertion: Secret };

export type TokenRequest = ClientProof & {
  readonly tokenUrl: URL;
  readonly clientId: string;
  readonly scope?: string;
  /** PEM: the only authorities that may vouch for the server. */
  readonly ca?: string | undefined;
};

export type TokenAnswer = TokenGranted | TokenRefused;

export interface TokenGranted {
  readonly ok: true;
  readonly accessToken: Secret;
  /** Seconds that the token lives, where the server says so. */
  readonly expiresIn: number | undefined;
}

export interface TokenRefused {
  readonly ok: false;
  /**
   * An AADSTS number or an error code of RFC 6749 (`invalid_client`); `no-answer`, `malformed` or `http-STATUS` where
   * the server did not say so.
   */
  readonly code: string;
  /** In the server's words as far as they are short, plain and quote no secret; never a secret. */
  readonly message: string;
  /** The status of the answer; undefined: there was none. */
  readonly status: number | undefined;
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number | undefined;
}

/**
 * One request for a token by client credentials (RFC 6749, 4.4), sent once and followed nowhere. Never rejects for what
 * the server does, nor for the lack of an answer: that is `ok: false` with the code `no-answer`.
 */
export async function requestToken(request: TokenRequest, signal: AbortSignal): Promise<TokenAnswer> {
  const { tokenUrl, clientId, scope, ca } = request;
  const proof = "clientSecret" in request ? request.clientSecret : request.clientAssertion;
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    ...(scope === undefined ? {} : { scope }),
    ...("clientSecret" in request
      ? { client_secret: proof.reveal() }
      : {
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          client_assertion: proof.reveal(),
        }),
  });
  const headers = { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" };
  const path = `${tokenUrl.pathname}${tokenUrl.search}`;
  try {
    const answer = await exchange(
      tokenUrl,
      ca,
      { method: "POST", path, headers, body: form.toString() },
      signal,
    );
    const retryAfter = secondsIn(answer.header("retry-after"));
    const fields = fieldsOf(answer.body);
    return answer.status === 200
      ? granted(fields)
      : { ...refused(fields, answer.status, proof), status: answer.status, retryAfter };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return { ok: false, code: "no-answer", message: error.reason, status: undefined, retryAfter: undefined };
  }
}

/** The value of the `Authorization` header for this token (RFC 6750). */
export function bearer(token: Secret): string {
  return `Bearer ${token.reveal()}`;
}

/** A token that cannot stand in a header, or is of a kind that needs more than itself, is of no use to anybody. */
function granted(fields: Fields): TokenAnswer {
  const { access_token: token, token_type: type, expires_in: expires } = fields;
  const isBearer = typeof type === "string" && type.toLowerCase() === "bearer";
  if (typeof token !== "string" || !BEARER_TOKEN.test(token) || !isBearer) {
    return malformed(200, "the answer has no bearer token");
  }
  // Some servers write the number as a text.
  const seconds = typeof expires === "string" ? Number(expires) : expires;
  const isCount = typeof seconds === "number" && Number.isSafeInteger(seconds) && seconds >= 0;
  return { ok: true, accessToken: new Secret(token), expiresIn: isCount ? seconds : undefined };
}

function refused(
  { error, error_description: description }: Fields,
  status: number,
  proof: Secret,
): Pick<TokenRefused, "ok" | "code" | "message"> {
  const said = typeof description === "string" ? serverWords(description, [proof]) : undefined;
  const aadsts = typeof description === "string" ? AADSTS.exec(description)?.[0] : undefined;
  const code = typeof error === "string" && ERROR_CODE.test(error) ? serverWords(error, [proof]) : undefined;
  return {
    ok: false,
    code: aadsts ?? code ?? `http-${status}`,
    message: said ?? `the server answered with the status ${status} and no reason that can be shown`,
  };
}

function malformed(status: number, message: string): TokenRefused {
  return { ok: false, code: "malformed", message, status, retryAfter: undefined };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(body: Buffer): Fields {
  try {
    const answer: unknown = JSON.parse(body.toString("utf8"));
    return typeof answer === "object" && answer !== null ? { ...answer } : {};
  } catch {
    return {};
  }
}

/** A number of seconds; dates are not read, which nobody sends here. */
export function secondsIn(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}
