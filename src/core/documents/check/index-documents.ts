import { type Documents, FOLDER_OF, type Kind, type Sourced } from "../kinds.ts";
import { type Fault, placeKey } from "./fault.ts";
import { shown } from "./shown.ts";

/** A document that is there but cannot be used. */
export interface InvalidDocument {
  readonly kind: Kind;
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

export interface Indexed {
  readonly documents: Documents;
  readonly faults: readonly Fault[];
}

/**
 * Documents by kind and name. Where one name stands twice, or a kind that may stand once does, it is a fault of every
 * one after the first, and none of them is in the result: which one is meant cannot be known. So are documents in the
 * folder of another kind.
 */
export function indexDocuments(sources: readonly Sourced[]): Indexed {
  const faults: Fault[] = [];
  const firsts = new Map<string, Sourced>();
  const unusable = new Set<Sourced>();
  for (const source of sources) {
    const misplaced = folderFault(source);
    if (misplaced !== undefined) {
      faults.push(misplaced);
      unusable.add(source);
      continue;
    }
    const { kind, metadata } = source.document;
    const key = identityKey(kind, metadata.name);
    const first = firsts.get(key);
    if (first === undefined) {
      firsts.set(key, source);
      continue;
    }
    unusable.add(first).add(source);
    faults.push(duplicateFault(source, first));
  }
  const usable = sources.filter((source) => !unusable.has(source));
  return { documents: byKind(usable), faults };
}

/** All of them, kind by kind. */
export function documentsIn(documents: Documents): readonly Sourced[] {
  return [
    ...documents.credentials.values(),
    ...documents.connections.values(),
    ...documents.policies.values(),
    ...documents.exceptions.values(),
    ...documents.snoozes.values(),
    ...documents.holds.values(),
    ...(documents.settings === undefined ? [] : [documents.settings]),
  ];
}

/** The documents without those at these places (`placeKey`). */
export function withoutDocuments(documents: Documents, gone: ReadonlySet<string>): Documents {
  if (gone.size === 0) return documents;
  return byKind(documentsIn(documents).filter((source) => !gone.has(placeKey(source))));
}

/** What a document is known by; Settings is one document, whatever its name. */
export function identityKey(kind: Kind, name: string): string {
  return kind === "Settings" ? kind : `${kind} ${name}`;
}

function duplicateFault(source: Sourced, first: Sourced): Fault {
  const { kind, metadata } = source.document;
  const at = `${first.file}:${first.line}`;
  if (kind === "Settings") {
    return {
      source,
      path: ["kind"],
      code: "settings-twice",
      message: `there is more than one Settings document; the first is at ${at}`,
      fix: "keep one and move the rest into it",
    };
  }
  return {
    source,
    path: ["metadata", "name"],
    code: "name-twice",
    message: `the ${kind} ${shown(metadata.name)} is already there, at ${at}`,
    fix: "give one of them another name, or remove it",
  };
}

function folderFault(source: Sourced): Fault | undefined {
  const { kind } = source.document;
  const folder = FOLDER_OF[kind];
  if (source.file.startsWith(`${folder}/`)) return undefined;
  return {
    source,
    path: ["kind"],
    code: "wrong-folder",
    message: `a ${kind} belongs into ${folder}/, whose owners review it`,
    fix: `move the document to a file below ${folder}/`,
  };
}

function byKind(sources: readonly Sourced[]): Documents {
  const maps = {
    Credential: new Map<string, Sourced>(),
    Connection: new Map<string, Sourced>(),
    Policy: new Map<string, Sourced>(),
    Exception: new Map<string, Sourced>(),
    Snooze: new Map<string, Sourced>(),
    Hold: new Map<string, Sourced>(),
    Settings: new Map<string, Sourced>(),
  };
  for (const source of sources) maps[source.document.kind].set(source.document.metadata.name, source);
  // Each map holds just the documents whose `kind` is its key.
  return {
    credentials: maps.Credential,
    connections: maps.Connection,
    policies: maps.Policy,
    exceptions: maps.Exception,
    snoozes: maps.Snooze,
    holds: maps.Hold,
    settings: [...maps.Settings.values()][0],
  } as Documents;
}
