import type { Credential } from "../documents/credential.ts";
import type { Documents } from "../documents/kinds.ts";
import type { TargetFact } from "../state/review-book.ts";
import { wordsOf } from "./target-standing.ts";
import { sharedKeysOf, type Target } from "./targets.ts";

/** Documents with what a credential uses and they lack. */
export interface Completed {
  readonly documents: Documents;
  /** Commits that it is from. */
  readonly commits: readonly string[];
  /** Why it cannot be brought back. */
  readonly refusal: string | undefined;
}

/**
 * Brings back the connections and commands that a credential in its accepted form uses and that were removed together
 * with the change, in the form that was accepted of them: it is still rotated there, if it must be.
 */
export function withGoneTargets(
  credential: Credential,
  present: Documents,
  known: Readonly<Record<string, TargetFact>>,
  former: (commit: string) => Documents | undefined,
  targetsIn: (then: Documents) => ReadonlyMap<string, Target>,
): Completed {
  let documents = present;
  const commits = new Set<string>();
  for (;;) {
    const key = sharedKeysOf(credential, documents).find((one) => isMissing(one, documents) && known[one]);
    const accepted = known[key ?? ""]?.accepted;
    if (key === undefined || accepted === undefined) {
      return { documents, commits: [...commits], refusal: undefined };
    }
    const then = former(accepted.commit);
    const isThere = then !== undefined && targetsIn(then).get(key)?.digest === accepted.digest;
    const completed = isThere ? withTarget(key, documents, then) : undefined;
    if (completed === undefined) {
      const refusal = `${wordsOf(key)} was removed, and its accepted form cannot be read at ${accepted.commit}: bring it back, or have the change of the credential approved and wait until it is in force`;
      return { documents, commits: [...commits], refusal };
    }
    commits.add(accepted.commit);
    documents = completed;
  }
}

function isMissing(key: string, { connections, settings }: Documents): boolean {
  const [kind, name = ""] = key.split(" ");
  if (kind === "Connection") return !connections.has(name);
  return settings?.document.spec.commands?.[name] === undefined;
}

function withTarget(key: string, documents: Documents, then: Documents): Documents | undefined {
  const [kind, name = ""] = key.split(" ");
  if (kind === "Connection") {
    const connection = then.connections.get(name);
    if (connection === undefined) return undefined;
    return { ...documents, connections: new Map(documents.connections).set(name, connection) };
  }
  const command = then.settings?.document.spec.commands?.[name];
  const settings = documents.settings ?? then.settings;
  if (command === undefined || settings === undefined) return undefined;
  const commands = { ...documents.settings?.document.spec.commands, [name]: command };
  const spec = { ...documents.settings?.document.spec, commands };
  return { ...documents, settings: { ...settings, document: { ...settings.document, spec } } };
}
