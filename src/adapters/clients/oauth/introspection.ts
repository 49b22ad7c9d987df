import type { Secret } from "../../../core/model/secret.ts";
import { exchange, NoAnswer } from "../http/exchange.ts";

export interface IntrospectionRequest {
  readonly introspectionUrl: URL;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** PEM: the only authorities that may vouch for the server. */
  readonly ca?: string | undefined;
}

export type ClientVerdict =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly status: number | undefined; readonly message: string };

/**
 * Whether a server takes this secret for the client's: asks it about a token that nobody has (RFC 7662). Mints nothing,
 * and works for clients that may not get a token for themselves. Never rejects for what the server does.
 */
export async function authenticatesClient(
  { introspectionUrl: url, clientId, clientSecret, ca }: IntrospectionRequest,
  signal: AbortSignal,
): Promise<ClientVerdict> {
  const body = new URLSearchParams({
    token: "none",
    client_id: clientId,
    client_secret: clientSecret.reveal(),
  }).toString();
  const headers = { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" };
  const path = `${url.pathname}${url.search}`;
  try {
    const { status, body: answered } = await exchange(
      url,
      ca,
      { method: "POST", path, headers, body },
      signal,
    );
    if (status === 200 && saysInactive(answered)) return { accepted: true };
    return { accepted: false, status, message: `the introspection was answered with the status ${status}` };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return { accepted: false, status: undefined, message: error.reason };
  }
}

function saysInactive(body: Buffer): boolean {
  try {
    const answer: unknown = JSON.parse(body.toString("utf8"));
    return typeof answer === "object" && answer !== null && "active" in answer && answer.active === false;
  } catch {
    return false;
  }
}
