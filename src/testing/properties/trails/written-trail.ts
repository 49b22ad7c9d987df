import { hash } from "node:crypto";
import { segmentOf } from "../../../adapters/store/segment-file.ts";
import type { AuditEntry, AuditEvent } from "../../../core/audit/entry.ts";
import { seal, segmentText } from "../../../core/audit/seal.ts";
import { type RecordedHead, type TrailVerdict, verifyTrail } from "../../../core/audit/verify.ts";
import { addTo, type Instant } from "../../../core/model/instant.ts";
import type { AuditHead } from "../../../core/state/facts.ts";
import { segmentPath } from "../../../core/state/layout.ts";

/** The files of a trail as they lie in git, in order. */
export type Files = readonly (readonly [path: string, bytes: Buffer])[];

export interface WrittenTrail {
  readonly files: Files;
  readonly entries: readonly AuditEntry[];
  /** The head that each push left behind, as the trailers of the commits have it. */
  readonly heads: readonly RecordedHead[];
}

/** What one run had to say. */
export interface Said {
  readonly run: string;
  readonly at: Instant;
  readonly events: readonly Omit<AuditEvent, "time">[];
}

export const sha256 = (text: string): string => hash("sha256", text, "hex");

/** A trail as runs write it: each one segment, sealed on the head before. */
export function writtenTrail(runs: readonly Said[], from?: AuditHead): WrittenTrail {
  const entries: AuditEntry[] = [];
  const heads: RecordedHead[] = [];
  const files = runs.map(({ run, at, events }): readonly [string, Buffer] => {
    const head = entries.at(-1) ?? from;
    const timed = events.map((event, index) => ({ ...event, time: addTo(at, index) }));
    const sealed = seal(timed, head, { run, actor: "alice" }, sha256);
    entries.push(...sealed);
    const last = entries.at(-1);
    if (last !== undefined) heads.push({ hash: last.hash, where: `commit of ${run}` });
    const path = segmentPath(
      (head?.seq ?? 0) + 1,
      run,
      last === undefined ? at : addTo(at, events.length - 1),
    );
    return [path, Buffer.from(segmentText(sealed))];
  });
  return { files, entries, heads };
}

/** The verdict of `cre audit verify` on these files. */
export function verdictOn(files: Files, anchor?: string, heads?: readonly RecordedHead[]): TrailVerdict {
  const segments = files.map(([path, bytes]) => segmentOf(path, bytes));
  return verifyTrail(segments, sha256, anchor, heads);
}

/** The same files, whatever their order: what git cannot tell apart. */
export function isSame(a: Files, b: Files): boolean {
  if (a.length !== b.length) return false;
  const others = new Map(b);
  return a.every(([path, bytes]) => others.get(path)?.equals(bytes) === true);
}
