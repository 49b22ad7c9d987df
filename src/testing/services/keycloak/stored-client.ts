import { randomBytes, randomUUID } from "node:crypto";
import type { RotationPolicy } from "./keycloak-server.ts";

/** A client as Keycloak stores it: the fields of its representation, and attributes apart. */
export interface StoredClient {
  readonly fields: Map<string, unknown>;
  readonly attributes: Map<string, string>;
}

const DEFAULTS = {
  enabled: true,
  clientAuthenticatorType: "client-secret",
  redirectUris: [],
  webOrigins: [],
  notBefore: 0,
  bearerOnly: false,
  consentRequired: false,
  standardFlowEnabled: true,
  implicitFlowEnabled: false,
  directAccessGrantsEnabled: false,
  serviceAccountsEnabled: false,
  publicClient: false,
  frontchannelLogout: false,
  protocol: "openid-connect",
  fullScopeAllowed: true,
};

/** Makes a client of this representation; the policy, if any, gives its secret an end. */
export function createClient(
  representation: Readonly<Record<string, unknown>>,
  policy: RotationPolicy | undefined,
  now: number,
): StoredClient {
  const { attributes, ...fields } = representation;
  const client: StoredClient = {
    fields: new Map(Object.entries({ id: randomUUID(), ...DEFAULTS, ...fields })),
    attributes: new Map([["realm_client", "false"]]),
  };
  mergeAttributes(client, attributes);
  if (client.fields.get("publicClient") !== true && !client.fields.has("secret")) {
    client.fields.set("secret", generated());
    client.attributes.set(CREATED, String(now));
  }
  act(client, policy, now);
  return client;
}

/**
 * A change by PUT: fields that are not there stay, except for the authorization settings. Where the feature is on and no
 * policy in force, what belongs to the rotation goes.
 */
export function updateClient(
  client: StoredClient,
  { attributes, ...fields }: Readonly<Record<string, unknown>>,
  { policy, hasFeature }: { readonly policy: RotationPolicy | undefined; readonly hasFeature: boolean },
  now: number,
): void {
  for (const [name, value] of Object.entries(fields)) {
    if (name !== "id" && value !== null) client.fields.set(name, value);
  }
  if (fields["authorizationServicesEnabled"] !== true) client.fields.delete("authorizationServicesEnabled");
  mergeAttributes(client, attributes);
  act(client, policy, now);
  if (policy !== undefined || !hasFeature) return;
  for (const name of [ROTATED, ROTATED_CREATED, ROTATED_END, END]) client.attributes.delete(name);
}

/** A new secret; under a policy the former one goes on beside it. */
export function regenerate(client: StoredClient, policy: RotationPolicy | undefined, now: number): string {
  const former = client.fields.get("secret");
  const secret = generated();
  client.fields.set("secret", secret);
  client.attributes.set(CREATED, String(now));
  if (policy === undefined) {
    for (const name of [ROTATED, ROTATED_CREATED, ROTATED_END, END]) client.attributes.delete(name);
    return secret;
  }
  setBeside(client, String(former), policy, now);
  client.attributes.set(END, String(now + policy.expiration));
  return secret;
}

export function dropRotated(client: StoredClient): void {
  for (const name of [ROTATED, ROTATED_CREATED, ROTATED_END]) client.attributes.delete(name);
}

/** Whether this secret signs in now. */
export function takes(client: StoredClient, secret: string, hasFeature: boolean, now: number): boolean {
  if (client.fields.get("enabled") !== true || client.fields.get("publicClient") === true) return false;
  const { attributes } = client;
  const end = Number(attributes.get(END) ?? Number.POSITIVE_INFINITY);
  if (client.fields.get("secret") === secret) return !hasFeature || end >= now;
  return (
    hasFeature &&
    attributes.has(ROTATED_CREATED) &&
    attributes.get(ROTATED) === secret &&
    Number(attributes.get(ROTATED_END) ?? "0") >= now
  );
}

/** As the admin API shows it. */
export function shownClient({ fields, attributes }: StoredClient, canManage: boolean): object {
  return {
    ...Object.fromEntries(fields),
    attributes: Object.fromEntries(attributes),
    access: { view: true, configure: canManage, manage: canManage },
  };
}

const CREATED = "client.secret.creation.time";
const END = "client.secret.expiration.time";
export const ROTATED = "client.secret.rotated";
const ROTATED_CREATED = "client.secret.rotated.creation.time";
const ROTATED_END = "client.secret.rotated.expiration.time";

/** What the policy's executor does after a client was made or changed. */
function act(client: StoredClient, policy: RotationPolicy | undefined, now: number): void {
  if (policy === undefined || client.fields.get("publicClient") === true) return;
  const end = client.attributes.get(END);
  if (end !== undefined && Number(end) < now) {
    setBeside(client, String(client.fields.get("secret")), policy, now);
    client.fields.set("secret", generated());
    client.attributes.set(CREATED, String(now));
    client.attributes.delete(END);
  }
  if (!client.attributes.has(END)) client.attributes.set(END, String(now + policy.expiration));
}

/** A client that signs in under a policy for the first time gets an end for its secret. */
export function actOnLogin(client: StoredClient, policy: RotationPolicy | undefined, now: number): void {
  if (policy !== undefined && !client.attributes.has(END)) {
    client.attributes.set(END, String(now + policy.expiration));
  }
}

function setBeside(client: StoredClient, secret: string, policy: RotationPolicy, now: number): void {
  if (policy.rotatedExpiration <= 0) return dropRotated(client);
  client.attributes.set(ROTATED, secret);
  client.attributes.set(ROTATED_CREATED, String(now));
  client.attributes.set(ROTATED_END, String(now + policy.rotatedExpiration));
}

/** Empty and null remove an attribute; those that are not named stay. */
function mergeAttributes({ attributes }: StoredClient, changes: unknown): void {
  if (typeof changes !== "object" || changes === null) return;
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") attributes.delete(name);
    else attributes.set(name, String(value));
  }
}

function generated(): string {
  return randomBytes(43).toString("hex");
}
