import type { CommittedFiles } from "../../adapters/store/committed-files.ts";
import type { DeclaredSource } from "../../core/discovery/declared-sources.ts";
import type { ConnectionSpec } from "../../core/documents/connection.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import { CreError } from "../../core/model/errors.ts";
import type { Secret } from "../../core/model/secret.ts";
import type { DiscoverySource } from "../../core/ports/discovery.ts";
import type { Clock, LocalSecretSource, Pause, Progress } from "../../core/ports/runtime.ts";
import { globMatches } from "../../core/text/glob.ts";
import type { SourceDesk } from "../../runner/ports.ts";
import { DISCOVERY_SOURCES, rotatorOf } from "../catalogue.ts";
import { reasonElsewhere, withTheirStores } from "../connections.ts";
import { withStores } from "./stored-secrets.ts";

/** What sources are opened with. */
export interface SourceSurroundings {
  readonly clock: Clock;
  readonly secrets: LocalSecretSource;
  /** Told of a secret that a store gave, to keep it out of what people see. */
  readonly keepOut: (secret: Secret) => void;
  readonly pause: Pause;
  readonly progress: Progress;
  readonly zone?: string;
  /** Files of the repository at the commit that the documents are of; undefined: there is none. */
  readonly files: () => Promise<CommittedFiles | undefined>;
}

/** Files that a source may be given, so that a pattern that matches everything does not fill the memory. */
const MOST_FILES = 2000;

/** The declared sources of these documents, each opened with its connections, its secrets and its files. */
export function sourceDesk(
  documents: Documents,
  surroundings: SourceSurroundings,
  kinds: readonly DiscoverySource[] = DISCOVERY_SOURCES,
): SourceDesk {
  const connection = (name: string): ConnectionSpec => {
    const found = documents.connections.get(name)?.document.spec;
    if (found !== undefined) return found;
    throw new CreError("connection-missing", `no document describes the connection ${name}`, {
      fix: "add the Connection, or name another one in the source",
    });
  };
  const identityOf = (name: string): string => identityIn(documents, name);
  const byIdentity = new Map([...documents.credentials.keys()].map((name) => [identityOf(name), name]));
  const { clock, pause, progress, zone } = surroundings;
  const secrets = withStores(surroundings.secrets, { connection, keepOut: surroundings.keepOut });
  return {
    nameOf: (identity) => byIdentity.get(identity),
    elsewhere: (source) => {
      const named = kindOf(source, kinds)?.connections(entryOf(source)) ?? [];
      return reasonElsewhere(withTheirStores(named, documents), documents, zone);
    },
    open: async (source) => {
      const kind = kindOf(source, kinds);
      if (kind === undefined) {
        throw new CreError("source-unsupported", `this version cannot look at ${source.kind}`);
      }
      const entry = entryOf(source);
      const { paths, texts } = await filesFor(kind, entry, documents, surroundings);
      return kind.open(entry, {
        clock,
        secrets,
        pause,
        progress,
        documents,
        connection,
        identityOf,
        trackedFiles: () => paths,
        readFile: (path) => {
          const text = texts.get(path);
          if (text !== undefined) return text;
          throw new CreError(
            "file-missing",
            `the documents name the file ${path}, which is not in the repository`,
            {
              fix: "commit the file, or correct the path",
            },
          );
        },
      });
    },
  };
}

function kindOf({ kind }: DeclaredSource, kinds: readonly DiscoverySource[]): DiscoverySource | undefined {
  return kinds.find((known) => known.kind === kind);
}

/** What stands under the source's kind key. */
function entryOf({ kind, entry }: DeclaredSource): unknown {
  return Reflect.get(entry, kind);
}

/** The rotator's identity; a credential without a rotator is known by its document alone. */
function identityIn({ credentials, connections }: Documents, name: string): string {
  const credential = credentials.get(name)?.document;
  const rotator = credential === undefined ? undefined : rotatorOf(credential);
  if (credential === undefined || rotator === undefined) return `document ${name}`;
  return rotator.identity(credential.spec, (wanted) => connections.get(wanted)?.document.spec);
}

/** Read beforehand: CA bundles and known hosts of connections, inventories of hosts, and what the source asks for. */
async function filesFor(
  kind: DiscoverySource,
  entry: unknown,
  documents: Documents,
  { files }: SourceSurroundings,
): Promise<{ readonly paths: readonly string[]; readonly texts: ReadonlyMap<string, string> }> {
  const committed = await files();
  if (committed === undefined) return { paths: [], texts: new Map() };
  const patterns = (kind.files?.(entry) ?? []).map((pattern) => pattern.replaceAll(/\*+\/?/g, "*"));
  const asked = committed.paths.filter((path) => patterns.some((pattern) => globMatches(pattern, path)));
  const named = kind.connections(entry).flatMap((name) => {
    const spec = documents.connections.get(name)?.document.spec ?? {};
    return filesIn(spec, ["ca", "knownHosts"]);
  });
  const inventories = [...documents.credentials.values()].flatMap(
    ({ document }) => document.spec.provider?.["authorized-keys"]?.inventory?.file ?? [],
  );
  const own = filesIn(entry, ["file"]);
  const wanted = new Set([...named, ...own, ...inventories, ...asked.slice(0, MOST_FILES)]);
  return { paths: committed.paths, texts: await committed.read([...wanted]) };
}

/** Paths that stand under one of these keys, however deep. */
function filesIn(part: unknown, keys: readonly string[]): readonly string[] {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => {
    if (typeof value === "string") return keys.includes(key) ? [value] : [];
    return filesIn(value, keys);
  });
}
