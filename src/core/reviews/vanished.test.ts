import { describe, expect, it } from "vitest";
import {
  at,
  credential,
  documents,
  evaluateAt,
  exception,
  status,
  version,
} from "../../testing/evaluation/world.ts";
import type { AuditEvent } from "../audit/entry.ts";
import type { Sourced } from "../documents/kinds.ts";
import { findingText } from "../evaluate/message.ts";
import type { VanishedFact } from "../state/review-book.ts";
import { rememberVanished } from "./vanished.ts";

const NOW = at("2026-03-10");
const GONE: VanishedFact = {
  file: "registry/key.yaml",
  commit: "1234567890abcdef",
  author: "mallory <m@example.com>",
  at: at("2026-03-09"),
};

function removed(detail: Readonly<Record<string, unknown>> = {}, credential = "key"): AuditEvent {
  return { time: NOW, event: "document.removed", credential, detail: { ...GONE, ...detail } };
}

describe("a credential's document that vanishes", () => {
  it("is remembered with its file, commit, author and day", () => {
    expect(rememberVanished(undefined, [removed()], documents())).toEqual({ key: GONE });
  });

  it.each([
    ["whose retirement was reached", [removed({ retiredAt: "2026-03-10" })], []],
    ["that is back", [removed()], [credential("key")]],
    ["that a successor names", [removed()], [credential("new", {}, { formerNames: ["key"] })]],
    ["of another kind", [{ ...removed(), credential: undefined } as unknown as AuditEvent], []],
    ["that was only changed", [{ ...removed(), event: "document.changed" }], []],
  ] satisfies readonly [string, readonly AuditEvent[], readonly Sourced[]][])(
    "is not, one %s",
    (_, changes, all) => {
      expect(rememberVanished(undefined, changes, documents(...all))).toBeUndefined();
    },
  );

  it("is remembered when its retirement was still to come", () => {
    const changes = [removed({ retiredAt: "2026-03-11" })];
    expect(Object.keys(rememberVanished(undefined, changes, documents()) ?? {})).toEqual(["key"]);
  });

  it("is forgotten once it is back", () => {
    expect(rememberVanished({ key: GONE }, [], documents(credential("key")))).toEqual({});
  });
});

describe("the finding about it", () => {
  const told = (
    all: readonly Sourced[],
    statuses: Parameters<typeof status>[1][] = [],
    incomplete = false,
  ) => {
    const state = {
      statuses: statuses.map((fact) => status("key", fact)),
      books: { reviews: { schemaVersion: 1 as const, vanished: { key: GONE } } },
    };
    return evaluateAt(NOW, all, state, { incomplete }).findings.filter(
      ({ code }) => code === "removed-without-retirement",
    );
  };

  it("is made without a record, too, and says who removed it when", () => {
    const [finding] = told([]);
    expect(finding && findingText(finding).message).toBe(
      "The document of key is gone since 2026-03-09, by mallory <m@example.com> in 1234567890, and it was never retired.",
    );
  });

  it("says what lives, where there is a record", () => {
    const [finding] = told([], [{ versions: [version("2026-01-01")] }]);
    expect(finding && findingText(finding).message).toContain(
      "in 1234567890, but 1 version can still authenticate",
    );
  });

  it("is not made while documents are invalid, nor when it is back or has a successor", () => {
    expect(told([], [], true)).toEqual([]);
    expect(told([credential("key")])).toEqual([]);
    expect(told([credential("new", {}, { formerNames: ["key"] })])).toEqual([]);
  });

  it("is waived by an exception that names it", () => {
    const waiver = (credentials: string[], finding = "removed-without-retirement") =>
      told([exception("gone", { credentials, finding })]).map(({ waivedBy }) => waivedBy);
    expect([waiver(["key"]), waiver(["other"]), waiver(["key"], "unmatched")]).toEqual([
      ["gone"],
      [null],
      [null],
    ]);
  });

  it("is made for a record alone, as before anybody remembered", () => {
    const lone = { statuses: [status("old", { versions: [version("2026-01-01")] })] };
    const [finding] = evaluateAt(NOW, [], lone).findings;
    expect(finding && findingText(finding).message).toBe(
      "The document of old (service shop) is gone, but 1 version can still authenticate (v-2026-01-01).",
    );
  });
});
