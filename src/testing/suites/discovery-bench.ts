import { readFileSync } from "node:fs";
import { readDocuments } from "../../adapters/documents/read-documents.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import { CreError } from "../../core/model/errors.ts";
import { type Instant, instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import type { DiscoveryPorts, ScanEnd, Sighting, SourcePart } from "../../core/ports/discovery.ts";

/** The time of every look in tests: that of certificates which are made for them. */
export const LOOKED_AT: Instant = instantOf(Date.now() / 1000);

export interface DiscoveryWorld {
  /** Documents as people write them: connections and settings, credentials. */
  readonly policies: string;
  readonly registry?: string;
  /** Variables of the runner. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Files of the repository that git tracks. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface DiscoveryWatch {
  readonly ports: DiscoveryPorts;
  /** Seconds that were waited, one after the other. */
  readonly pauses: readonly number[];
  readonly told: readonly string[];
}

/** What a run gives to sources; the identity of a credential is `identity of NAME`. */
export function discoveryPorts({
  policies,
  registry = "",
  secrets = {},
  files = {},
}: DiscoveryWorld): DiscoveryWatch {
  const documents = documentsIn(policies, registry);
  const pauses: number[] = [];
  const told: string[] = [];
  const tell = (message: string): void => void told.push(message);
  return {
    pauses,
    told,
    ports: {
      clock: { now: () => LOOKED_AT },
      secrets: {
        present: (reference) => "env" in reference && secrets[reference.env] !== undefined,
        read: async (reference) => new Secret(("env" in reference && secrets[reference.env]) || ""),
      },
      pause: async (seconds) => void pauses.push(seconds),
      progress: { step: tell, warn: tell },
      documents,
      connection: (name) => {
        const found = documents.connections.get(name);
        if (found === undefined) throw new CreError("connection-unknown", `there is no connection ${name}`);
        return found.document.spec;
      },
      identityOf: (name) => `identity of ${name}`,
      readFile: (path) => {
        const text = files[path];
        if (text === undefined) throw new CreError("file-missing", `there is no file ${path}`);
        return text;
      },
      trackedFiles: () => Object.keys(files).toSorted(),
    },
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function documentsIn(policies: string, registry: string): Documents {
  const { documents, problems } = readDocuments([
    { path: "policies/all.yaml", bytes: bytes(policies) },
    ...(registry === "" ? [] : [{ path: "registry/all.yaml", bytes: bytes(registry) }]),
  ]);
  if (problems.length > 0) throw new Error(JSON.stringify(problems, null, 2));
  return documents;
}

/** A Connection as people write it. */
export function connectionText(name: string, spec: string): string {
  return `apiVersion: cre/v1\nkind: Connection\nmetadata: { name: ${name} }\nspec: { ${spec} }\n---\n`;
}

/** A Credential as people write it, with what matters for a source. */
export function credentialText(name: string, type: string, rest: string): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: ${type}
  service: orders
  owner: { team: orders, contact: orders@example.com }
  createdAt: 2026-01-15
  method: manual
  access: []
${rest}
---
`;
}

/** One look at one part, from its beginning or where another one ended. */
export interface Looked {
  readonly sightings: readonly Sighting[];
  readonly end: ScanEnd;
}

export async function lookAt(
  part: SourcePart,
  options: { readonly cursor?: string; readonly enough?: () => boolean; readonly signal?: AbortSignal } = {},
): Promise<Looked> {
  const sightings: Sighting[] = [];
  const { cursor, enough, signal = new AbortController().signal } = options;
  const end = await part.scan(cursor, (sighting) => void sightings.push(sighting), signal, enough);
  return { sightings, end };
}

/** Each of these problems begins or has this in it. */
export function problemsOf({ end }: Looked): string {
  return end.problems.join("\n");
}

/** A file of this repository. */
export function exampleText(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}
