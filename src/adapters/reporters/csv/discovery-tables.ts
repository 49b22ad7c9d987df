import type { DiscoveryRows } from "../../../core/report/history-schema.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import { type Table, table } from "./table.ts";

type List = "sources" | "unmanaged" | "ghosts" | "drift" | "shared";

function of<Name extends List>(name: Name): (model: ReportModel) => readonly DiscoveryRows[Name][number][] {
  return ({ discovery }) => discovery?.[name] ?? [];
}

/** What discovery has on record. */
export const DISCOVERY_TABLES: Readonly<Record<string, Table>> = {
  sources: table(of("sources"))({
    source: "name",
    kind: "kind",
    "scanned at": "scannedAt",
    complete: "complete",
    late: "late",
    scanned: "scanned",
    sightings: "sightings",
    problems: ({ problems }) => problems,
  }),
  unmanaged: table(of("unmanaged"))({
    kind: "kind",
    handle: "handle",
    place: "place",
    source: "source",
    "first seen at": "firstSeenAt",
    "created at": "createdAt",
    "last used at": "lastUsedAt",
    "expires at": "expiresAt",
    live: "live",
    "owner (a guess)": "ownerGuess",
    "waived by": "waivedBy",
    concerns: ({ concerns }) => concerns,
    detail: ({ detail }) => Object.entries(detail).map(([name, value]) => `${name}: ${value}`),
  }),
  ghosts: table(of("ghosts"))({
    credential: "credential",
    handle: "handle",
    source: "source",
    since: "since",
  }),
  drift: table(of("drift"))({
    credential: "credential",
    handle: "handle",
    source: "source",
    recorded: "recorded",
    seen: "seen",
    since: "since",
  }),
  shared: table(of("shared"))({
    handle: "handle",
    kind: "kind",
    credential: "credential",
    places: ({ places }) => places,
  }),
};
