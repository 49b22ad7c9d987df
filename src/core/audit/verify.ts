import type { Sha256 } from "../ports/runtime.ts";
import type { AuditSegment } from "../ports/store.ts";
import type { AuditHead } from "../state/facts.ts";
import { GENESIS } from "./entry.ts";
import { type EntryLine, EntryLineReader } from "./entry-line.ts";
import { parseSegmentPath, type SegmentPath } from "./segment-path.ts";

export type FaultCode =
  | "unparsable"
  | "not-canonical"
  | "edited"
  | "broken-link"
  | "gap"
  | "out-of-order"
  | "duplicate"
  | "fork"
  | "misnamed"
  | "empty"
  | "anchor-missing"
  | "head-missing";

/** One thing wrong with the trail, at its place. */
export interface TrailFault {
  readonly code: FaultCode;
  readonly path: string;
  /** From 1; 0 when the file as a whole is meant. */
  readonly line: number;
  readonly seq?: number;
  readonly message: string;
}

export interface TrailVerdict {
  readonly ok: boolean;
  readonly entries: number;
  readonly segments: number;
  /** The newest entry; undefined for an empty trail. */
  readonly head: AuditHead | undefined;
  readonly faults: readonly TrailFault[];
}

/** A head that something outside the audit files remembers: a commit's `Audit-Head:` trailer. */
export interface RecordedHead {
  readonly hash: string;
  /** Where it is remembered, for people. */
  readonly where: string;
}

/**
 * Checks the whole trail: every line in canonical form and with its own hash, every entry linked to the one before,
 * numbers without gap or repeat, files named for what they hold. `anchor` is a hash kept at an outside place and
 * `heads` are those that commits remember, oldest first; each must still be in the trail, which is the only way to
 * notice that the end was cut off or everything from some entry on was written anew. Finds every fault in one pass.
 */
export function verifyTrail(
  segments: readonly AuditSegment[],
  sha256: Sha256,
  anchor?: string,
  heads: readonly RecordedHead[] = [],
): TrailVerdict {
  const walk = new ChainWalk(sha256);
  for (const { segment, name } of inOrder(segments)) walk.segment(segment, name);

  const last = segments.length === 0 ? { path: "audit/", line: 0 } : walk.place;
  const contained = anchor === undefined && heads.length === 0 ? new Set<string>() : new Set(walk.hashes);
  const end = walk.head === undefined ? "the trail is empty" : `the trail ends with entry ${walk.head.seq}`;
  for (const { hash, where } of heads.filter((head) => head.hash !== GENESIS && !contained.has(head.hash))) {
    const message = `${where} recorded the head ${short(hash)}, which the trail does not contain: entries were removed or rewritten (${end})`;
    walk.faults.push({ code: "head-missing", ...last, message });
  }
  if (anchor !== undefined && anchor !== GENESIS && !contained.has(anchor.toLowerCase())) {
    const message = `the anchored head ${short(anchor)} is not in the trail: its end was cut off or rewritten (${end})`;
    walk.faults.push({ code: "anchor-missing", ...last, message });
  }
  const { faults, head, entries } = walk;
  return { ok: faults.length === 0, entries, segments: segments.length, head, faults };
}

const SEGMENT_NAME = "audit/<yyyy>/<mm>/<first sequence>-<run>.jsonl";

class ChainWalk {
  readonly faults: TrailFault[] = [];
  head: AuditHead | undefined;
  entries = 0;
  place = { path: "audit/", line: 0 };
  readonly #sha256: Sha256;
  readonly #reader = new EntryLineReader();
  /** Hashes by number: those without a gap from the first on, and those elsewhere. */
  readonly #hashes: string[] = [];
  readonly #strays = new Map<number, string>();
  #next = 1;
  /** Hashes that the next entry may link to; none: unknown, since the line before is no entry. */
  #links: readonly string[] = [GENESIS];

  constructor(sha256: Sha256) {
    this.#sha256 = sha256;
  }

