import type { ChannelKindName, ChannelSpec } from "../documents/channel.ts";
import type { Level } from "../evaluate/finding.ts";
import type { Instant } from "../model/instant.ts";
import type { Clock, LocalSecretSource, Progress } from "./runtime.ts";

/**
 * Why an alert is told now. `answered`: somebody has taken it on (snoozed it, say), so that a pager stops calling;
 * the problem itself goes on.
 */
export type Occasion = "new" | "raised" | "escalated" | "reminder" | "answered" | "recovered";

/** One alert as data. Texts are people's or made of theirs: every channel encodes them for its own sink. */
export interface Alert {
  /** First 16 hex; the same violation has the same one at all times: for deduplication, and `cre explain`. */
  readonly fingerprint: string;
  readonly occasion: Occasion;
  readonly level: Exclude<Level, "none">;
  /** Code of the finding, or of what the watch over the enforcer itself saw. */
  readonly code: string;
  /** The credential; undefined: it is about the repository or the enforcer. */
  readonly credential: string | undefined;
  readonly service: string | undefined;
  readonly team: string | undefined;
  /** The problem with its evidence, in one sentence. */
  readonly message: string;
  readonly fix: string;
  /** Since when, as far as this runner knows. */
  readonly since: Instant;
  readonly dueAt: Instant | undefined;
  /** Web address of its issue or its document. */
  readonly url: string | undefined;
}

/** What one channel is told at once. */
export interface Message {
  /** Stays the same when the same message is sent again, for channels that can tell. */
  readonly id: string;
  readonly kind: "immediate" | "digest";
  /** Highest among its alerts; undefined: nothing but recoveries. */
  readonly level: Exclude<Level, "none"> | undefined;
  /** Name of the repository, for the headline. */
  readonly place: string;
  /** Most urgent first. */
  readonly alerts: readonly Alert[];
  /** Alerts beyond those, by level: a message has bounds. */
  readonly more: Readonly<Partial<Record<Exclude<Level, "none">, number>>>;
  /** Recoveries beyond those that are listed; absent: none. */
  readonly moreRecovered?: number;
  readonly at: Instant;
  /** Web address of the dashboard, where there is one. */
  readonly url: string | undefined;
}

/** Who gets it, where the channel's own settings do not say: the owning team. */
export interface Recipient {
  readonly mail?: string;
  readonly slack?: string;
}

/** Code of the EffectError of a channel that told some of its recipients: told again, those would hear it twice. */
export const PARTLY_TOLD = "channel-recipients";

/** A place for alerts. */
export interface Channel {
  /** For people: kind and place, nothing secret. */
  readonly label: string;
  /** Whether it can reach this recipient. */
  reaches(recipient: Recipient): boolean;
  /**
   * Sends one message, all or nothing as far as the service allows. Rejects with EffectError: `refused` promises that
   * nobody was told, `retryable: false` that trying again is in vain. Bounded by the signal; nothing is tried again here.
   */
  send(message: Message, recipient: Recipient | undefined, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What a channel gets from its surroundings. */
export interface ChannelPorts {
  readonly clock: Clock;
  readonly secrets: LocalSecretSource;
  readonly progress: Pick<Progress, "warn">;
  /** A file of the repository at the commit of the settings; undefined when there is none. */
  readFile(path: string): Promise<Uint8Array | undefined>;
}

/** A kind of channel; loads its libraries when it is first bound. */
export interface ChannelKind {
  readonly kind: ChannelKindName;
  /** Reads the runner's secrets; rejects with a CreError that names a missing one, never its value. No network. */
  bind(name: string, spec: ChannelSpec, ports: ChannelPorts): Promise<Channel>;
}
