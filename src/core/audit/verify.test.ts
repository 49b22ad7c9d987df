import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { addTo, instantOf } from "../model/instant.ts";
import type { AuditSegment } from "../ports/store.ts";
import { segmentPath } from "../state/layout.ts";
import type { AuditEntry, AuditEvent } from "./entry.ts";
import { seal, segmentText } from "./seal.ts";
import { type FaultCode, verifyTrail } from "./verify.ts";

const START = instantOf(Date.UTC(2026, 9, 30) / 1000);
const sha256 = (text: string) => hash("sha256", text, "hex");

/** A trail of so many segments, as runs wrote it; every segment has one entry more than the one before, up to four. */
function trail(segments: number): { segments: AuditSegment[]; entries: AuditEntry[] } {
  const entries: AuditEntry[] = [];
  const files = Array.from({ length: segments }, (_, at): AuditSegment => {
    const run = `run-${at}`;
    const events = Array.from({ length: (at % 4) + 1 }, (__, part): AuditEvent => {
      const time = addTo(START, at * 3600 + part);
      return {
        time,
        event: part === 0 ? "run" : "step.done",
        outcome: "done",
        ...(part === 0 ? {} : { credential: `orders-${part}`, step: "issue" }),
        inputs: sha256(`inputs ${at}`).slice(0, 40),
        detail: { reason: `Gründe ${at}`, counts: { 10: at, 9: part }, list: [{ b: null, a: 1.5 }] },
      };
    });
    const sealed = seal(events, entries.at(-1), { run, actor: "alice" }, sha256);
    entries.push(...sealed);
    const [first] = sealed;
    const path = segmentPath(first?.seq ?? 0, run, addTo(START, at * 3600));
    return { path, lines: segmentText(sealed).split("\n").slice(0, -1) };
  });
  return { segments: files, entries };
}

function codesOf(segments: readonly AuditSegment[], anchor?: string): FaultCode[] {
  return verifyTrail(segments, sha256, anchor).faults.map(({ code }) => code);
}

/** The trail with one segment replaced by what `change` makes of it. */
function withSegment(
  segments: AuditSegment[],
  at: number,
  change: (segment: AuditSegment) => AuditSegment,
): AuditSegment[] {
  return segments.with(at, change(segments[at]!));
}

function withLine(
  segments: AuditSegment[],
  at: number,
  line: number,
  change: (text: string) => string,
): AuditSegment[] {
  return withSegment(segments, at, (segment) => ({
    ...segment,
    lines: segment.lines.with(line, change(segment.lines[line]!)),
  }));
}

/** Writes the whole trail anew from entry `seq` on, as somebody would who can write the branch and knows the format. */
function rewritten(
  entries: readonly AuditEntry[],
  segments: readonly AuditSegment[],
  seq: number,
): AuditSegment[] {
  const kept = entries.slice(0, seq - 1);
  let head = kept.at(-1);
  const forged = [...kept];
  for (const { hash: _, seq: __, prev: ___, run, actor, ...event } of entries.slice(seq - 1)) {
    const changed =
      event === undefined ? event : { ...event, detail: { ...event.detail, reason: "nothing happened" } };
    [head] = seal([changed], head, { run, actor }, sha256);
    forged.push(head!);
  }
  let at = 0;
  return segments.map(({ path, lines }) => {
    const part = forged.slice(at, at + lines.length);
    at += lines.length;
    return { path, lines: segmentText(part).split("\n").slice(0, -1) };
  });
}

describe("a trail as it was written", () => {
  test("is whole, and its head is its last entry", () => {
    const { segments, entries } = trail(9);
    const last = entries.at(-1)!;
    expect(verifyTrail(segments, sha256, last.hash)).toEqual({
      ok: true,
      entries: entries.length,
      segments: 9,
      head: { seq: last.seq, hash: last.hash, time: last.time },
      faults: [],
    });
  });

  test("is whole whatever the order in which its files are listed", () => {
    const { segments } = trail(9);
    expect(codesOf(segments.toReversed())).toEqual([]);
  });

  test("is whole when there is nothing yet", () => {
    expect(verifyTrail([], sha256)).toEqual({
      ok: true,
      entries: 0,
      segments: 0,
      head: undefined,
      faults: [],
    });
  });

  test("an older anchor is still contained", () => {
    const { segments, entries } = trail(9);
    expect(codesOf(segments, entries[3]!.hash)).toEqual([]);
  });
});

