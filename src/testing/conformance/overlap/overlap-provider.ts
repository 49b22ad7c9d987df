/** In place of an answer: the connection is closed, an error, or nothing ever. */
export type Interruption = "lost" | "error" | "hang";

/** Hears of each request that changes something at the provider, before and after it happens, and may interrupt it. */
export type Hear = (write: string, side: "before" | "after") => Interruption | undefined;

/** A provider where two versions live beside each other, for one credential of an estate. */
export interface OverlapProvider {
  /** The credential's type; default `api-key`. */
  readonly type?: string;
  /** What the document says under `provider`, and the connection under `spec`, in YAML on one line. */
  readonly provider: string;
  readonly connection: string;
  /** Further connections that the provider names, by name. */
  readonly others?: Readonly<Record<string, string>>;
  /** The object that the document names. */
  readonly object: string;
  /** Variables of the runner. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The parts that the consumer was installed with. */
  readonly first: Readonly<Record<string, string>>;
  /** The part that is secret. */
  readonly secretPart: string;
  /** It cannot tell whether a version is in use; default: it can. */
  readonly tellsUse?: false;
  /** So many times as seldom as others its consumer logs in, where a login takes more than a moment. */
  readonly seldom?: number;
  /** Logs in; rejects where the version is refused. */
  signIn(parts: Readonly<Record<string, string>>): Promise<void>;
  /** Every version of the object, as an administrator sees it. */
  versions(): Promise<readonly { readonly handle: string; readonly live: boolean }[]>;
  /** What belongs to somebody else there; must stay as it is. */
  strangers(): Promise<unknown>;
  /** undefined: nobody hears. */
  listen(hear: Hear | undefined): void;
  stop(): Promise<void>;
}

/** Makes one with an object of its own, which has one version. `clock`: milliseconds since 1970 of the estate. */
export type OpenProvider = (name: string, clock: () => number) => Promise<OverlapProvider>;
