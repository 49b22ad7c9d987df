/**
 * What is known about an external effect after it was tried.
 * `refused` means definitely not applied; `unknown` means ask the probe, never assume.
 */
export type EffectFailure = "refused" | "unknown";

/**
 * An expected failure, told to people as it stands. `problem` says what is wrong, `evidence` what was seen (never a
 * secret), `fix` what to do. Bugs are ordinary errors and are not of this class.
 */
export class CreError extends Error {
  readonly code: string;
  readonly evidence: string | undefined;
  readonly fix: string | undefined;

  constructor(
    code: string,
    problem: string,
    details: { evidence?: string; fix?: string; cause?: unknown } = {},
  ) {
    super(problem, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "CreError";
    this.code = code;
    this.evidence = details.evidence;
    this.fix = details.fix;
  }

  /** Problem, evidence and fix on one line each. */
  describe(): string {
    return [this.message, this.evidence, this.fix && `Fix: ${this.fix}`].filter(Boolean).join("\n");
  }
}

/**
 * A rotator or delivery call that failed. `outcome: refused` is a promise that nothing was changed; every doubt is
 * `unknown`. `retryable: false` parks the rotation at once (a person must act: missing right, foreign mark).
 * `underWay: true`: the target is still at it, and the same call again only goes on waiting.
 */
export class EffectError extends CreError {
  readonly outcome: EffectFailure;
  readonly retryable: boolean;
  readonly underWay: boolean;

  constructor(
    outcome: EffectFailure,
    code: string,
    problem: string,
    details: {
      evidence?: string;
      fix?: string;
      cause?: unknown;
      retryable?: boolean;
      underWay?: boolean;
    } = {},
  ) {
    super(code, problem, details);
    this.name = "EffectError";
    this.outcome = outcome;
    this.retryable = details.retryable ?? true;
    this.underWay = details.underWay ?? false;
  }
}
