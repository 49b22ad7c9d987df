import type { DiscoveryRows } from "../../../../core/report/history-schema.ts";
import { ratioText } from "../../../../core/report/ratio-text.ts";
import type { Draft } from "../draft.ts";
import { STATUS_COLORS } from "../page/colors.ts";
import { moment } from "../page/moment.ts";
import { type Column, NAME, NOTE, table } from "../page/table.ts";

const MOST = 300;

/** What sources show beside the registry: sources, and what nobody registered, is gone, changed outside or shared. */
export function discoveryPages({ sheet, headings, model }: Draft): void {
  const { discovery } = model;
  if (discovery === null) return;
  headings.section("Discovery", {}, () => {
    sheet.paragraph(
      `Registered, of all that sources show: ${ratioText(discovery.managed)}. Nothing is said of places that no source covers; of a source that did not come to its end, nothing counts as gone.`,
    );
    sheet.gap(8);
    list("Sources", SOURCES, discovery.sources);
    list("Unmanaged", UNMANAGED, discovery.unmanaged);
    list("Ghosts", GHOSTS, discovery.ghosts);
    list("Drift", DRIFT, discovery.drift);
    list("Shared", SHARED, discovery.shared);
  });

  function list<Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[]): void {
    headings.part(`${title} (${rows.length})`);
    if (rows.length > 0) return table(sheet, columns, rows, { most: MOST });
    sheet.paragraph("None.");
    sheet.gap(8);
  }
}

const SOURCES: readonly Column<DiscoveryRows["sources"][number]>[] = [
  {
    title: "Source",
    share: 26,
    isHead: true,
    of: ({ name, kind }) => [
      { text: name, style: NAME },
      { text: kind, style: NOTE },
    ],
  },
  { title: "Newest look", share: 24, of: ({ scannedAt }) => moment(scannedAt, "none yet") },
  { title: "Places", share: 10, align: "right", of: ({ scanned }) => String(scanned) },
  { title: "Seen", share: 10, align: "right", of: ({ sightings }) => String(sightings) },
  {
    title: "Came to its end",
    share: 34,
    of: ({ complete, late, problems }) => [
      {
        text: `${complete ? "yes" : "no"}${late ? ", late" : ""}`,
        dot: complete && !late ? STATUS_COLORS.pass : STATUS_COLORS.fail,
      },
      ...problems.slice(0, 5).map((text) => ({ text, style: NOTE })),
    ],
  },
];

const UNMANAGED: readonly Column<DiscoveryRows["unmanaged"][number]>[] = [
  {
    title: "Handle",
    share: 44,
    isHead: true,
    of: ({ handle, kind, place, source }) => [
      { text: handle, style: NAME },
      { text: `${kind} at ${place}, by ${source}`, style: NOTE },
    ],
  },
  {
    title: "Made, used",
    share: 24,
    of: ({ createdAt, lastUsedAt, live }) => [
      { text: `made ${createdAt?.slice(0, 10) ?? "unknown"}`, style: NOTE },
      { text: `used ${lastUsedAt?.slice(0, 10) ?? "unknown"}`, style: NOTE },
      { text: live ? "live" : "not live", style: NOTE },
    ],
  },
  { title: "Owner, guessed", share: 20, of: ({ ownerGuess }) => ownerGuess ?? "unknown" },
  {
    title: "Concerns",
    share: 26,
    of: ({ concerns, waivedBy }) => [
      ...concerns.map((text) => ({ text, style: NOTE })),
      ...(waivedBy === null ? [] : [{ text: `exception ${waivedBy}`, style: NOTE }]),
    ],
  },
];

const GHOSTS: readonly Column<DiscoveryRows["ghosts"][number]>[] = [
  {
    title: "Credential",
    share: 30,
    isHead: true,
    of: ({ credential }) => [{ text: credential, style: NAME }],
  },
  { title: "Handle", share: 30, of: ({ handle }) => handle ?? "unknown" },
  { title: "Source", share: 20, of: ({ source }) => source },
  { title: "Since", share: 20, of: ({ since }) => moment(since) },
];

const DRIFT: readonly Column<DiscoveryRows["drift"][number]>[] = [
  {
    title: "Credential",
    share: 34,
    isHead: true,
    of: ({ credential, handle }) => [
      { text: credential, style: NAME },
      { text: handle, style: NOTE },
    ],
  },
  { title: "Recorded", share: 18, of: ({ recorded }) => recorded },
  { title: "Seen", share: 18, of: ({ seen }) => seen },
  { title: "Source", share: 15, of: ({ source }) => source },
  { title: "Since", share: 20, of: ({ since }) => moment(since) },
];

const SHARED: readonly Column<DiscoveryRows["shared"][number]>[] = [
  {
    title: "Handle",
    share: 40,
    isHead: true,
    of: ({ handle, kind }) => [
      { text: handle, style: NAME },
      { text: kind, style: NOTE },
    ],
  },
  { title: "Credential", share: 20, of: ({ credential }) => credential ?? "not registered" },
  {
    title: "Places",
    share: 40,
    of: ({ places }) => [
      ...places.slice(0, 10).map((text) => ({ text, style: NOTE })),
      ...(places.length > 10 ? [{ text: `and ${places.length - 10} more`, style: NOTE }] : []),
    ],
  },
];
