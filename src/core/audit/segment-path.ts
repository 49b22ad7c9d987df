/** What the path of a segment says about it. */
export interface SegmentPath {
  readonly year: string;
  readonly month: string;
  readonly firstSeq: number;
  readonly run: string;
}

const SEGMENT = /^audit\/(\d{4})\/(\d{2})\/(\d{12})-([A-Za-z0-9][A-Za-z0-9._-]*)\.jsonl$/;

/** Reads `audit/<yyyy>/<mm>/<first sequence, 12 digits>-<run id>.jsonl`; undefined for any other path. */
export function parseSegmentPath(path: string): SegmentPath | undefined {
  const [, year, month, digits, run] = SEGMENT.exec(path) ?? [];
  if (year === undefined || month === undefined || digits === undefined || run === undefined) {
    return undefined;
  }
  return { year, month, firstSeq: Number(digits), run };
}
