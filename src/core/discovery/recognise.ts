import { claimsOf } from "../documents/check/provider-identity.ts";
import type { Credential } from "../documents/credential.ts";
import type { Documents, Sourced } from "../documents/kinds.ts";
import { compareText } from "../evaluate/order.ts";
import type { SightingFact } from "../state/discovery-book.ts";
import type { StateFacts } from "../state/facts.ts";
import type { Status } from "../state/status.ts";

/** What the registry and its records know, by what a sighting can be recognised by. */
export interface Recognition {
  /** The credential that a sighting is; undefined: nobody registered it. */
  readonly credentialOf: (fact: SightingFact) => string | undefined;
  /** The name that a credential bears now; undefined: it is not registered any more. */
  readonly nameNow: (name: string) => string | undefined;
}

/** Kinds whose handles name one thing wherever it is seen. A role or a secret of the same name elsewhere is another one. */
const UNIQUE: ReadonlySet<string> = new Set<SightingFact["kind"]>([
  "aws-access-key",
  "tls-certificate",
  "ssh-key",
]);

/**
 * Recognises by public handle first, of versions of any age (also one that soaks is ours), then by the object at the
 * provider that a document names; never by a name that merely looks alike.
 */
export function recognise(documents: Documents, statuses: StateFacts["statuses"]): Recognition {
  const byHandle = new Map<string, string>();
  const byClaim = new Map<string, string>();
  const names = new Map<string, string>();
  const sorted = [...documents.credentials].toSorted(([a], [b]) => compareText(a, b));
  for (const [name, source] of sorted) {
    names.set(name, name);
    for (const handle of handlesOf(source.document, statuses.get(name))) putFirst(byHandle, handle, name);
    for (const identity of identitiesOf(source, documents)) putFirst(byClaim, identity, name);
  }
  for (const [name, { document }] of sorted) {
    for (const former of document.metadata.formerNames ?? []) putFirst(names, former, name);
  }
  const nameNow = (name: string): string | undefined => names.get(name);
  return {
    nameNow,
    credentialOf: (fact) => {
      const { means } = fact;
      const known = byHandle.get(publicName(fact));
      return known ?? (means === undefined ? undefined : nameNow(means)) ?? byClaim.get(claimOf(fact));
    },
  };
}

/** Whether a handle names one thing wherever it is seen. */
export function isUnique({ kind }: Pick<SightingFact, "kind">): boolean {
  return UNIQUE.has(kind);
}

/** What a document may write as `handle` to mean this: the handle, where that is no name that others have, too, else the place. */
export function publicName(fact: Pick<SightingFact, "kind" | "handle" | "place">): string {
  return isUnique(fact) ? fact.handle : fact.place;
}

/** Public handles of a credential's versions, also of those that it is about to get or got rid of. */
export function handlesOf({ spec }: Credential, status: Status | undefined): readonly string[] {
  const { rotation, served, versions = [] } = status ?? {};
  return [
    ...(spec.handle === undefined ? [] : [spec.handle]),
    ...versions.map(({ handle }) => handle),
    ...(rotation?.attempt?.handle === undefined ? [] : [rotation.attempt.handle]),
    ...(rotation?.ended ?? []).map(({ handle }) => handle),
    ...(served?.places ?? []).flatMap(({ chains }) =>
      chains.flatMap(({ chain }) => (chain[0] === undefined ? [] : [`SHA256:${chain[0]}`])),
    ),
  ];
}

/** The role without the attempt that set its password. */
export function roleOf(handle: string): string {
  return handle.replace(/@[0-9a-f]{12}$/, "");
}

function identitiesOf({ document }: Sourced<Credential>, { connections }: Documents): readonly string[] {
  const { provider, handle } = document.spec;
  return provider === undefined
    ? []
    : claimsOf(provider, handle, connections).map(({ identity }) => identity);
}

/** What was registered since the look: its place says which document is about it. */
function claimOf({ kind, place }: SightingFact): string {
  switch (kind) {
    case "postgresql-login":
      return `postgresql/${place}`;
    case "aws-access-key":
      return `aws-iam/${place}`;
    default:
      return "";
  }
}

function putFirst(map: Map<string, string>, key: string, name: string): void {
  if (!map.has(key)) map.set(key, name);
}
