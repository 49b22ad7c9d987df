import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { key, look } from "../../testing/discovery/looks.ts";
import { at } from "../../testing/evaluation/world.ts";
import { afterLook } from "./after-look.ts";

const LATER = { startedAt: at("2026-03-02T08:00:00Z"), at: at("2026-03-02T08:01:00Z") };

describe("what a look shows", () => {
  test("is new once, and keeps the day on which it was seen first", () => {
    const first = afterLook(undefined, look([key("AKIA1")]));
    expect(first.found).toHaveLength(1);
    const second = afterLook(first.part, look([key("AKIA1", { firstSeenAt: at("2026-03-02") })], LATER));
    expect(second).toMatchObject({ found: [], gone: [] });
    expect(second.part.seen).toEqual([key("AKIA1")]);
  });

  test("is the same key when other lines of its file moved it", () => {
    const line = (number: number) =>
      key("SHA256:a", { kind: "ssh-key", place: `web-1:/root/.ssh/authorized_keys:${number}` });
    const { part } = afterLook(undefined, look([line(3)]));
    expect(afterLook(part, look([line(7)], LATER))).toMatchObject({ found: [], gone: [] });
  });
});

describe("what a look does not show", () => {
  const { part } = afterLook(undefined, look([key("AKIA1"), key("AKIA2")]));

  test("is gone when it went through whole", () => {
    const after = afterLook(part, look([key("AKIA1")], LATER));
    expect(after.gone).toMatchObject([
      { handle: "AKIA2", lastSeenAt: "2026-03-01T08:01:00Z", goneAt: LATER.at },
    ]);
    expect(after.part.seen).toHaveLength(1);
  });

  test("stays when it was broken off, with when it was seen last", () => {
    const broken = look([key("AKIA1")], { ...LATER, complete: false, problems: ["access denied"] });
    const after = afterLook(part, broken);
    expect(after.gone).toEqual([]);
    expect(after.part.seen).toMatchObject([
      { handle: "AKIA1" },
      { handle: "AKIA2", lastSeenAt: "2026-03-01T08:01:00Z" },
    ]);
    expect(after.part.whole).toMatchObject({ at: "2026-03-01T08:01:00Z" });
  });

  test("is gone at the end of a look that went on over several runs, and not before", () => {
    const begun = afterLook(part, look([key("AKIA1")], { ...LATER, complete: false, cursor: "page-2" }));
    expect(begun.gone).toEqual([]);
    const end = look([], {
      continued: true,
      startedAt: at("2026-03-02T14:00:00Z"),
      at: at("2026-03-02T14:01:00Z"),
    });
    const ended = afterLook(begun.part, end);
    expect(ended.gone).toMatchObject([{ handle: "AKIA2" }]);
    expect(ended.part.look).toMatchObject({ startedAt: LATER.startedAt, complete: true, scanned: 1 });
    expect(ended.part.seen).toMatchObject([{ handle: "AKIA1" }]);
  });

  test("that comes back is gone no more", () => {
    const gone = afterLook(part, look([key("AKIA1")], LATER));
    expect(afterLook(gone.part, look([key("AKIA1"), key("AKIA2")])).part.gone).toBeUndefined();
  });
});

test("however looks are broken off, one that goes on to its end knows exactly what is there", () => {
  const handles = fc.subarray(["A", "B", "C", "D", "E"]);
  fc.assert(
    fc.property(handles, handles, fc.nat(5), (before, now, cut) => {
      const first = afterLook(undefined, look(before.map((handle) => key(handle)))).part;
      const page = (of: readonly string[]) => of.map((handle) => key(handle));
      const begun = look(page(now.slice(0, cut)), { ...LATER, complete: false, cursor: "on" });
      const middle = afterLook(first, begun);
      const ended = afterLook(middle.part, look(page(now.slice(cut)), { ...LATER, continued: true }));
      expect(ended.part.seen.map(({ handle }) => handle)).toEqual(now);
      const found = [...middle.found, ...ended.found].map(({ handle }) => handle).toSorted();
      expect(found).toEqual(now.filter((handle) => !before.includes(handle)));
      expect(ended.gone.map(({ handle }) => handle)).toEqual(
        before.filter((handle) => !now.includes(handle)),
      );
    }),
  );
});
