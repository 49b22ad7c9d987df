import type { SecretRef } from "../documents/common.ts";
import type { ConnectionSecretRef } from "../documents/stored-secret.ts";
import type { Instant } from "../model/instant.ts";
import type { Secret } from "../model/secret.ts";

/** The time of this machine. Read once per evaluation and once per stamp, never inside pure code. */
export interface Clock {
  now(): Instant;
}

/** Cryptographically strong randomness; tests inject a deterministic one. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** A UUIDv7 (RFC 9562) whose time is the clock's. */
  uuid(): string;
}

/** Lower-case hex SHA-256 of UTF-8 text. */
export type Sha256 = (text: string) => string;

/** Lower-case hex HMAC-SHA-256 over UTF-8 text. */
export type HmacSha256 = (key: Secret, text: string) => string;

/** A reference to a secret outside git: a variable of the runner, a file on its host, or a store that it can read. */
export type SecretReference = ConnectionSecretRef;

/**
 * Resolves references to the runner's own secrets. Rejects with a CreError that names the variable or file, never
 * the value. `present` reads nothing but existence, and takes a store to have what is asked for.
 */
export interface SecretSource {
  read(reference: SecretReference): Promise<Secret>;
  present(reference: SecretReference): boolean;
}

/** The part of a SecretSource that needs nothing but this host. */
export interface LocalSecretSource {
  read(reference: SecretRef): Promise<Secret>;
  present(reference: SecretRef): boolean;
}

/** Waits so many seconds; resolves early when the signal is aborted. */
export type Pause = (seconds: number, signal: AbortSignal) => Promise<void>;

/** Progress for people, on standard error. Never receives a secret; the implementation redacts what it knows. */
export interface Progress {
  step(message: string, facts?: Readonly<Record<string, string | number>>): void;
  warn(message: string, facts?: Readonly<Record<string, string | number>>): void;
}
