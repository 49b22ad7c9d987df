import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { CORE_SCHEMA, loadAll } from "js-yaml";
import { expect, test } from "vitest";
import { recordRetired, recordRotated } from "../../app/writing/dated-facts.ts";
import { editFields, parseFieldEdit } from "../../app/writing/edit-fields.ts";
import { registerCredential } from "../../app/writing/register.ts";
import { addSnooze } from "../../app/writing/waivers.ts";
import type { WriteContext, Written } from "../../app/writing/written.ts";
import { CreError } from "../../core/model/errors.ts";
import { at } from "../evaluation/world.ts";
import { soundFiles } from "./yaml-layout.ts";

/** What the commands write, on files as people lay them out. */

const CLOCK = at("2026-11-20T12:00:00Z");
const FILE = "registry/orders-api.yaml";

/** Does something to a repository with this file; what stands in it then, and what was said. */
function after(
  text: string,
  write: (context: WriteContext) => Written,
): { files: Map<string, string>; refusal?: CreError } {
  const repo = mkdtempSync(join(tmpdir(), "cre-written-"));
  try {
    mkdirSync(join(repo, "registry"));
    writeFileSync(join(repo, FILE), text);
    let refusal: CreError | undefined;
    try {
      write({ repo, clock: CLOCK });
    } catch (error) {
      if (!(error instanceof CreError)) throw error;
      refusal = error;
    }
    const paths = readdirSync(repo, { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith(".yaml"),
    );
    const files = new Map(paths.map((path) => [path, readFileSync(join(repo, path), "utf8")]));
    return { files, ...(refusal === undefined ? {} : { refusal }) };
  } finally {
    rmSync(repo, { recursive: true, force: true });
  }
}

function specOf(text: string): object {
  const all = loadAll(text.replace(/^\ufeff/, ""), { schema: CORE_SCHEMA }) as ({
    metadata?: { name?: string };
    spec: object;
  } | null)[];
  return all.find((document) => document?.metadata?.name === "orders-db")?.spec ?? {};
}

/** Characters of the old text that still stand before and behind what changed. */
function keptOf(text: string, result: string): number {
  const most = Math.min(text.length, result.length);
  let before = 0;
  while (before < most && text[before] === result[before]) before += 1;
  let behind = 0;
  while (behind < most - before && text.at(-1 - behind) === result.at(-1 - behind)) behind += 1;
  return before + behind;
}

/** As far as these tests look into it. */
interface Spec {
  readonly access: readonly object[];
}

const EDITS: readonly (readonly [
  what: string,
  write: (context: WriteContext) => Written,
  said: (spec: Spec) => object,
])[] = [
  [
    "rotated",
    (context) =>
      recordRotated(context, {
        name: "orders-db",
        at: "2026-11-19",
        expiresAt: "2027-11-19",
        handle: "AKIA2",
      }),
    () => ({ rotatedAt: "2026-11-19", expiresAt: "2027-11-19", handle: "AKIA2" }),
  ],
  [
    "retire",
    (context) => recordRetired(context, { name: "orders-db" }),
    () => ({ retiredAt: "2026-11-20T12:00:00Z" }),
  ],
  [
    "edit",
    (context) =>
      editFields(context, {
        name: "orders-db",
        edits: ["expiresAt=2027-05-01", "access[2]={ principal: x, kind: person }"].map(parseFieldEdit),
      }),
    ({ access }) => ({ expiresAt: "2027-05-01", access: [...access, { principal: "x", kind: "person" }] }),
  ],
];

test.each(EDITS)("cre %s says what was asked, keeps the file, and says it once", (what, write, said) => {
  fc.assert(
    fc.property(soundFiles, ({ text, spec }) => {
      const once = after(text, write);
      expect(once.refusal?.describe()).toBeUndefined();
      const result = once.files.get(FILE) ?? "";
      expect(specOf(result)).toEqual({ ...spec, ...said(spec as Spec) });
      const again = after(result, write);
      expect(again.files.get(FILE)).toBe(result);
      expect(again.refusal?.code).toBe(what === "retire" ? "already-retired" : undefined);
    }),
    { numRuns: 25 },
  );
});

test("cre register and cre snooze put a document behind the file or beside it, without touching a byte", () => {
  const options = {
    name: "new-key",
    type: "api-key",
    service: "orders-api",
    team: "orders",
    contact: "orders@example.com",
    method: "manual",
    labels: {},
    edits: [],
  } as const;
  fc.assert(
    fc.property(soundFiles, ({ text }) => {
      const registered = after(text, (context) => registerCredential(context, options));
      const result = registered.files.get(FILE) ?? "";
      expect(result.startsWith(text)).toBe(true);
      expect(after(result, (context) => registerCredential(context, options)).refusal?.code).toBe(
        "already-registered",
      );
      const snoozed = after(text, (context) =>
        addSnooze(context, { credentials: ["orders-db"], reason: "known", until: "7d" }),
      );
      expect(snoozed.refusal?.describe()).toBeUndefined();
      expect(snoozed.files.get(FILE)).toBe(text);
      expect(snoozed.files.size).toBe(2);
    }),
    { numRuns: 25 },
  );
});

test("what would not be valid is refused, and the file stays as it is", () => {
  const wrong = fc.constantFrom(
    "owner.team=Not A Name",
    "createdAt=2026-02-30",
    "colour=red",
    "type=password",
    "access[9]=x",
    "owner={ team: orders }",
  );
  fc.assert(
    fc.property(soundFiles, wrong, ({ text }, set) => {
      const { files, refusal } = after(text, (context) =>
        editFields(context, { name: "orders-db", edits: [parseFieldEdit(set)] }),
      );
      expect(refusal?.describe()).toMatch(/\S/);
      expect(files.get(FILE)).toBe(text);
      expect(files.size).toBe(1);
    }),
    { numRuns: 25 },
  );
});

test("an edit of one value keeps all that stands around it", () => {
  const contacts = fc.string({ minLength: 1, maxLength: 30 }).filter((contact) => contact.trim() !== "");
  fc.assert(
    fc.property(soundFiles, contacts, ({ text }, contact) => {
      const edits = [{ path: ["spec", "owner", "contact"], value: contact }];
      const { files, refusal } = after(text, (context) => editFields(context, { name: "orders-db", edits }));
      const result = files.get(FILE) ?? "";
      expect(refusal?.code ?? "write-refused").toBe("write-refused");
      expect(keptOf(text, result)).toBeGreaterThanOrEqual(text.length - "orders@example.com".length - 2);
    }),
    { numRuns: 25 },
  );
});
