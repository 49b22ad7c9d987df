import { expect, test } from "vitest";
import { at } from "../../testing/evaluation/world.ts";
import type { AccessSpan } from "./access-log.ts";
import { accessRows } from "./access-rows.ts";

const SPAN: AccessSpan = {
  credential: "key",
  service: "shop",
  team: "payments",
  principal: "alice",
  kind: "person",
  purpose: undefined,
  from: at("2026-01-01T00:00:00Z"),
  by: "c1",
  to: at("2026-02-01T00:00:00Z"),
  endedBy: "c2",
};

function rowOf(span: AccessSpan, rotated: string | undefined, subject = "add key") {
  const [row] = accessRows([span], {
    lastRotatedAt: () => (rotated === undefined ? undefined : at(`${rotated}T00:00:00Z`)),
    commit: () => ({ author: "Bob <bob@example.com>", subject }),
    approvers: () => ["carol"],
  });
  return row;
}

test("a leaver still knows what was not rotated after the access ended", () => {
  expect(rowOf(SPAN, "2026-01-20")).toMatchObject({ stillKnown: "yes" });
  expect(rowOf(SPAN, "2026-02-01")).toMatchObject({ stillKnown: "no" });
  expect(rowOf({ ...SPAN, to: undefined }, "2026-03-01")).toMatchObject({ stillKnown: "yes" });
  expect(rowOf(SPAN, undefined)).toMatchObject({ stillKnown: "gone", lastRotatedAt: null });
});

test("the pull request is what the commit's message names", () => {
  expect(rowOf(SPAN, undefined, "Merge pull request #12 from acme/access")).toMatchObject({
    pullRequest: "12",
  });
  expect(rowOf(SPAN, undefined, "Access for Alice (#34)")).toMatchObject({ pullRequest: "34" });
  expect(rowOf(SPAN, undefined, "Access (#34) for Alice")).toMatchObject({ pullRequest: null });
});
