import type { Instant } from "../model/instant.ts";

/**
 * Where the signatures of a served chain lead, whatever the dates say: each certificate of the path was verified with
 * the key of the next. Positions count in the order in which the server sent them; the leaf is 0.
 */
export interface PathFacts {
  /** From the leaf upwards. */
  readonly positions: readonly number[];
  /**
   * `trusted`: the last one is, or was signed by, a root that is trusted here. `completed`: that is so only with
   * certificates that the server did not send. `self-signed`: the last one signed itself, and nobody trusts it here.
   * `unknown-issuer`: who signed the last one was neither sent nor found.
   */
  readonly end: "trusted" | "completed" | "self-signed" | "unknown-issuer";
  /** Sent as well, and lead on from the path: to another root, or to the same one in another way. */
  readonly beside?: readonly number[];
  /** Subject of the trusted root. */
  readonly root?: string;
  /** Subjects of what the server should have sent, from the leaf's side. */
  readonly missing?: readonly string[];
}

/** A certificate that its issuer has revoked. */
export interface Revoked {
  readonly position: number;
  readonly at: Instant;
  /** Of RFC 5280, such as keyCompromise. */
  readonly reason?: string;
  readonly by: "OCSP" | "CRL";
}
