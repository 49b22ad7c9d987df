import type { Connection } from "../documents/connection.ts";
import type { Credential } from "../documents/credential.ts";
import type { Documents, Sourced } from "../documents/kinds.ts";
import type { Settings } from "../documents/settings.ts";
import { bookPath } from "../state/layout.ts";
import { withGoneTargets } from "./gone-targets.ts";
import { type TargetWorld, type Unsettled, unsettledTargets, wordsOf } from "./target-standing.ts";
import { hasTarget, keysOf, type Target, targetsOf } from "./targets.ts";

/** Documents as the runner may use them: every target in the form that is in force. */
export interface UsableDocuments {
  readonly documents: Documents;
  /** Commits that older forms are from. */
  readonly commits: readonly string[];
  /** Credentials of which nobody can say where their secrets may go, with the reason. */
  readonly refused: ReadonlyMap<string, string>;
}

/**
 * Puts every target that was changed, and whose change is not in force, back to its accepted form: whatever is still
 * done with such a credential, be it a look, a rollback or an emergency, is done with the old one. `former` gives the
 * documents of an older commit, if they can be read.
 */
export function usableDocuments(
  world: TargetWorld,
  former: (commit: string) => Documents | undefined,
): UsableDocuments {
  const { documents } = world;
  const unsettled = unsettledTargets(world);
  if (unsettled === "unknown") return { documents, commits: [], refused: allRefused(documents) };
  if (unsettled.size === 0) return { documents, commits: [], refused: new Map() };
  const credentials = new Map(documents.credentials);
  const connections = new Map(documents.connections);
  let settings = documents.settings;
  const targetsThen = new Map<Documents, ReadonlyMap<string, Target>>();
  const targetsIn = (then: Documents): ReadonlyMap<string, Target> => {
    const known = targetsThen.get(then) ?? targetsOf(then, world.sha256);
    targetsThen.set(then, known);
    return known;
  };
  const lost = new Map<string, Unsettled>();
  for (const [key, change] of unsettled) {
    const then = formerForm(change, former(change.accepted.commit), documents, targetsIn);
    const { name } = change.target.part;
    if (then === undefined) lost.set(key, change);
    if (change.target.part.kind === "Connection") {
      if (then?.connection === undefined) connections.delete(name);
      else connections.set(name, then.connection);
    } else if (change.target.part.kind === "Credential") {
      const now = credentials.get(name);
      if (now !== undefined && then?.credential !== undefined) {
        credentials.set(name, aimedLike(now, then.credential));
      }
    } else if (settings !== undefined) {
      settings = withCommand(settings, key.split(" ")[1] ?? "", then?.command);
    }
  }
  const commits = new Set([...unsettled.values()].map(({ accepted }) => accepted.commit));
  const refused = new Map(refusedBy(lost, documents));
  const known = world.state.books?.reviews?.targets ?? {};
  let usable: Documents = { ...documents, credentials, connections, settings };
  for (const [name, { document }] of credentials) {
    const present = documents.credentials.get(name)?.document ?? document;
    if (!keysOf(present, documents).some((key) => unsettled.has(key))) continue;
    const completed = withGoneTargets(document, usable, known, former, targetsIn);
    usable = completed.documents;
    for (const commit of completed.commits) commits.add(commit);
    if (completed.refusal !== undefined && !refused.has(name)) refused.set(name, completed.refusal);
  }
  return { documents: usable, commits: [...commits], refused };
}

interface FormerForm {
  readonly credential?: Credential;
  readonly connection?: Sourced<Connection>;
  readonly command?: readonly string[];
}

/** The accepted form out of the documents of then; undefined: they cannot be read, or say something else. */
function formerForm(
  { target, accepted }: Unsettled,
  then: Documents | undefined,
  documents: Documents,
  targetsIn: (then: Documents) => ReadonlyMap<string, Target>,
): FormerForm | undefined {
  if (then === undefined) return undefined;
  const { kind, name } = target.part;
  const names = [name, ...(documents.credentials.get(name)?.document.metadata.formerNames ?? [])];
  const keys = kind === "Credential" ? names.map((each) => `Credential ${each}`) : [target.key];
  const targets = targetsIn(then);
  const found = keys.find((key) => targets.get(key)?.digest === accepted.digest);
  const foundName = found?.split(" ")[1];
  if (foundName === undefined) return undefined;
  if (kind === "Connection") {
    const connection = then.connections.get(foundName);
    return connection === undefined ? undefined : { connection };
  }
  if (kind === "Credential") {
    const credential = then.credentials.get(foundName)?.document;
    return credential === undefined ? undefined : { credential };
  }
  const command = then.settings?.document.spec.commands?.[foundName];
  return command === undefined ? undefined : { command };
}

/** The document of today with the provider and the targets of then. */
function aimedLike(
  now: Sourced<Credential>,
  { spec: { provider, deliver } }: Credential,
): Sourced<Credential> {
  const { provider: _p, deliver: _d, ...spec } = now.document.spec;
  return {
    ...now,
    document: {
      ...now.document,
      spec: {
        ...spec,
        ...(provider === undefined ? {} : { provider }),
        ...(deliver === undefined ? {} : { deliver }),
      },
    },
  };
}

function withCommand(
  settings: Sourced<Settings>,
  name: string,
  command: readonly string[] | undefined,
): Sourced<Settings> {
  const { [name]: _, ...others } = settings.document.spec.commands ?? {};
  const commands = command === undefined ? others : { ...others, [name]: [...command] };
  return { ...settings, document: { ...settings.document, spec: { ...settings.document.spec, commands } } };
}

function refusedBy(lost: ReadonlyMap<string, Unsettled>, documents: Documents): ReadonlyMap<string, string> {
  const refused = new Map<string, string>();
  if (lost.size === 0) return refused;
  for (const [name, { document }] of documents.credentials) {
    const change = keysOf(document, documents)
      .map((key) => lost.get(key))
      .find((found) => found !== undefined);
    if (change !== undefined) refused.set(name, lostReason(change));
  }
  return refused;
}

function lostReason({ target, accepted, reason }: Unsettled): string {
  const what = wordsOf(target.key);
  return `${what} was changed (${reason}), and its accepted form cannot be read at ${accepted.commit}: take the change back, have it approved and wait until it is in force, or bring that commit back to the repository`;
}

function allRefused({ credentials }: Documents): ReadonlyMap<string, string> {
  const reason = `${bookPath("reviews")} cannot be read, so nobody can say which targets were accepted: restore it on the state branch by a commit, or update this program if a newer one wrote it`;
  return new Map(
    [...credentials].flatMap(([name, { document }]): [string, string][] =>
      hasTarget(document) ? [[name, reason]] : [],
    ),
  );
}
