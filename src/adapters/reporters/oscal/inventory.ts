import type { ReportModel } from "../../../core/report/report-schema.ts";
import { worstFirst } from "../../../core/report/worst-first.ts";
import { markup, property } from "./texts.ts";
import { uuidOf } from "./uuid.ts";

/** Tools for OSCAL read the whole document at once; the CSV files have every credential. */
const MOST_ITEMS = 5000;

/** The credentials, the worst first; undefined where there is none. */
export function inventoryOf({ credentials }: ReportModel, place: readonly string[]) {
  if (credentials.length === 0) return undefined;
  return worstFirst(credentials)
    .slice(0, MOST_ITEMS)
    .map((row) => ({
      uuid: uuidOf("credential", ...place, row.name),
      description: markup(`Credential ${row.name}: ${row.type} of ${row.service}`),
      props: [
        ...property("state", row.state),
        ...property("level", row.level),
        ...property("team", row.team),
        ...property("policy", row.policy),
        ...property("last-rotated-at", row.lastRotatedAt),
        ...property("due-at", row.dueAt),
      ],
    }));
}
