import { problemText } from "../../../core/discovery/problem-text.ts";
import { registeredCredentials } from "../../../core/discovery/registered.ts";
import type { KubernetesDiscovery } from "../../../core/documents/discovery.ts";
import { CreError } from "../../../core/model/errors.ts";
import { parseInstant } from "../../../core/model/instant.ts";
import type {
  DiscoveryPorts,
  DiscoverySource,
  OwnerHint,
  ScanEnd,
  Sighting,
  SourcePart,
} from "../../../core/ports/discovery.ts";
import { plainLine } from "../../../core/text/plain-line.ts";
import { type ApiCall, type ApiClient, createApiClient } from "../../clients/kubernetes/api-client.ts";
import { apiFailure, strangeAnswer } from "../../clients/kubernetes/api-failure.ts";
import { listOf, objectOf, textOf } from "../../clients/kubernetes/api-object.ts";

const TYPE = "kubernetes.io/tls";
const LIMIT_SECONDS = 30;
const PAGE = 250;
/** A namespace has a few dozen of them: whoever has more pages than this goes on for ever. */
const MOST_PAGES = 40;
const LONGEST = 200;
/** Annotations and labels by which people and tools say what a Secret is, and whose. */
const FACTS: Readonly<Record<string, string>> = {
  "cert-manager.io/certificate-name": "certificate",
  "cert-manager.io/issuer-name": "issuer",
  "cert-manager.io/common-name": "common name",
  "cert-manager.io/alt-names": "names",
};
const OWNER = /(^|\/)(owner|team|contact|part-of|app|name|instance)$/i;

/**
 * Secrets of type kubernetes.io/tls in namespaces, each namespace a part. Only the metadata is asked for, and an API that
 * cannot leave the rest out is not listened to: no key ever comes here.
 */
export const kubernetesSource = createKubernetesSource(PAGE);

/** The source with pages of another size. */
export function createKubernetesSource(page: number): DiscoverySource<KubernetesDiscovery> {
  return {
    kind: "kubernetes",
    connections: ({ connection }) => [connection],
    open: async ({ connection: name, namespaces }, ports) => {
      const { kubernetes: connection } = ports.connection(name);
      if (connection === undefined) {
        throw new CreError("connection-kind", `the connection ${name} is no kubernetes connection`);
      }
      const ca = connection.ca === undefined ? undefined : ports.readFile(connection.ca);
      const access = {
        connectionName: name,
        connection,
        ca,
        secrets: ports.secrets,
        limitSeconds: LIMIT_SECONDS,
      };
      const client = createApiClient(access);
      return [...new Set(namespaces)].map((namespace) =>
        openNamespace(namespace, { server: connection.server, client, page, ports }),
      );
    },
  };
}

interface Cluster {
  readonly server: string;
  readonly client: ApiClient;
  /** Secrets of one page. */
  readonly page: number;
  readonly ports: DiscoveryPorts;
}

function openNamespace(namespace: string, { server, client, page: size, ports }: Cluster): SourcePart {
  const means = registeredSecrets(namespace, server, ports);
  return {
    name: namespace,
    scan: async (cursor, show, signal, enough = () => false) => {
      let next = cursor ?? "";
      let scanned = 0;
      const broken = (problem: string, mark: string): ScanEnd => ({
        complete: false,
        scanned,
        covered: [],
        problems: [problem],
        ...(mark === "" ? {} : { cursor: mark }),
      });
      for (let page = 0; page < MOST_PAGES; page += 1) {
        if (page > 0 && enough()) {
          return broken("there are more Secrets: the next look goes on from here", next);
        }
        let answer: Listed;
        try {
          answer = await listed(client, { namespace, next, size }, signal);
        } catch (error) {
          signal.throwIfAborted();
          // The API forgets where a list stood after some minutes.
          const isForgotten = error instanceof CreError && (error.evidence ?? "").includes("answered 410");
          return broken(problemText(error), isForgotten ? "" : next);
        }
        for (const item of answer.items) {
          scanned += 1;
          const sighting = sightingOf(item, new URL(client.origin).host, namespace, means);
          if (sighting !== undefined) show(sighting);
        }
        if (answer.next === "") return { complete: true, scanned, covered: [], problems: [] };
        next = answer.next;
      }
      return broken(`the namespace has more than ${MOST_PAGES} pages of Secrets: the look ended there`, "");
    },
    close: async () => undefined,
  };
}

interface Listed {
  readonly items: readonly unknown[];
  readonly next: string;
}

async function listed(
  client: ApiClient,
  { namespace, next, size }: { readonly namespace: string; readonly next: string; readonly size: number },
  signal: AbortSignal,
): Promise<Listed> {
  const call: ApiCall = {
    verb: "list",
    resource: "secrets",
    namespace,
    name: "",
    metadataOnly: true,
    query: {
      fieldSelector: `type=${TYPE}`,
      limit: String(size),
      ...(next === "" ? {} : { continue: next }),
    },
  };
  const label = `Secrets of ${namespace}`;
  const answer = await client.send(call, signal);
  if (answer.status !== 200) throw apiFailure(label, call, answer);
  if (answer.body["kind"] !== "PartialObjectMetadataList") throw strangeAnswer(label, call);
  return {
    items: listOf(answer.body["items"]),
    next: textOf(objectOf(answer.body["metadata"])["continue"]) ?? "",
  };
}

function sightingOf(
  item: unknown,
  host: string,
  namespace: string,
  means: ReadonlyMap<string, string>,
): Sighting | undefined {
  const metadata = objectOf(objectOf(item)["metadata"]);
  const name = textOf(metadata["name"]);
  if (name === undefined) return undefined;
  const annotations = objectOf(metadata["annotations"]);
  const labels = objectOf(metadata["labels"]);
  const createdAt = parseInstant(textOf(metadata["creationTimestamp"]) ?? "");
  const identity = means.get(name);
  const place = `${host}/${namespace}/${name}`;
  return {
    kind: "kubernetes-tls",
    handle: place,
    place,
    ...(identity === undefined ? {} : { identity }),
    live: true,
    ...(createdAt === undefined ? {} : { createdAt }),
    detail: Object.fromEntries(
      Object.entries(FACTS).flatMap(([key, fact]): [string, string][] => {
        const value = textOf(annotations[key]);
        return value === undefined || value === "" ? [] : [[fact, plainLine(value, LONGEST)]];
      }),
    ),
    ownerHints: [...hintsIn("label", labels), ...hintsIn("annotation", annotations)],
    concerns: [],
  };
}

function hintsIn(where: string, texts: Readonly<Record<string, unknown>>): readonly OwnerHint[] {
  return Object.entries(texts).flatMap(([key, value]) => {
    const text = textOf(value) ?? "";
    return OWNER.test(key) && text !== ""
      ? [{ source: `${where} ${key}`, text: plainLine(text, LONGEST) }]
      : [];
  });
}

/** Credentials that are delivered into Secrets of this namespace, by the Secret's name. */
function registeredSecrets(
  namespace: string,
  server: string,
  ports: DiscoveryPorts,
): ReadonlyMap<string, string> {
  const means = new Map<string, string>();
  for (const { spec, identity } of registeredCredentials(ports)) {
    for (const entry of spec.deliver ?? []) {
      const target = entry["kubernetes-secret"];
      if (target === undefined || target.namespace !== namespace) continue;
      const other = ports.documents.connections.get(target.connection)?.document.spec.kubernetes;
      if (other?.server === server && !means.has(target.name)) means.set(target.name, identity);
    }
  }
  return means;
}
