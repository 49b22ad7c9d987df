import type { Instant } from "../model/instant.ts";

/** Public facts of one X.509 certificate (RFC 5280). Never a key. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Subject alternative names: DNS names in lower case, and addresses. */
  readonly names: readonly string[];
  /** Lower-case hex, without leading zeros of the encoding. */
  readonly serial: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  readonly keyType: "rsa" | "ec" | "ed25519" | "ed448" | "dsa" | "other";
  /** Modulus or curve size in bits, where there is one. */
  readonly keyBits?: number;
  readonly signature: string;
  /** Lower-case hex SHA-256 of the SubjectPublicKeyInfo: equal for two certificates of one key. */
  readonly spki: string;
  /** Lower-case hex SHA-256 of the whole certificate: its public handle. */
  readonly fingerprint: string;
  /** Basic constraints say that it may sign others. */
  readonly isAuthority: boolean;
}
