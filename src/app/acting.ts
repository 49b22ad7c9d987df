import type { Selectors } from "../core/evaluate/select.ts";
import type { Instant } from "../core/model/instant.ts";
import type { Secret } from "../core/model/secret.ts";
import type { Clock, Progress } from "../core/ports/runtime.ts";
import type { RunReport } from "../runner/run-report.ts";

export type { RunReport } from "../runner/run-report.ts";

/** What every command with effects is told by the command line. */
export interface ActingContext {
  /** Root of the repository, absolute. */
  readonly repo: string;
  readonly progress: Progress;
  /** Aborted by SIGINT and SIGTERM: no new effect starts, state is pushed within 5 s, exit 4. */
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The person or workflow that runs the command, for the trail. */
  readonly actor: string;
  /** Default: the clock of this machine. */
  readonly clock?: Clock;
  /** Told every form of each secret that the command reads or makes, before anything is done with it. */
  readonly mask?: (form: string) => void;
}

export interface RunOptions {
  readonly zone?: string;
  /** Only credentials that these choose. */
  readonly selectors?: Selectors;
}

export interface RotateOptions {
  readonly credential: string;
  /** A value a person made, or the JSON object of several parts: `cre rotate NAME --value-stdin`. */
  readonly value?: Secret;
  readonly zone?: string;
}

export interface IncidentOptions {
  readonly credential: string;
  readonly reason: string;
  readonly revokeFirst: boolean;
  /** Goes on until every old version is dead; prints one line of evidence per place. */
  readonly wait: boolean;
  readonly zone?: string;
}

export interface HoldOptions {
  /** Credentials that are held; `all` for every one. */
  readonly credentials: readonly string[] | "all";
  readonly until: Instant;
  readonly reason: string;
}

export interface ReleaseOptions {
  /** Id of a hold or an incident, or the name of the only one that is in force for it. */
  readonly id: string;
  readonly reason: string;
}

export interface RequestOptions {
  readonly verb: "retry" | "rollback" | "proceed";
  readonly credential: string;
  readonly reason: string;
}

/**
 * The commands with effects. Each reads documents from the fetched tip of the default branch, never the work tree,
 * and records on the state branch. Expected failures are in the report; a CreError is thrown only when nothing could
 * be said or done at all (no repository, remote unreachable).
 */
export interface Acting {
  runScheduled(options: RunOptions): Promise<RunReport>;
  rotateOne(options: RotateOptions): Promise<RunReport>;
  declareIncident(options: IncidentOptions): Promise<RunReport>;
  pressHold(options: HoldOptions): Promise<RunReport>;
  release(options: ReleaseOptions): Promise<RunReport>;
  request(options: RequestOptions): Promise<RunReport>;
}
