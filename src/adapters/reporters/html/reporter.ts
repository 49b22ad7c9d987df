import { setImmediate } from "node:timers/promises";
import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";
import { credentialDetails, credentialLines } from "../../../core/report/api/credential-lines.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import { blobOf } from "./blob.ts";
import { columnsOf } from "./columns.ts";
import { COLUMNS_ID, DETAILS_PER_BLOB, detailsId, knownWords } from "./data-places.ts";
import { packRows } from "./packed-rows.ts";

/**
 * `index.html`: one file with everything in it, for people who look. It loads nothing from anywhere. What the API's
 * files say of each credential is in it, compressed; its script shows what somebody asks for. Without scripts it shows
 * the summary and the worst credentials.
 */
export const htmlReporter: Reporter = {
  format: "html",
  files: async function* (model): AsyncIterable<ReportFile> {
    const { documentOf } = await import("./document.ts");
    yield { path: "index.html", content: documentOf(model, await dataOf(model)) };
  },
};

/** What the page's script reads, by the id of the element that it stands in. */
async function dataOf(model: ReportModel): Promise<ReadonlyMap<string, string>> {
  const { credentials, identity } = model;
  const data = new Map<string, string>();
  const lines = credentialLines(model);
  data.set(COLUMNS_ID, await blobOf(columnsOf(lines, identity.asOf)));
  const detailOf = credentialDetails(model);
  for (let from = 0; from < credentials.length; from += DETAILS_PER_BLOB) {
    const to = from + DETAILS_PER_BLOB;
    const some = packRows(credentials.slice(from, to).map(detailOf), lines.slice(from, to).map(knownWords));
    data.set(detailsId(from / DETAILS_PER_BLOB), await blobOf(some));
    // A report of very many takes seconds, in which somebody may want to interrupt it.
    await setImmediate();
  }
  return data;
}
