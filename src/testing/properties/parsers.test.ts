import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readComment, writeComment } from "../../adapters/clients/postgresql/mark.ts";
import { peerUrl } from "../../adapters/clients/signed-http/peer-url.ts";
import { readHeld } from "../../adapters/clients/staged-messages/held.ts";
import {
  currentAttempt,
  isClosed,
  parseStaged,
  showsVersion,
  withVersion,
} from "../../adapters/deliveries/env-file/env-text.ts";
import { commentsOf } from "../../adapters/documents-editor/comments.ts";
import { parseEditPath } from "../../adapters/documents-editor/edit-path.ts";
import { parseValueText } from "../../adapters/documents-editor/value-text.ts";
import { outlinesOf } from "../../adapters/store/document-outline.ts";
import { recordReaders } from "../../adapters/store/records.ts";
import { segmentOf } from "../../adapters/store/segment-file.ts";
import { parseFieldEdit } from "../../app/writing/edit-fields.ts";
import { parseCommandLine } from "../../cli/command-line.ts";
import { COMMANDS } from "../../cli/command-table.ts";
import { seal, segmentText } from "../../core/audit/seal.ts";
import { parseSegmentPath } from "../../core/audit/segment-path.ts";
import { entriesOf, trailOf } from "../../core/audit/trail.ts";
import { verifyTrail } from "../../core/audit/verify.ts";
import { renderValue, templateParts } from "../../core/delivery/render-values.ts";
import { windowFaults } from "../../core/documents/check/windows.ts";
import { windowAt } from "../../core/evaluate/window.ts";
import { CreError } from "../../core/model/errors.ts";
import { parseDuration, parseInstant } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import { globMatches } from "../../core/text/glob.ts";
import { nearest } from "../../core/text/nearest.ts";
import { at, incident, policy, pressedHold, rotation, sha256, status, version } from "../evaluation/world.ts";
import { mutated } from "./mutated.ts";

/**
 * Everything that reads what others wrote: any bytes give a value, or a problem in words. An error of another kind, a
 * changed prototype or a reader that never comes back would be a bug that a stranger can set off.
 */

const NOON = at("2026-11-20T12:00:00Z");
const RECORDS = [
  status("orders-db", { versions: [version("2026-01-01")], rotation: rotation() }),
  incident("orders-db-1", "orders-db", "2026-11-20"),
  pressedHold("stop-1", { all: true }),
  { schemaVersion: 1, id: "r", verb: "retry", credential: "orders-db", at: NOON, by: "alice", reason: "x" },
].map((record) => `${JSON.stringify(record, undefined, 2)}\n`);
const TRAIL = segmentText(
  seal(
    [
      { time: NOON, event: "run", inputs: "c0ffee", detail: { counts: { "10": 1, "9": 2 }, words: "é" } },
      {
        time: NOON,
        event: "document.renamed",
        credential: "a",
        detail: { formerName: "b", kind: "Credential" },
      },
    ],
    undefined,
    { run: "run-1", actor: "alice" },
    sha256,
  ),
);
const DOCUMENT =
  "kind: Credential\nmetadata: { name: a, formerNames: [b] }\nspec: { a: &x [1], b: *x }\n---\nkind: Policy\n";
const ENV =
  '# cre: attempt a1 of db\nexport A=\'x\ny\'\nB="\\"z"\nC=1 # c\n# cre: staged attempt a2 of db\nD=`e`\n';
const HELD = JSON.stringify({ credential: "db", current: "attempt-1", pending: null });

/** Reads bytes; a CreError is an answer, too. */
type Reader = (bytes: Buffer) => unknown;
const text =
  (read: (words: string) => unknown): Reader =>
  (bytes) =>
    read(bytes.toString());

const VERSION = { attempt: "a9", assignments: new Map([["A", "A='new'"]]) };
const { status: statuses, incident: incidents, hold: holds, request: requests } = recordReaders();
const PARTS = new Map([["part", new Secret("value")]]);

