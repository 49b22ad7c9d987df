/** What has to be seen for one name, so that the CA takes its owner for ours. */
export interface ChallengeTask {
  /** Without `*.`. */
  readonly name: string;
  readonly token: string;
  /** What a file must hold (RFC 8555 8.3). Public. */
  readonly keyAuthorization: string;
  /** Name and value of a TXT record (RFC 8555 8.4). Public. */
  readonly record: { readonly name: string; readonly value: string };
}

/** `spreading`: it was put there, but cannot be seen everywhere yet: it stays for the next attempt. */
export type Visibility = "visible" | "spreading";

/** One way to answer a CA's challenges. */
export interface ChallengeWay {
  readonly type: "http-01" | "dns-01";
  /** Whether it can be put there, known without doing it. Rejects with a CreError. */
  preflight(signal: AbortSignal): Promise<void>;
  /**
   * Puts everything there, beside what others have, and says whether the CA can see it. Idempotent. Rejects with an
   * EffectError.
   */
  put(tasks: readonly ChallengeTask[], signal: AbortSignal): Promise<Visibility>;
  /** Takes away what `put` may have left, and nothing else. Idempotent: absent is success. */
  drop(tasks: readonly ChallengeTask[], signal: AbortSignal): Promise<void>;
  /** Lets go of connections. */
  close?(): void;
}
