import type { Instant } from "../model/instant.ts";
import type { BookName } from "./books.ts";

/** Paths of the files the machine writes on the state branch. */

export function statusPath(service: string, credential: string): string {
  return `registry/status/${service}/${credential}.json`;
}

export function incidentPath(id: string): string {
  return `incidents/${id}.json`;
}

export function holdPath(id: string): string {
  return `holds/${id}.json`;
}

export function requestPath(id: string): string {
  return `requests/${id}.json`;
}

/** Of what is about the whole repository, such as `_alerts.json`. */
export function bookPath(name: BookName): string {
  return `registry/status/_${name}.json`;
}

/** `<name>-<YYYYMMDDTHHMMSSZ>`: the id and file name of what a person's command writes. */
export function stampedId(name: string, at: Instant): string {
  return `${name}-${at.replaceAll(/[-:]/g, "")}`;
}

/** `audit/<yyyy>/<mm>/<first sequence, 12 digits>-<run id>.jsonl`. */
export function segmentPath(firstSeq: number, run: string, at: Instant): string {
  return `audit/${at.slice(0, 4)}/${at.slice(5, 7)}/${String(firstSeq).padStart(12, "0")}-${run}.jsonl`;
}
