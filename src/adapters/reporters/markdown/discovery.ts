import { ratioText } from "../../../core/report/ratio-text.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import type { Page } from "./page.ts";

/** What discovery has on record. */
export function addDiscovery(page: Page, { discovery }: ReportModel): void {
  if (discovery === null) return;
  page.table(
    "Sources of discovery",
    ["Source", "Kind", "Looked at", "Complete", "Scanned", "Found", "Problems"],
    discovery.sources.map(({ name, kind, scannedAt, complete, scanned, sightings, problems }) => [
      name,
      kind,
      scannedAt ?? "never",
      complete ? "yes" : "no",
      String(scanned),
      String(sightings),
      problems.join("; ") || "-",
    ]),
  );
  const { managed } = discovery;
  page.text(
    managed.denominator === 0
      ? "Sources showed nothing yet."
      : `Of what sources showed, ${ratioText(managed)} is registered.`,
  );
  page.table(
    "Unmanaged",
    ["Kind", "Handle", "Place", "Created", "Last used", "Concerns", "Owner (a guess)", "Waived by"],
    discovery.unmanaged.map((row) => [
      row.kind,
      row.handle,
      row.place,
      row.createdAt ?? "-",
      row.lastUsedAt ?? "-",
      row.concerns.join("; ") || "-",
      row.ownerGuess ?? "-",
      row.waivedBy ?? "-",
    ]),
  );
  page.table(
    "Ghosts: registered, and gone",
    ["Credential", "Handle", "Source", "Since"],
    discovery.ghosts.map(({ credential, handle, source, since }) => [
      credential,
      handle ?? "-",
      source,
      since,
    ]),
  );
  page.table(
    "Drift: changed outside",
    ["Credential", "Handle", "Recorded", "Seen", "Source", "Since"],
    discovery.drift.map(({ credential, handle, recorded, seen, source, since }) => [
      credential,
      handle,
      recorded,
      seen,
      source,
      since,
    ]),
  );
  page.table(
    "Shared: one credential in several places",
    ["Kind", "Handle", "Credential", "Places"],
    discovery.shared.map(({ kind, handle, credential, places }) => [
      kind,
      handle,
      credential ?? "-",
      places.join("; "),
    ]),
  );
}
