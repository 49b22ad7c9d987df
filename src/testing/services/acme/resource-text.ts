import { type AuthorizationRecord, type OrderRecord, statusOf } from "./records.ts";

/** An order as RFC 8555 7.1.3 has it. */
export function orderText(base: string, order: OrderRecord): object {
  const status = statusOf(order);
  return {
    status,
    expires: order.expires.toISOString(),
    identifiers: order.names.map((value) => ({ type: "dns", value })),
    authorizations: order.authorizations.map(({ id }) => `${base}/authz/${id}`),
    finalize: `${base}/order/${order.id}/finalize`,
    ...(order.error === undefined ? {} : { error: order.error }),
    ...(status === "valid" ? { certificate: `${base}/cert/${order.certificate?.id}` } : {}),
  };
}

/** The same for an authorization (7.1.4). */
export function authorizationText(base: string, authorization: AuthorizationRecord): object {
  const { name, wildcard, status } = authorization;
  const types = wildcard ? ["dns-01"] : ["http-01", "dns-01", "tls-alpn-01"];
  return {
    identifier: { type: "dns", value: name },
    status,
    ...(wildcard ? { wildcard } : {}),
    challenges: types.map((type) => challengeText(base, authorization, type)),
  };
}

/** The same for a challenge (7.1.5). */
export function challengeText(
  base: string,
  { id, token, chosen }: AuthorizationRecord,
  type: string,
): object {
  const own = chosen?.type === type ? chosen : undefined;
  return {
    type,
    url: `${base}/challenge/${id}/${type}`,
    token,
    status: own?.status ?? "pending",
    ...(own?.error === undefined ? {} : { error: own.error }),
  };
}
