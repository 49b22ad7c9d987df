import { describe, expect, it } from "vitest";
import { NOON } from "../../testing/engine/record.ts";
import {
  credential,
  documents,
  pressedHold,
  records,
  status,
  version,
} from "../../testing/evaluation/world.ts";
import type { Request } from "./facts.ts";
import { joinRecords } from "./rename.ts";

const renamed = (name: string, ...formerNames: readonly string[]) =>
  credential(name, {}, { formerNames: [...formerNames] });
const known = (name: string) => status(name, { versions: [version("2026-01-01", { handle: `of ${name}` })] });

describe("a record follows its document", () => {
  it.each([
    ["as it is", [credential("key")], [known("key")], { key: "of key" }, []],
    ["to its new name", [renamed("new", "key")], [known("key")], { new: "of key" }, [["new", "shop/key"]]],
    [
      "over several names",
      [renamed("new", "older", "key")],
      [known("key")],
      { new: "of key" },
      [["new", "shop/key"]],
    ],
    [
      "not while the old name is in use",
      [renamed("new", "key"), credential("key")],
      [known("key")],
      { key: "of key" },
      [],
    ],
    [
      "not over a record of its own",
      [renamed("new", "key")],
      [known("key"), known("new")],
      { key: "of key", new: "of new" },
      [],
    ],
    [
      "to its new service",
      [credential("key", { service: "billing" })],
      [known("key")],
      { key: "of key" },
      [["key", "shop/key"]],
    ],
    ["nor away without a document", [], [known("key")], { key: "of key" }, []],
    [
      "only once",
      [renamed("a", "key"), renamed("b", "key")],
      [known("key")],
      { a: "of key" },
      [["a", "shop/key"]],
    ],
  ] as const)("%s", (_name, all, statuses, expected, stale) => {
    const joined = joinRecords(records({ statuses }), documents(...all));
    const handles = [...joined.state.statuses].map(([name, found]) => [name, found.versions[0]?.handle]);
    expect(Object.fromEntries(handles)).toEqual(expected);
    expect([...joined.stale].map(([name, place]) => [name, `${place.service}/${place.credential}`])).toEqual(
      stale,
    );
    for (const [name, found] of joined.state.statuses) expect(found.credential).toBe(name);
  });

  it("with its service in it", () => {
    const joined = joinRecords(
      records({ statuses: [known("key")] }),
      documents(credential("key", { service: "billing" })),
    );
    expect(joined.state.statuses.get("key")?.service).toBe("billing");
  });
});

describe("what people commanded under the old name", () => {
  const request: Request = {
    schemaVersion: 1,
    id: "q",
    verb: "retry",
    credential: "key",
    at: NOON,
    by: "carol",
    reason: "x",
  };

  it("holds and asks under the new one", () => {
    const state = {
      ...records({ holds: [pressedHold("h", { credentials: ["key"] })] }),
      requests: new Map([["q", request]]),
    };
    const joined = joinRecords(state, documents(renamed("new", "key"))).state;
    expect(joined.holds.get("h")?.credentials).toEqual(["key", "new"]);
    expect(joined.requests.get("q")?.credential).toBe("new");
    expect(joinRecords(joined, documents(renamed("new", "key"))).state.holds.get("h")?.credentials).toEqual([
      "key",
      "new",
    ]);
  });

  it("is not taken over while the old name is in use", () => {
    const state = records({ holds: [pressedHold("h", { credentials: ["key"] })] });
    const joined = joinRecords(state, documents(renamed("new", "key"), credential("key")));
    expect(joined.state.holds.get("h")?.credentials).toEqual(["key"]);
  });
});
