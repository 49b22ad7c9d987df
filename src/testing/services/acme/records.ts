import type { JsonWebKey } from "node:crypto";
import type { IssuedLeaf } from "./authority.ts";

/** What the stand-in keeps. */
export interface AccountRecord {
  readonly id: string;
  readonly jwk: JsonWebKey;
  status: "valid" | "deactivated";
}

export interface AuthorizationRecord {
  readonly id: string;
  readonly account: AccountRecord;
  readonly name: string;
  readonly wildcard: boolean;
  readonly token: string;
  status: "pending" | "valid" | "invalid";
  /** The challenge that was answered, and what became of it. */
  chosen?: { readonly type: string; status: "processing" | "valid" | "invalid"; error?: object };
}

export interface OrderRecord {
  readonly id: string;
  readonly account: AccountRecord;
  readonly names: readonly string[];
  readonly authorizations: readonly AuthorizationRecord[];
  readonly profile: string | undefined;
  readonly replaces: string | undefined;
  readonly expires: Date;
  /** Looks that it stays in processing. */
  working: number;
  certificate?: CertificateRecord;
  error?: object;
}

export interface CertificateRecord extends IssuedLeaf {
  readonly id: string;
  readonly account: AccountRecord;
  readonly names: readonly string[];
  readonly renewalId: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  revoked?: number;
}

/** Where an order stands follows from its parts. */
export function statusOf(order: OrderRecord): string {
  if (order.error !== undefined) return "invalid";
  if (order.authorizations.some(({ status }) => status === "invalid")) return "invalid";
  if (order.certificate !== undefined) return order.working > 0 ? "processing" : "valid";
  return order.authorizations.every(({ status }) => status === "valid") ? "ready" : "pending";
}
