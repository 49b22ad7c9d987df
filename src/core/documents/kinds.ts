import { Connection } from "./connection.ts";
import { Credential } from "./credential.ts";
import { Policy } from "./policy.ts";
import { Settings } from "./settings.ts";
import { Exception, Hold, Snooze } from "./waiver.ts";

/** The schema of each kind: the single source of types, validation and the published JSON Schemas. */
export const SCHEMAS = { Credential, Connection, Settings, Policy, Exception, Snooze, Hold } as const;

export type Kind = keyof typeof SCHEMAS;
export type Document = Credential | Connection | Settings | Policy | Exception | Snooze | Hold;

/** Which top-level folder a kind belongs to. */
export const FOLDER_OF: Readonly<Record<Kind, "registry" | "policies" | "exceptions">> = {
  Credential: "registry",
  Connection: "policies",
  Settings: "policies",
  Policy: "policies",
  Exception: "exceptions",
  Snooze: "exceptions",
  Hold: "exceptions",
};

/** A document with the place it was read from. Lines and columns count from 1. */
export interface Sourced<D extends Document = Document> {
  readonly document: D;
  readonly file: string;
  /** Line of the document's first key. */
  readonly line: number;
  /** Object id of the blob, when it was read from a commit. */
  readonly blob?: string;
}

/** Everything people wrote, valid and cross-checked, indexed by name. */
export interface Documents {
  readonly credentials: ReadonlyMap<string, Sourced<Credential>>;
  readonly connections: ReadonlyMap<string, Sourced<Connection>>;
  readonly policies: ReadonlyMap<string, Sourced<Policy>>;
  readonly exceptions: ReadonlyMap<string, Sourced<Exception>>;
  readonly snoozes: ReadonlyMap<string, Sourced<Snooze>>;
  readonly holds: ReadonlyMap<string, Sourced<Hold>>;
  readonly settings: Sourced<Settings> | undefined;
}

/** One thing wrong with a file, at its place. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}
