import type { CredentialDetail } from "../../../../core/report/api/api-schemas.ts";
import { type Columns, lineAt } from "../columns.ts";
import { COLUMNS_ID, DETAILS_PER_BLOB, detailsId, knownWords } from "../data-places.ts";
import { type PackedRows, unpackRow } from "../packed-rows.ts";

/** The columns of all credentials. */
export async function readColumns(): Promise<Columns> {
  // `as`: the page and its data are made by one program.
  return (await readBlob(COLUMNS_ID)) as Columns;
}

/** Everything about the credential of one row; undefined: there is no such row. */
export async function readDetail(columns: Columns, row: number): Promise<CredentialDetail | undefined> {
  // `as`, twice: the page and its data are made by one program.
  const some = (await readBlob(detailsId(Math.floor(row / DETAILS_PER_BLOB)))) as PackedRows;
  const words = knownWords(lineAt(columns, row));
  return unpackRow(some, row % DETAILS_PER_BLOB, words) as CredentialDetail | undefined;
}

async function readBlob(id: string): Promise<unknown> {
  const text = atob(document.getElementById(id)?.textContent ?? "");
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).json();
}
