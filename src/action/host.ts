import type { Instant } from "../core/model/instant.ts";
import type { Job } from "./job.ts";
import type { InputReader } from "./settings.ts";

/** What the action needs from the process that runs it. */
export interface ActionHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where paths of inputs begin. */
  readonly workspace: string;
  readonly read: InputReader;
  /** Text of the file with the event; undefined: there is none. */
  readonly event: string | undefined;
  readonly job: Job;
  /** Aborted when the workflow is cancelled. */
  readonly signal: AbortSignal;
  readonly now: () => Instant;
}
