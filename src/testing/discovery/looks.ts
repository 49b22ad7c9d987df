import type { PartLook } from "../../core/discovery/after-look.ts";
import { declaredSources } from "../../core/discovery/declared-sources.ts";
import { type Learnt, learnLooks, type SourceLook } from "../../core/discovery/learn-looks.ts";
import { matchDiscovery } from "../../core/discovery/match-discovery.ts";
import type { Matched } from "../../core/discovery/matched.ts";
import type { Sourced } from "../../core/documents/kinds.ts";
import type { SettingsSpec } from "../../core/documents/settings.ts";
import { type DiscoveryBook, EMPTY_DISCOVERY, type SightingFact } from "../../core/state/discovery-book.ts";
import type { Status } from "../../core/state/status.ts";
import { at, documents, settings } from "../evaluation/world.ts";

/** Builders of looks at sources, for tests of what follows from them. */

type Entry = NonNullable<SettingsSpec["discovery"]>[number];

export const AWS: Entry = { name: "prod-aws", "aws-iam": { connection: "prod" } };
export const HOSTS: Entry = { name: "hosts", "authorized-keys": { connections: ["web-1", "web-2"] } };
export const SERVED: Entry = { name: "served", tls: { endpoints: ["www.example.com:443"] } };

/** A live key of the user `deploy`. */
export function key(handle: string, fact: Partial<SightingFact> = {}): SightingFact {
  return {
    kind: "aws-access-key",
    handle,
    place: "123456789012/deploy",
    live: true,
    createdAt: at("2026-01-01"),
    firstSeenAt: at("2026-03-01"),
    ...fact,
  };
}

/** A whole look of 2026-03-01. */
export function look(sightings: readonly SightingFact[], fact: Partial<PartLook> = {}): PartLook {
  return {
    startedAt: at("2026-03-01T08:00:00Z"),
    at: at("2026-03-01T08:01:00Z"),
    continued: false,
    complete: true,
    scanned: sightings.length,
    problems: [],
    covered: [],
    sightings,
    ...fact,
  };
}

export interface LookedWorld {
  readonly discovery: readonly Entry[];
  readonly documents?: readonly Sourced[];
  readonly statuses?: readonly Status[];
  readonly book?: DiscoveryBook;
  /** Default: the hour after the look. */
  readonly now?: string;
}

/** What a run learns from looks at the parts of each source. */
export function learn(
  world: LookedWorld,
  looks: Readonly<Record<string, Readonly<Record<string, PartLook>> | string>>,
): Learnt {
  const input = inputOf(world);
  const declared = declaredSources(input.documents.settings?.document.spec);
  const all = Object.entries(looks).map(([name, looked]): SourceLook => {
    const source = declared.find((one) => one.name === name);
    if (source === undefined) throw new Error(`no source ${name}`);
    if (typeof looked === "string") return { source, at: input.now, failed: looked };
    return { source, at: input.now, parts: new Map(Object.entries(looked)), allParts: Object.keys(looked) };
  });
  return learnLooks(input, declared, all);
}

export function matched(world: LookedWorld): Matched {
  const found = matchDiscovery(inputOf(world));
  if (found === undefined) throw new Error("no source is declared");
  return found;
}

/** What looks at the parts of each source come to. */
export function seen(
  world: LookedWorld,
  looks: Readonly<Record<string, Readonly<Record<string, PartLook>> | string>>,
): Matched {
  return matched({ ...world, book: learn(world, looks).book });
}

function inputOf({
  discovery,
  documents: all = [],
  statuses = [],
  book = EMPTY_DISCOVERY,
  now,
}: LookedWorld) {
  return {
    documents: documents(settings({ discovery: [...discovery] }), ...all),
    statuses: new Map(statuses.map((status) => [status.credential, status])),
    book,
    now: at(now ?? "2026-03-01T09:00:00Z"),
  };
}
