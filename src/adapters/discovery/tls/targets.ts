import { type Endpoint, endpointLabel, endpointOf } from "../../../core/certificates/endpoint.ts";
import { canonicalName } from "../../../core/certificates/server-name.ts";
import { addressesIn } from "../../../core/discovery/address-range.ts";
import { endpointsInText } from "../../../core/discovery/endpoints-in-text.ts";
import { type Registered, registeredCredentials } from "../../../core/discovery/registered.ts";
import type { TlsDiscovery } from "../../../core/documents/discovery.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { DiscoveryPorts } from "../../../core/ports/discovery.ts";
import { globMatches } from "../../../core/text/glob.ts";

/** Why an endpoint is looked at: one that somebody named must answer, the others may. */
type Origin = "named" | "registry" | "file" | "range";

/** One endpoint, and what is known of it before anybody looks. */
export interface Target {
  /** By which targets are sorted, and a look goes on. */
  readonly key: string;
  readonly endpoint: Endpoint;
  readonly origin: Origin;
  /** The file that names it. */
  readonly file?: string;
}

/** What a look goes through, sorted by key, and whose the endpoints are. */
export interface Targets {
  readonly all: readonly Target[];
  /** Endpoints of registered certificates, by identity: keys of targets. */
  readonly registered: ReadonlyMap<string, readonly string[]>;
  /** The registered certificate that an endpoint is of, by the target's key. */
  readonly means: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

const MOST_TARGETS = 16_384;
const MOST_FILES = 2_000;
const LONGEST_FILE = 1_000_000;

/** All endpoints of an entry, each once; of those that several parts of it name, the strictest origin counts. */
export function targetsOf(entry: TlsDiscovery, ports: DiscoveryPorts): Targets {
  const { endpoints = [], ranges = [], registry = false, files = [] } = entry;
  const problems: string[] = [];
  const credentials = registeredCredentials(ports).filter(({ spec }) => spec.endpoints !== undefined);
  const found = new Map<string, Target>();
  const add = (endpoint: Endpoint, origin: Origin, file?: string): void => {
    const key = keyOf(endpoint);
    if (!found.has(key)) found.set(key, { key, endpoint, origin, ...(file === undefined ? {} : { file }) });
  };
  for (const text of endpoints) add(endpointOf(text), "named");
  if (registry) {
    const all = credentials.flatMap(({ spec }) => spec.endpoints ?? []);
    for (const one of all) add(endpointOf(one), "registry");
  }
  for (const [file, text] of filesOf(files, ports, problems)) {
    for (const one of endpointsInText(text)) add(endpointOf(one), "file", file);
  }
  for (const { cidr, ports: numbers } of ranges) {
    for (const host of rangeOf(cidr)) for (const port of numbers) add({ host, port }, "range");
  }
  if (found.size > MOST_TARGETS) {
    throw new CreError("too-many-endpoints", `${found.size} endpoints are more than ${MOST_TARGETS}`, {
      fix: "declare several sources, or smaller ranges",
    });
  }
  const means = new Map<string, string>();
  for (const one of credentials) {
    for (const key of keysOf(one)) if (!means.has(key)) means.set(key, one.identity);
  }
  return {
    means,
    all: [...found.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    registered: new Map(credentials.map((one) => [one.identity, keysOf(one)])),
    problems,
  };
}

/** Equal for one endpoint however it is written. */
function keyOf(endpoint: Endpoint): string {
  const { host, serverName, ...rest } = endpoint;
  const name = canonicalName(host);
  const asked = serverName === undefined ? name : canonicalName(serverName);
  return endpointLabel({ ...rest, host: name, ...(asked === name ? {} : { serverName: asked }) });
}

function keysOf({ spec }: Registered): readonly string[] {
  return [...new Set((spec.endpoints ?? []).map((one) => keyOf(endpointOf(one))))];
}

function rangeOf(cidr: string): readonly string[] {
  const addresses = addressesIn(cidr);
  if (typeof addresses !== "string") return addresses;
  throw new CreError("range", `the range ${cidr} ${addresses}`, { fix: "correct `ranges` of the source" });
}

/** Texts of the tracked files that a pattern matches. */
function filesOf(
  patterns: readonly string[],
  ports: Pick<DiscoveryPorts, "trackedFiles" | "readFile">,
  problems: string[],
): readonly (readonly [string, string])[] {
  if (patterns.length === 0) return [];
  const matching = ports
    .trackedFiles()
    .filter((path) => patterns.some((pattern) => pathMatches(pattern, path)));
  if (matching.length > MOST_FILES) {
    problems.push(`${matching.length} files match, and only the first ${MOST_FILES} are read`);
  }
  return matching.slice(0, MOST_FILES).flatMap((path) => {
    try {
      const text = ports.readFile(path);
      if (text.length <= LONGEST_FILE) return [[path, text] as const];
      problems.push(`${path} is longer than ${LONGEST_FILE} characters, and is not read`);
    } catch (error) {
      if (!(error instanceof CreError)) throw error;
      problems.push(error.message);
    }
    return [];
  });
}

/** `*` within a folder, `**` across folders. */
export function pathMatches(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const steps = path.split("/");
  // Reached with each number of steps so far: as many states as steps, whatever the pattern is.
  let reached = new Set([0]);
  for (const part of wanted) {
    const next = new Set<number>();
    for (const at of reached) {
      if (part === "**") for (let to = at; to <= steps.length; to += 1) next.add(to);
      else if (at < steps.length && globMatches(part, steps[at] ?? "")) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(steps.length);
}