  /** Hashes of all entries as they stand. */
  get hashes(): readonly string[] {
    return [...this.#hashes, ...this.#strays.values()];
  }

  segment({ path, lines, unterminated }: AuditSegment, name: SegmentPath | undefined): void {
    this.place = { path, line: 0 };
    if (name === undefined) this.#fault("misnamed", `no name of a segment: ${SEGMENT_NAME}`);
    if (lines.length === 0) this.#fault("empty", "a segment without entries: they were removed");
    let last: EntryLine | undefined;
    for (const [at, line] of lines.entries()) {
      this.place = { path, line: at + 1 };
      const entry = this.#entry(line);
      if (entry === undefined) continue;
      last = entry;
      if (name === undefined) continue;
      if (at === 0 && entry.seq !== name.firstSeq) {
        this.#fault(
          "misnamed",
          `the file is named for entry ${name.firstSeq} but begins with ${entry.seq}`,
          entry.seq,
        );
      }
      if (entry.run !== name.run) {
        this.#fault("misnamed", `an entry of run ${entry.run} in the segment of run ${name.run}`, entry.seq);
      }
    }
    if (unterminated === true) this.#fault("not-canonical", "the last line has no newline", last?.seq);
    if (name !== undefined && last !== undefined && !last.time.startsWith(`${name.year}-${name.month}-`)) {
      this.place = { path, line: 0 };
      this.#fault(
        "misnamed",
        `the folder says ${name.year}/${name.month}, the last entry ${last.time}`,
        last.seq,
      );
    }
  }

  #entry(line: string): EntryLine | undefined {
    const entry = this.#reader.read(line);
    if (entry === undefined) {
      this.#fault("unparsable", "no audit entry", this.#next);
      this.#links = [];
      this.#next += 1;
      return undefined;
    }
    this.entries += 1;
    const { seq, hash } = entry;
    if (!entry.canonical) {
      this.#fault("not-canonical", `entry ${seq} is not in the canonical form it was written in`, seq);
    }
    const actual = this.#sha256(entry.open);
    if (actual !== hash) {
      this.#fault("edited", `entry ${seq} does not have its hash: it was changed after it was written`, seq);
    }
    this.#position(entry, actual);
    return entry;
  }

  #position({ seq, prev, hash, time }: EntryLine, actual: string): void {
    // Nearly always the next number, which cannot have been there before.
    const known = seq === this.#next ? undefined : this.#hashOf(seq);
    if (known !== undefined) {
      const same = known === actual;
      this.#fault(
        same ? "duplicate" : "fork",
        same
          ? `entry ${seq} stands here a second time`
          : `a second entry ${seq}, which is not the first one: the chain forks`,
        seq,
      );
      // Both branches of a fork are told at the fork, so either may go on.
      if (!same && seq === this.#next - 1) this.#links = [...this.#links, actual];
      return;
    }
    if (seq === this.#hashes.length + 1) this.#hashes.push(actual);
    else this.#strays.set(seq, actual);
    if (seq < this.#next) {
      this.#fault("out-of-order", `entry ${seq} stands after entry ${this.#next - 1}`, seq);
      return;
    }
    if (seq > this.#next) {
      const missing =
        seq - 1 === this.#next ? `entry ${this.#next} is` : `entries ${this.#next} to ${seq - 1} are`;
      this.#fault("gap", `${missing} missing before entry ${seq}`, seq);
    } else if (this.#links.length > 0 && !this.#links.includes(prev)) {
      const message = `entry ${seq} is not linked to the entry before it: one of the two was rewritten`;
      this.#fault("broken-link", seq === 1 ? "entry 1 does not begin the chain" : message, seq);
    }
    this.#next = seq + 1;
    // A changed entry is told once, at its place: its successor may link to what it says or to what it was.
    this.#links = actual === hash ? [hash] : [hash, actual];
    this.head = { seq, hash, time };
  }

  #hashOf(seq: number): string | undefined {
    return this.#hashes[seq - 1] ?? this.#strays.get(seq);
  }

  #fault(code: FaultCode, message: string, seq?: number): void {
    this.faults.push({ code, ...this.place, ...(seq === undefined ? {} : { seq }), message });
  }
}

function inOrder(
  segments: readonly AuditSegment[],
): { readonly segment: AuditSegment; readonly name: SegmentPath | undefined }[] {
  return segments
    .map((segment) => ({ segment, name: parseSegmentPath(segment.path) }))
    .toSorted((a, b) => placeOf(a.name) - placeOf(b.name) || (a.segment.path < b.segment.path ? -1 : 1));
}

function placeOf(name: SegmentPath | undefined): number {
  return name?.firstSeq ?? Number.MAX_SAFE_INTEGER;
}

function short(hash: string): string {
  return hash.length > 16 ? `${hash.slice(0, 16)}…` : hash;
}
