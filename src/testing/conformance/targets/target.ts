import type { AwsTestLogin } from "../../services/aws/aws-service.ts";
import type { Description } from "../../services/github/description.ts";
import type { KubernetesServer } from "../../services/kubernetes/kubernetes-server.ts";

export type Parts = Readonly<Record<string, string>>;

/** What the runner asks of a target that changes something there. */
export type Phase = "stage" | "promote" | "abort" | "push";

/**
 * What becomes of such a request. It is refused, answered with an error, or its connection is closed before anything
 * happened (`lost`); or it happens, and then the connection is closed (`lostAfter`) or stays silent (`hangAfter`).
 */
export type Trouble = "refused" | "error" | "lost" | "lostAfter" | "hangAfter";

/** Every request for this phase ends so. */
export interface Disturbance {
  readonly phase: Phase;
  readonly trouble: Trouble;
}

/** Attempts that a target has, as an administrator sees it. */
export interface Attempts {
  readonly current: string | undefined;
  readonly pending: string | undefined;
}

/** One place where consumers read the credential. It begins with the key that people had put there. */
export interface Target {
  readonly kind: string;
  /** What people know it by: is in every message about it. */
  readonly mentioned: string;
  /** The document's entry, and connections with their names, in YAML on one line each. */
  readonly entry: string;
  readonly connections: Readonly<Record<string, string>>;
  /** Variables of the runner. */
  readonly secrets: Readonly<Record<string, string>>;
  /** `Settings.commands`. */
  readonly commands?: Readonly<Record<string, readonly string[]>>;
  /** The key that a consumer finds here now. */
  current(): Promise<Parts>;
  /** What waits here; undefined where nothing does. */
  attempts(): Promise<Attempts>;
  /** From now on, until there is none. */
  disturb(how: Disturbance | undefined): void;
  /** How many requests were disturbed. */
  disturbed(): number;
  /** Somebody puts the value from before the last promotion back, by hand: this one. */
  putBack(before: Parts): Promise<void>;
  /** Makes it unfit for a delivery in one of the ways of its kind. */
  spoil(how: string): Promise<void>;
  /** Ends what `spoil` did. */
  mend(): Promise<void>;
  stop(): Promise<void>;
}

/** What a target needs of its surroundings. */
export interface TargetContext {
  /** Of the credential. */
  readonly name: string;
  /** A folder of the credential's own. */
  readonly folder: string;
  /** The key that people had made. */
  readonly first: Parts;
  /** Milliseconds since 1970 of the estate. */
  readonly clock: () => number;
  /** With what the runner signs in to AWS. */
  readonly login: AwsTestLogin;
  readonly shared: SharedServices;
  /** Told every secret that arrives. */
  readonly seen: Set<string>;
}

export type OpenTarget = (context: TargetContext) => Promise<Target>;

/** What takes long to start, once for a test file. */
export interface SharedServices {
  readonly kubernetes: KubernetesServer;
  readonly github: Description;
}
