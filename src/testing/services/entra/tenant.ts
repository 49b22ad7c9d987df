import type { KeyObject } from "node:crypto";
import { randomBytes, randomUUID } from "node:crypto";

/** A client secret as Entra has it. */
export interface StoredPassword {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly secretText: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** To so many sign-ins it is not known yet. */
  notYet: number;
}

/** What a workflow's token must say to sign in as an application. */
export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

export interface StoredApplication {
  readonly appId: string;
  readonly signInAudience: string;
  tags: readonly string[];
  passwords: readonly StoredPassword[];
  /** Ids of the applications whose service principals own this one. */
  readonly owners: Set<string>;
  /** Application permissions that were granted to its service principal. */
  readonly granted: Set<string>;
  readonly federated: FederatedCredential[];
  hasServicePrincipal: boolean;
  isEnabled: boolean;
}

/** What the tenant's application management policy allows of new client secrets. */
export interface SecretPolicy {
  readonly forbidden?: true;
  /** Seconds. */
  readonly maxLifetime?: number;
}

/** A token that the authority gave. */
export interface GivenToken {
  readonly appId: string;
  readonly scope: string;
  readonly until: number;
}

export interface Tenant {
  readonly id: string;
  readonly applications: Map<string, StoredApplication>;
  readonly tokens: Map<string, GivenToken>;
  /** Last sign-in by key id, in milliseconds since 1970. */
  readonly signIns: Map<string, { readonly appId: string; readonly at: number }>;
  readonly issuers: Map<string, KeyObject>;
  policy: SecretPolicy;
  /** Reports need a licence. */
  isPremium: boolean;
}

export function newTenant(): Tenant {
  return {
    id: randomUUID(),
    applications: new Map(),
    tokens: new Map(),
    signIns: new Map(),
    issuers: new Map(),
    policy: {},
    isPremium: true,
  };
}

export function newApplication(signInAudience = "AzureADMyOrg"): StoredApplication {
  return {
    appId: randomUUID(),
    signInAudience,
    tags: [],
    passwords: [],
    owners: new Set(),
    granted: new Set(),
    federated: [],
    hasServicePrincipal: true,
    isEnabled: true,
  };
}

/** Graph cuts longer names (reference of keyCredential). */
const LONGEST_NAME = 90;

export function newPassword(
  now: number,
  { displayName, end, notYet = 0 }: { displayName?: string | null; end?: string; notYet?: number },
): StoredPassword {
  return {
    keyId: randomUUID(),
    displayName: displayName?.slice(0, LONGEST_NAME) ?? null,
    // As Entra makes them: 40 characters, three of them in the middle always the same.
    secretText: `${randomBytes(3).toString("hex").slice(0, 3)}8Q~${randomBytes(26).toString("base64url").slice(0, 34)}`,
    startDateTime: graphDate(now),
    endDateTime: end ?? graphDate(now + 2 * 365 * 86_400_000),
    notYet,
  };
}

/** With a fraction of seven digits, as Graph writes the present. */
export function graphDate(time: number): string {
  return new Date(time).toISOString().replace(/\.(\d{3})Z$/, ".$14242Z");
}
