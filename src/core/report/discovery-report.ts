import { type Static, Type } from "typebox";
import type { SourceLook } from "../discovery/learn-looks.ts";
import { Count, InstantText, nullable, shape } from "../evaluate/schema-shapes.ts";
import type { Instant } from "../model/instant.ts";
import { DiscoveryRows } from "./history-schema.ts";

const Text = Type.String();

/** `discover --format json`. */
export const DiscoveryReport = shape({
  apiVersion: Type.Literal("cre/v1"),
  kind: Type.Literal("Discovery"),
  asOf: InstantText,
  sources: Type.Array(
    shape({
      name: Text,
      kind: Text,
      /** It was seen whole just now. */
      ok: Type.Boolean(),
      scanned: Count,
      sightings: Count,
      /** Why it was not; null: it was. */
      error: nullable(Text),
      /** All that could not be seen, and facts that are missing. */
      problems: Type.Array(Text),
    }),
  ),
  managed: DiscoveryRows.properties.managed,
  unmanaged: DiscoveryRows.properties.unmanaged,
  ghosts: DiscoveryRows.properties.ghosts,
  drift: DiscoveryRows.properties.drift,
  shared: DiscoveryRows.properties.shared,
});
export type DiscoveryReport = Static<typeof DiscoveryReport>;

/** What looks of just now showed, beside what it comes to. */
export function discoveryReport(
  rows: DiscoveryRows,
  looks: readonly SourceLook[],
  asOf: Instant,
): DiscoveryReport {
  const { managed, unmanaged, ghosts, drift, shared } = rows;
  const sources = looks.map(sourceOf);
  return {
    apiVersion: "cre/v1",
    kind: "Discovery",
    asOf,
    sources,
    managed,
    unmanaged,
    ghosts,
    drift,
    shared,
  };
}

function sourceOf(look: SourceLook): DiscoveryReport["sources"][number] {
  const { name, kind } = look.source;
  if ("failed" in look) {
    return { name, kind, ok: false, scanned: 0, sightings: 0, error: look.failed, problems: [look.failed] };
  }
  const parts = [...look.parts];
  const unseen = look.allParts.filter((part) => !look.parts.has(part));
  const problems = [
    ...parts.flatMap(([part, one]) => one.problems.map((problem) => `${part}: ${problem}`)),
    ...unseen.map((part) => `${part}: there was no time left to look at it`),
  ];
  const broken = parts.filter(([, { complete }]) => !complete);
  const ok = broken.length + unseen.length === 0;
  const [first] = broken;
  const why =
    first === undefined ? problems.at(-1) : `${first[0]}: ${first[1].problems[0] ?? "not seen whole"}`;
  return {
    name,
    kind,
    ok,
    scanned: parts.reduce((sum, [, { scanned }]) => sum + scanned, 0),
    sightings: parts.reduce((sum, [, { sightings }]) => sum + sightings.length, 0),
    error: ok ? null : (why ?? "not seen whole"),
    problems,
  };
}