const READERS: readonly (readonly [what: string, samples: readonly string[], read: Reader])[] = [
  [
    "records of the machine",
    RECORDS,
    (bytes) =>
      [statuses, incidents, holds, requests].map((each) =>
        each.read(sha256(bytes.toString("latin1")), bytes),
      ),
  ],
  [
    "segments of the trail",
    [TRAIL],
    (bytes) => {
      const segments = [segmentOf("audit/2026/11/000000000001-run-1.jsonl", bytes)];
      trailOf("a", entriesOf(segments));
      return verifyTrail(segments, sha256, "0".repeat(64)).faults;
    },
  ],
  ["paths of segments", ["audit/2026/11/000000000001-run-1.jsonl"], text(parseSegmentPath)],
  ["outlines of documents", [DOCUMENT], (bytes) => outlinesOf("registry/a.yaml", bytes)],
  ["comments of documents", [DOCUMENT], text(commentsOf)],
  ["instants", ["2026-11-20", "2026-11-20T12:00:00.5Z"], text(parseInstant)],
  ["durations", ["90d", "15m"], text(parseDuration)],
  [
    "globs",
    ["orders_*", "*a*b*"],
    text((words) => [globMatches(words, "orders_a"), globMatches("*a*b*", words)]),
  ],
  ["mistyped words", ["evaluate"], text((words) => nearest(words, ["evaluate", "validate"]))],
  [
    "cron lines",
    ["0 2 * * 1-5", "*/15 0-6 1,15 JAN-MAR SUN#2", "0 0 L * *"],
    text((cron) => {
      const window = { cron, duration: "1h" };
      const faults = windowFaults(policy("p", { match: {}, window }));
      return faults.length > 0 ? faults : windowAt(window, NOON);
    }),
  ],
  [
    "time zones",
    ["Europe/Berlin", "UTC", "+01:00"],
    text((timezone) => {
      const window = { cron: "0 2 * * *", duration: "1h", timezone };
      const faults = windowFaults(policy("p", { match: {}, window }));
      return faults.length > 0 ? faults : windowAt(window, NOON);
    }),
  ],
  [
    "templates",
    ["postgres://{part}:{part:uri}@h"],
    text((words) => [templateParts(words), renderValue(words, PARTS)]),
  ],
  [
    "parts of templates",
    ["value"],
    text((words) => renderValue("{part:uri}", new Map([["part", new Secret(words)]]))),
  ],
  [
    "env files",
    [ENV],
    (bytes) => {
      const words = bytes.toString("latin1");
      const written = withVersion(words, "db", VERSION);
      return [
        currentAttempt(words, "db"),
        isClosed(words),
        parseStaged(words, "db"),
        showsVersion(written, "db", VERSION),
      ];
    },
  ],
  [
    "comments of roles",
    ["the orders role [cre:r-1:a-1:3] kept", "[cre:r:a:1:free]"],
    text((words) => {
      const { mark } = readComment(words);
      return mark === undefined ? undefined : writeComment(words, mark);
    }),
  ],
  ["answers of webhooks", [HELD], (bytes) => readHeld(bytes, "db")],
  [
    "addresses of webhooks",
    ["https://orders.internal/hook?a=b"],
    text((words) => peerUrl("webhook", "hook", words)),
  ],
  ["paths of fields", ['spec.access[0].until["x y"]'], text(parseEditPath)],
  ["values of fields", ["[a, { b: 1 }]", '"x: y"'], text(parseValueText)],
  ["fields with values", ["spec.owner.team=payments", "access[0]={ principal: a }"], text(parseFieldEdit)],
];

function outcomeOf(read: Reader, bytes: Buffer): unknown {
  try {
    return read(bytes);
  } catch (error) {
    if (error instanceof CreError && error.code !== "" && error.message !== "") return "refused";
    throw error;
  }
}

describe("any bytes give a value or a problem", () => {
  const before = Object.getOwnPropertyNames(Object.prototype);

  test.each(READERS)("%s", (_, samples, read) => {
    fc.assert(
      fc.property(mutated(samples), (bytes) => {
        const once = outcomeOf(read, bytes);
        expect(outcomeOf(read, bytes)).toEqual(once);
      }),
      { numRuns: 150 },
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  });

  test.each(READERS)("%s, as they are meant to be", (_, samples, read) => {
    for (const sample of samples) expect(outcomeOf(read, Buffer.from(sample))).not.toBe("refused");
  });
});

test("a file of blank lines, and one of blanks, hold no documents and cost no time", () => {
  for (const blank of ["\n", " ", "\r\n", "\t\n", "# c\n", "---\n"]) {
    expect(outlinesOf("registry/a.yaml", Buffer.from(blank.repeat(500_000)))).toEqual([]);
  }
});

describe("a command line", () => {
  const names = COMMANDS.flatMap(({ name }) => name.split(" "));
  const flags = COMMANDS.flatMap(({ options }) => options.map((option) => `--${option.name}`));
  const words = fc.oneof(
    fc.constantFrom(...names, ...names, ...flags, ...flags),
    fc.constantFrom(
      "--",
      "-",
      "-h",
      "-q",
      "-V",
      "-hq",
      "-x",
      "--=",
      "--=x",
      "--no-color",
      "--no-quiet",
      "--format=json",
      "--help=x",
    ),
    fc.constantFrom(
      "--__proto__",
      "--__proto__=x",
      "--constructor",
      "--toString=1",
      "-\u0000",
      "orders-db",
      "2026-12-01",
      "a=b",
      "",
    ),
    fc.string({ maxLength: 8 }),
    mutated(["--until=2026-12-01", "--set=a=b", "hold"]).map((bytes) => bytes.toString()),
  );

  /** Half of the lines begin with a command, as those of people do. */
  const begin = fc.oneof(
    fc.constant<string[]>([]),
    fc.constantFrom(...COMMANDS).map(({ name, options }) => {
      const required = options.filter((option) => option.required === true);
      return name.split(" ").concat(required.map((option) => `--${option.name}=x=y`));
    }),
  );

  test("is understood, or refused with a reason and a way out", () => {
    const counts = new Map<string, number>();
    fc.assert(
      fc.property(begin, fc.array(words, { maxLength: 6 }), (command, rest) => {
        const argv = [...command, ...rest];
        const kind = kindOf(argv);
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }),
      { numRuns: 1500 },
    );
    for (const kind of ["help", "refused", "run"]) expect(counts.get(kind)).toBeGreaterThan(10);
    expect(({} as { x?: string }).x).toBeUndefined();
  });

  function kindOf(argv: readonly string[]): string {
    try {
      const parsed = parseCommandLine(argv, COMMANDS);
      if (parsed.kind !== "run") return parsed.kind;
      const { command, invocation } = parsed;
      for (const { name, many } of command.options) {
        if (many !== true && invocation.values(name).length > 1) throw new Error(`--${name} twice`);
      }
      return "run";
    } catch (error) {
      if (error instanceof CreError && error.code === "usage" && error.fix !== undefined) return "refused";
      throw error;
    }
  }
});
