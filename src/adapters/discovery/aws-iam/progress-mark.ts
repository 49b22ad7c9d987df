/** How far a look has come, and what of it failed: the look that goes on from there is not whole either. */
export interface ProgressMark {
  /** AWS's own mark of the next page. */
  readonly marker: string;
  readonly pages: number;
  /** Users whose keys could not be seen; as many as are kept. */
  readonly failed: readonly string[];
  /** More failed than are kept: nothing is covered that was not seen. */
  readonly overfull: boolean;
}

const MOST_FAILED = 100;

export function writeProgress(mark: ProgressMark): string {
  const overfull = mark.overfull || mark.failed.length > MOST_FAILED;
  return JSON.stringify({ ...mark, overfull, failed: mark.failed.slice(0, MOST_FAILED) });
}

/** A text that is none of ours makes the look begin anew. */
export function readProgress(text: string | undefined): ProgressMark | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) return undefined;
  if (!("marker" in said && "pages" in said && "failed" in said && "overfull" in said)) return undefined;
  const { marker, pages, failed, overfull } = said;
  if (typeof marker !== "string" || typeof pages !== "number" || typeof overfull !== "boolean") {
    return undefined;
  }
  if (!Array.isArray(failed) || !failed.every((name) => typeof name === "string")) return undefined;
  return { marker, pages, failed, overfull };
}