describe("a fault is found at its place", () => {
  const { segments, entries } = trail(8);

  test.each<[string, AuditSegment[], FaultCode, string, number]>([
    [
      "an edited word",
      withLine(segments, 2, 1, (line) => line.replace("orders-1", "orders-2")),
      "edited",
      segments[2]!.path,
      2,
    ],
    [
      "an edited hash",
      withLine(segments, 2, 1, (line) => line.replace(entries[4]!.hash, sha256(""))),
      "edited",
      segments[2]!.path,
      2,
    ],
    [
      "a space",
      withLine(segments, 2, 0, (line) => line.replace('"actor":', '"actor": ')),
      "not-canonical",
      segments[2]!.path,
      1,
    ],
    [
      "a carriage return",
      withLine(segments, 2, 0, (line) => `${line}\r`),
      "not-canonical",
      segments[2]!.path,
      1,
    ],
    [
      "a repeated member",
      withLine(segments, 2, 0, (line) => line.replace("{", '{"actor":"alice",')),
      "not-canonical",
      segments[2]!.path,
      1,
    ],
    [
      "an escaped letter",
      withLine(segments, 2, 0, (line) => line.replace("alice", "\\u0061lice")),
      "not-canonical",
      segments[2]!.path,
      1,
    ],
    ["a cut line", withLine(segments, 2, 2, (line) => line.slice(0, 40)), "unparsable", segments[2]!.path, 3],
    [
      "an empty line",
      withSegment(segments, 2, (s) => ({ ...s, lines: [...s.lines, ""] })),
      "unparsable",
      segments[2]!.path,
      4,
    ],
    [
      "a removed line",
      withSegment(segments, 2, (s) => ({ ...s, lines: s.lines.toSpliced(1, 1) })),
      "gap",
      segments[2]!.path,
      2,
    ],
    ["a removed file", segments.toSpliced(3, 1), "gap", segments[4]!.path, 1],
    ["a removed first file", segments.slice(1), "gap", segments[1]!.path, 1],
    [
      "an emptied file",
      withSegment(segments, 7, (s) => ({ ...s, lines: [] })),
      "empty",
      segments[7]!.path,
      0,
    ],
    [
      "a repeated line",
      withSegment(segments, 2, (s) => ({ ...s, lines: [...s.lines, s.lines[2]!] })),
      "duplicate",
      segments[2]!.path,
      4,
    ],
    [
      "a missing newline",
      withSegment(segments, 2, (s) => ({ ...s, unterminated: true })),
      "not-canonical",
      segments[2]!.path,
      3,
    ],
    [
      "a renamed file",
      withSegment(segments, 2, (s) => ({ ...s, path: s.path.replace("run-2", "run-9") })),
      "misnamed",
      segments[2]!.path.replace("run-2", "run-9"),
      1,
    ],
    [
      "a moved file",
      withSegment(segments, 2, (s) => ({ ...s, path: s.path.replace("2026/10", "2026/09") })),
      "misnamed",
      segments[2]!.path.replace("2026/10", "2026/09"),
      0,
    ],
    [
      "a foreign file",
      [...segments, { path: "audit/notes.txt", lines: ["{}"] }],
      "misnamed",
      "audit/notes.txt",
      0,
    ],
  ])("%s", (_, tampered, code, path, line) => {
    const { ok, faults } = verifyTrail(tampered, sha256);
    expect(ok).toBe(false);
    expect(faults[0]).toMatchObject({ code, path, line });
  });

  test("the newest entry, once edited, is not the anchored one any more", () => {
    const tampered = withLine(segments, 7, 3, (line) => line.replace("orders-3", "orders-4"));
    expect(codesOf(tampered, entries.at(-1)!.hash)).toEqual(["edited", "anchor-missing"]);
  });

  test("an edit is told once, not at every entry after it", () => {
    expect(codesOf(withLine(segments, 2, 1, (line) => line.replace("orders-1", "orders-2")))).toEqual([
      "edited",
    ]);
  });

  test("two lines that changed places are told at both", () => {
    const swapped = withSegment(segments, 3, (s) => ({
      ...s,
      lines: [s.lines[0]!, s.lines[2]!, s.lines[1]!, s.lines[3]!],
    }));
    expect(codesOf(swapped)).toEqual(["gap", "out-of-order"]);
  });

  test("a second segment on the same head is a fork", () => {
    const { seq, ...head } = entries[5]!;
    const sealed = seal(
      [{ time: START, event: "run" }],
      { seq, ...head },
      { run: "other", actor: "bob" },
      sha256,
    );
    const path = segmentPath(seq + 1, "other", START);
    const forked = [...segments, { path, lines: segmentText(sealed).split("\n").slice(0, -1) }];
    expect(verifyTrail(forked, sha256).faults).toMatchObject([{ code: "fork", seq: seq + 1 }]);
  });

  test("an entry that was rewritten with a fitting hash no longer carries its successor", () => {
    const { hash: _, seq, prev, run, actor, ...event } = entries[4]!;
    const [forged] = seal(
      [{ ...event, credential: "other" }],
      { seq: seq - 1, hash: prev, time: "" },
      { run, actor },
      sha256,
    );
    const tampered = withLine(segments, 2, 1, () => segmentText([forged!]).trimEnd());
    expect(verifyTrail(tampered, sha256).faults).toMatchObject([
      { code: "broken-link", path: segments[2]!.path, line: 3, seq: 6 },
    ]);
  });

  test("a cut end is found by the anchor alone", () => {
    const cut = segments.slice(0, 6);
    expect(codesOf(cut)).toEqual([]);
    expect(verifyTrail(cut, sha256, entries.at(-1)!.hash).faults).toMatchObject([
      { code: "anchor-missing", path: segments[5]!.path },
    ]);
  });

  test("a trail that was written anew from some entry on is found by the anchor", () => {
    const forged = rewritten(entries, segments, 6);
    expect(codesOf(forged)).toEqual([]);
    expect(codesOf(forged, entries.at(-1)!.hash)).toEqual(["anchor-missing"]);
  });

  test("a head that a commit recorded and the trail lost is told with that commit", () => {
    const heads = [
      { hash: entries[2]!.hash, where: "commit aaa" },
      { hash: entries.at(-1)!.hash, where: "commit bbb" },
    ];
    const { faults } = verifyTrail(segments.slice(0, 6), sha256, undefined, heads);
    expect(faults).toMatchObject([
      { code: "head-missing", message: expect.stringContaining("commit bbb") as string },
    ]);
  });
});
