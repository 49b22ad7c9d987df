import { inflateRawSync } from "node:zlib";
import { type Columns, lineAt } from "../../adapters/reporters/html/columns.ts";
import {
  COLUMNS_ID,
  DETAILS_PER_BLOB,
  detailsId,
  knownWords,
} from "../../adapters/reporters/html/data-places.ts";
import { type PackedRows, unpackRow } from "../../adapters/reporters/html/packed-rows.ts";
import type { CredentialDetail, CredentialLine } from "../../core/report/api/api-schemas.ts";

/** What a dashboard carries, read back out of its bytes. */
export interface DashboardData {
  /** As the page states them. */
  readonly figures: Readonly<Record<string, number>>;
  readonly lines: readonly CredentialLine[];
  readonly details: readonly CredentialDetail[];
  /** Findings that are of no credential, with who waives them: as the page lists them. */
  readonly ofRepository: readonly (string | undefined)[];
}

export function dashboardData(page: string): DashboardData {
  const figures = page.matchAll(/<data value="(\d+)" class="figure" id="figure-([\w.]+)">(\d+)<\/data>/g);
  // `as`: our own page.
  const columns = blob(page, COLUMNS_ID) as Columns;
  const lines = columns.name.map((_, row) => lineAt(columns, row));
  const details = lines.map((line, row) => {
    const packed = blob(page, detailsId(Math.floor(row / DETAILS_PER_BLOB))) as PackedRows;
    return unpackRow(packed, row % DETAILS_PER_BLOB, knownWords(line)) as CredentialDetail;
  });
  const findings = page.split('<section id="findings"')[1]?.split("</section>")[0] ?? "";
  return {
    figures: Object.fromEntries(
      [...figures].map(([, value, name, shown]) => [name, value === shown ? Number(value) : Number.NaN]),
    ),
    lines,
    details,
    ofRepository: findings
      .split("<tr>")
      .filter((row) => row.includes("<td>the repository</td>"))
      .map((row) => {
        const waivedBy = /<td>([^<]*)<\/td><\/tr>/.exec(row)?.[1];
        return waivedBy === "–" ? undefined : waivedBy;
      }),
  };
}

function blob(page: string, id: string): unknown {
  const text = new RegExp(`id="${id}">([A-Za-z0-9+/=]+)</script>`).exec(page)?.[1];
  if (text === undefined) throw new Error(`no ${id}`);
  return JSON.parse(inflateRawSync(Buffer.from(text, "base64")).toString());
}
