import { Secret } from "../../../core/model/secret.ts";
import { notedHandle, readNote, type SlotNote } from "./note.ts";
import { isSameSecret } from "./secret-text.ts";
import type { Site } from "./site.ts";

/** One of a client's two secrets. Times are seconds since 1970. */
export interface Placed {
  readonly secret: Secret;
  readonly note: SlotNote | undefined;
  /** When it was made; in the rotated slot: when it came there. */
  readonly since: number | undefined;
  /** When Keycloak takes it no more. */
  readonly end: number | undefined;
}

/** A client as Keycloak shows it. */
export interface Sight {
  /** Keycloak's own id. */
  readonly id: string;
  readonly enabled: boolean;
  /** It may get a token for itself. */
  readonly serviceAccount: boolean;
  /** Why it has no secret that could be rotated, in words; undefined: it has one. */
  readonly unfit: string | undefined;
  /** A change that does not repeat this deletes the client's authorization settings. */
  readonly authorization: boolean | undefined;
  /** The runner may change it, as far as Keycloak says so. */
  readonly manageable: boolean;
  readonly notBefore: number;
  /** Seconds that its access tokens live, where the client has a setting of its own. */
  readonly tokenLife: number | undefined;
  readonly contained: string | undefined;
  /** Handles that our notes are about, also of secrets that somebody has replaced since. */
  readonly noted: readonly string[];
  readonly current: Placed | undefined;
  /** Undefined also where it is the same secret as the current one, or has no end, which Keycloak takes for over. */
  readonly rotated: Placed | undefined;
}

export const CURRENT_NOTE = "cre.current";
export const ROTATED_NOTE = "cre.rotated";
export const CONTAINED = "cre.contained";

/** Reads the client by its client id. Rejects with a CreError, an EffectError where it is part of an effect. */
export async function readClient(
  site: Pick<Site, "api" | "provider">,
  isEffect: boolean,
  signal: AbortSignal,
): Promise<Sight | undefined> {
  const { clientId } = site.provider;
  const request = { method: "GET", doing: "read", isEffect } as const;
  const path = `/clients?clientId=${encodeURIComponent(clientId)}`;
  const answer = await site.api.send({ ...request, path }, signal);
  if (!Array.isArray(answer)) throw site.api.strange(request, "a list of clients that is no list");
  const found = answer.map(fieldsOf).filter((fields) => fields?.["clientId"] === clientId);
  if (found.length === 0 && answer.length === 0) return undefined;
  const [client] = found;
  const id = client?.["id"];
  if (client === undefined || found.length > 1 || typeof id !== "string" || !/^[\w.~-]{1,64}$/.test(id)) {
    throw site.api.strange(request, "a list of clients without the one that was asked for");
  }
  return sightOf(client, id);
}

type Fields = Readonly<Record<string, unknown>>;

function sightOf(client: Fields, id: string): Sight {
  const attributes = fieldsOf(client["attributes"]) ?? {};
  const texts = [CURRENT_NOTE, ROTATED_NOTE].map((name) => textOf(attributes[name]));
  const placed = (text: unknown, since: string, end: string): Placed | undefined => {
    if (typeof text !== "string" || text === "") return undefined;
    const secret = new Secret(text);
    const note = texts.map((each) => readNote(each, id, secret)).find((each) => each !== undefined);
    return { secret, note, since: countOf(attributes[since]), end: countOf(attributes[end]) };
  };
  const current = placed(client["secret"], "client.secret.creation.time", "client.secret.expiration.time");
  const rotated = placed(
    attributes["client.secret.rotated"],
    "client.secret.rotated.creation.time",
    "client.secret.rotated.expiration.time",
  );
  const isCopy =
    current !== undefined && rotated !== undefined && isSameSecret(current.secret, rotated.secret);
  const { authorizationServicesEnabled, notBefore } = client;
  return {
    id,
    enabled: client["enabled"] !== false,
    serviceAccount: client["serviceAccountsEnabled"] === true,
    unfit: unfitness(client),
    authorization:
      typeof authorizationServicesEnabled === "boolean" ? authorizationServicesEnabled : undefined,
    manageable: fieldsOf(client["access"])?.["manage"] !== false,
    notBefore: typeof notBefore === "number" && Number.isSafeInteger(notBefore) ? notBefore : 0,
    tokenLife: countOf(attributes["access.token.lifespan"]),
    contained: textOf(attributes[CONTAINED]),
    noted: texts.map(notedHandle).filter((handle) => handle !== undefined),
    current,
    rotated: isCopy || rotated?.end === undefined ? undefined : rotated,
  };
}

function unfitness(client: Fields): string | undefined {
  if (client["publicClient"] === true) return "it is a public client, which has no secret";
  if (client["bearerOnly"] === true) return "it is bearer-only, so that nobody signs in with it";
  const { protocol = "openid-connect", clientAuthenticatorType: way = "client-secret" } = client;
  if (protocol !== "openid-connect") return "it is no OpenID Connect client";
  if (way !== "client-secret") return "its Client Authenticator is not «Client Id and Secret»";
  return undefined;
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Attributes are texts, whatever they are about. */
function countOf(value: unknown): number | undefined {
  return typeof value === "string" && /^\d{1,12}$/.test(value) ? Number(value) : undefined;
}
