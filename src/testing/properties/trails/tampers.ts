import type { AuditEntry } from "../../../core/audit/entry.ts";
import { seal, segmentText } from "../../../core/audit/seal.ts";
import { segmentPath } from "../../../core/state/layout.ts";
import { type Files, sha256, type WrittenTrail } from "./written-trail.ts";

/** Numbers that choose the place and the kind of a damage; the generator shrinks them. */
export interface Choice {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** What somebody does to the files of a trail who can write the branch; undefined: nothing to do it to. */
export type Tamper = (trail: WrittenTrail, other: WrittenTrail, choice: Choice) => Files | undefined;

type Line = readonly [file: number, text: string];

function linesOf(files: Files): Line[] {
  return files.flatMap(([, bytes], file) =>
    bytes
      .toString("utf8")
      .split("\n")
      .slice(0, -1)
      .map((text): Line => [file, text]),
  );
}

/** The same paths with these lines; a file without lines is empty. */
function withLines(files: Files, lines: readonly Line[]): Files {
  return files.map(([path], file) => {
    const own = lines.filter(([at]) => at === file).map(([, text]) => `${text}\n`);
    return [path, Buffer.from(own.join(""))];
  });
}

function onLine(change: (line: string, choice: Choice) => string): Tamper {
  return ({ files }, _, choice) => {
    const lines = linesOf(files);
    const at = choice.a % lines.length;
    const [file, text] = lines[at] ?? [0, ""];
    return withLines(files, lines.with(at, [file, change(text, choice)]));
  };
}

function onFile(change: (bytes: Buffer, choice: Choice) => Buffer): Tamper {
  return ({ files }, _, choice) => {
    const at = choice.a % files.length;
    const [path, bytes] = files[at] ?? ["", Buffer.alloc(0)];
    return files.with(at, [path, change(bytes, choice)]);
  };
}

function onPath(change: (path: string, choice: Choice) => string): Tamper {
  return ({ files }, _, choice) => {
    const at = choice.a % files.length;
    const [path, bytes] = files[at] ?? ["", Buffer.alloc(0)];
    return files.with(at, [change(path, choice), bytes]);
  };
}

/** Events of entries from `seq` on, said anew by somebody who knows the format, each changed a little. */
function resealed(entries: readonly AuditEntry[], from: number): AuditEntry[] {
  const kept = entries.slice(0, from);
  for (const { hash: _, seq: __, prev: ___, run, actor, ...event } of entries.slice(from)) {
    const changed = { ...event, detail: { ...event.detail, forged: true } };
    kept.push(...seal([changed], kept.at(-1), { run, actor }, sha256));
  }
  return kept;
}

/** The files of a trail with other entries in the places of its own. */
function inPlaceOf(files: Files, entries: readonly AuditEntry[]): Files {
  const lines = linesOf(files);
  return withLines(
    files,
    entries.map((entry, at): Line => [lines[at]?.[0] ?? files.length - 1, segmentText([entry]).trimEnd()]),
  );
}

/** The JSON of a line written in another way that says the same. */
const REWRITINGS: readonly ((line: string) => string)[] = [
  (line) => line.replace('":', '": '),
  (line) => line.replace('","', '", "'),
  (line) =>
    line.replace(/"actor":"(.)/, (_, first: string) => `"actor":"\\u00${first.charCodeAt(0).toString(16)}`),
  (line) => line.replace(/"seq":(\d+)/, '"seq":$1.0'),
  (line) => line.replace(/"seq":(\d+)/, '"seq":$1e0'),
  (line) => line.replace(/,"seq":(\d+)/, ',"seq":1,"seq":$1'),
  (line) => line.replace(/^\{("actor":"[^"]*"),/, "{").replace(/\}$/, ',"actor":"alice"}'),
  (line) => line.replace(/\//g, "\\/"),
  (line) => line.normalize("NFD"),
  (line) => `${line}\r`,
  (line) => `\ufeff${line}`,
  (line) => ` ${line}`,
  (line) => `${line} `,
];

/** Every way of damaging a trail that is tried, by what it is called in the table. */
export const TAMPERS: Readonly<Record<string, Tamper>> = {
  "one byte changed": onFile((bytes, { b, c }) => {
    const at = b % bytes.length;
    return Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from([(bytes[at] ?? 0) ^ (1 + (c % 255))]),
      bytes.subarray(at + 1),
    ]);
  }),
  "one byte removed": onFile((bytes, { b }) => {
    const at = b % bytes.length;
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  }),
  "one byte put in": onFile((bytes, { b, c }) => {
    const at = b % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from([c % 256]), bytes.subarray(at)]);
  }),
  "a file cut at any byte": onFile((bytes, { b }) => bytes.subarray(0, b % bytes.length)),
  "everything cut at any byte": ({ files }, _, { a, b }) => {
    const at = a % files.length;
    const [path, bytes] = files[at] ?? ["", Buffer.alloc(0)];
    const left = bytes.subarray(0, b % bytes.length);
    return left.length === 0 ? files.slice(0, at) : [...files.slice(0, at), [path, left]];
  },
  "an entry removed": ({ files }, _, { a }) => {
    const lines = linesOf(files);
    return withLines(files, lines.toSpliced(a % lines.length, 1));
  },
  "a file removed": ({ files }, _, { a }) => files.toSpliced(a % files.length, 1),
  "the first entries removed": ({ files }, _, { a }) => {
    const lines = linesOf(files);
    const left = lines.slice(1 + (a % lines.length));
    return withLines(files, left).filter(([, bytes]) => bytes.length > 0);
  },
  "a month removed": ({ files }, _, { a }) => {
    const month = files[a % files.length]?.[0].slice(0, "audit/2026/11".length) ?? "";
    return files.filter(([path]) => !path.startsWith(month));
  },
  "two entries exchanged": ({ files }, _, { a, b }) => {
    const lines = linesOf(files);
    const [x, y] = [a % lines.length, b % lines.length];
    const [one, two]: readonly [Line, Line] = [lines[x] ?? [0, ""], lines[y] ?? [0, ""]];
    return withLines(files, lines.with(x, [one[0], two[1]]).with(y, [two[0], one[1]]));
  },
  "two files exchanged": ({ files }, _, { a, b }) => {
    const [x, y] = [a % files.length, b % files.length];
    const [one, two] = [files[x], files[y]];
    if (one === undefined || two === undefined) return undefined;
    return files.with(x, [one[0], two[1]]).with(y, [two[0], one[1]]);
  },
  "all entries in another order": ({ files }, _, { a }) => {
    const lines = linesOf(files);
    const turned = [...lines.slice(a % lines.length), ...lines.slice(0, a % lines.length)];
    return withLines(
      files,
      turned.map(([, text], at): Line => [lines[at]?.[0] ?? 0, text]),
    );
  },
  "an entry a second time": ({ files }, _, { a, b }) => {
    const lines = linesOf(files);
    const [file = 0] = lines[b % lines.length] ?? [];
    return withLines(files, lines.toSpliced(b % lines.length, 0, [file, lines[a % lines.length]?.[1] ?? ""]));
  },
  "a file a second time": ({ files }, _, { a, c }) => {
    const [path, bytes] = files[a % files.length] ?? ["", Buffer.alloc(0)];
    return [...files, [path.replace(".jsonl", `-${c}.jsonl`), bytes]];
  },
  "an entry put in": ({ files, entries }, _, { a }) => {
    const at = a % entries.length;
    const { hash: __, seq, prev, run, actor, ...event } = entries[at] as AuditEntry; // below their number
    const [forged] = seal([event], { seq, hash: prev, time: "" }, { run, actor }, sha256);
    const lines = linesOf(files);
    return withLines(
      files,
      lines.toSpliced(at + 1, 0, [lines[at]?.[0] ?? 0, segmentText([forged as AuditEntry]).trimEnd()]),
    );
  },
  "an entry rewritten with its hash": ({ files, entries }, _, { a }) => {
    const at = a % entries.length;
    return inPlaceOf(files, [...resealed(entries.slice(0, at + 1), at), ...entries.slice(at + 1)]);
  },
  "all rewritten from an entry on": ({ files, entries }, _, { a }) =>
    inPlaceOf(files, resealed(entries, a % entries.length)),
  "the end of another trail put on": ({ files, entries }, other, { a }) => {
    const at = a % entries.length;
    const theirs = other.entries.slice(at);
    return theirs.length === 0 ? undefined : inPlaceOf(files, [...entries.slice(0, at), ...theirs]);
  },
  "a file of another trail": ({ files }, other, { a, b }) => {
    const [path] = files[a % files.length] ?? [""];
    const [, bytes] = other.files[b % other.files.length] ?? ["", Buffer.alloc(0)];
    return files.with(a % files.length, [path, bytes]);
  },
  "a fork": ({ files, entries }, _, { a, c }) => {
    const { seq, time, hash } = entries[a % entries.length] as AuditEntry; // below their number
    if (seq === entries.length) return undefined; // there it is simply the next entry
    const sealed = seal(
      [{ time: time, event: "run" }],
      { seq, hash, time },
      { run: `fork-${c}`, actor: "bob" },
      sha256,
    );
    return [...files, [segmentPath(seq + 1, `fork-${c}`, time), Buffer.from(segmentText(sealed))]];
  },
  "a fork instead of the end": ({ files, entries }, _, { a }) => {
    const from = a % entries.length;
    return inPlaceOf(files, resealed(entries, from).slice(0, from + 1)).filter(
      ([, bytes]) => bytes.length > 0,
    );
  },
  "the same, written otherwise": onLine((line, { b }) => REWRITINGS[b % REWRITINGS.length]?.(line) ?? line),
  "a line in Latin-1": ({ files }, _, { a }) => {
    const at = a % files.length;
    const [path, bytes] = files[at] ?? ["", Buffer.alloc(0)];
    return files.with(at, [path, Buffer.from(bytes.toString("utf8"), "latin1")]);
  },
  "a file renamed": onPath((path, { b }) => path.replace(/\d{12}/, String(b).padStart(12, "0"))),
  "a file of another run": onPath((path) => path.replace(".jsonl", "-x.jsonl")),
  "a file in another month": onPath((path, { b }) =>
    path.replace(/\d\d\/(?=\d{12})/, `${String(b % 100).padStart(2, "0")}/`),
  ),
  "a file out of sight": onPath((path) => path.replace(".jsonl", ".json")),
  "a file emptied": onFile(() => Buffer.alloc(0)),
  "other line ends": onFile((bytes) => Buffer.from(bytes.toString("utf8").replaceAll("\n", "\r\n"))),
  "an empty line": onFile((bytes, { b }) => {
    const breaks = [...bytes.entries()].flatMap(([at, byte]) => (byte === 0x0a ? [at] : []));
    const at = breaks[b % breaks.length] ?? 0;
    return Buffer.concat([bytes.subarray(0, at), Buffer.from("\n"), bytes.subarray(at)]);
  }),
};
