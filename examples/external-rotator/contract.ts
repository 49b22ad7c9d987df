/** The words of the contract, and what a team implements for its own platform. The README has the whole of it. */

/** Names one issued secret: a new secret has a new attempt. Stored with the version that it marks. */
export interface Mark {
  readonly rotation: string;
  readonly attempt: string;
  /** Grows whenever another run takes over; an older run is refused by it. */
  readonly epoch: number;
}

/** One generation of an object's credential. Nothing in it is secret. */
export interface Version {
  readonly handle: string;
  readonly slot: string;
  readonly live: boolean;
  /** It could be made live again without a new secret. */
  readonly reactivatable: boolean;
  /** RFC 3339 with `Z`. */
  readonly createdAt: string;
  readonly mark: Mark | null;
  /** What people should see who must decide between versions. */
  readonly note?: string;
}

export interface Created {
  readonly handle: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
  /** Secret. */
  readonly parts: Readonly<Record<string, string>>;
}

export type LastUse =
  /** `at` is null where it was never used. `sampled`: only the present can be seen. */
  | { readonly known: true; readonly at: string | null; readonly sampled: boolean }
  | { readonly known: false; readonly why: string };

export interface Evidence {
  readonly place: string;
  readonly dead: boolean;
  readonly detail: string;
}

/**
 * A platform with credentials. Calls for one server come one after the other. What resolves must be durable: a process
 * that dies a moment later must find it there again. Optional methods are told to the runner, which plans with them.
 */
export interface Backend {
  /** Names of the parts that a new version has. */
  readonly parts: readonly string[];
  /** Those of them that are no secret. */
  readonly publicParts?: readonly string[];
  /** How many versions of an object there can be at once; 2 or more. */
  readonly slots: number;
  /** Everything that is there now, deactivated ones included; undefined: no such object. */
  versions(object: string): Promise<readonly Version[] | undefined>;
  /** Makes a version in this slot that carries the mark from its first moment on. */
  create(object: string, slot: string, mark: Mark): Promise<Created>;
  setMark(object: string, handle: string, mark: Mark): Promise<void>;
  /** Ends a version for good. */
  remove(object: string, handle: string): Promise<void>;
  /** Signs in with these parts. Must not count as use. */
  accepts(object: string, handle: string, parts: Readonly<Record<string, string>>): Promise<boolean>;
  /** Switches a version off or on, and leaves this mark: both in one change. */
  setLive?(object: string, handle: string, live: boolean, mark: Mark): Promise<void>;
  lastUse?(object: string, handle: string): Promise<LastUse>;
  /** Ends what a version minted since then; one line of proof per place. */
  contain?(object: string, handle: string, since: string): Promise<readonly Evidence[]>;
}

/**
 * A request that cannot be done. 4xx promises that nothing was changed, except 408, 409, 425 and 429, which leave it
 * open as every 5xx does. Neither text may hold a secret.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly fix: string | undefined;

  constructor(status: number, code: string, message: string, fix?: string) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.fix = fix;
  }
}
