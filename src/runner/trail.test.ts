import { expect, test } from "vitest";
import type { AuditEvent } from "../core/audit/entry.ts";
import { parseInstant } from "../core/model/instant.ts";
import { subjectOf } from "./trail.ts";

const time = parseInstant("2026-11-23T00:00:00Z")!;

test("a commit that only takes up a person's command does not call the step done that it is about", () => {
  const events: AuditEvent[] = [
    { time, event: "request.accepted", credential: "orders-db", step: "confirm", outcome: "done" },
  ];
  expect(subjectOf([{ name: "orders-db", events }], new Map())).toBe(
    "rotate orders-db: a person's command taken up",
  );
});

test.each([
  ["none", "new version taken as in use"],
  ["provider", "new version proven in use"],
])("a commit calls nothing proven that nobody could tell: by %s", (proof, phrase) => {
  const events: AuditEvent[] = [
    { time, event: "rotation.confirmed", credential: "orders-db", outcome: "done", detail: { proof } },
  ];
  expect(subjectOf([{ name: "orders-db", events }], new Map())).toBe(`rotate orders-db: ${phrase}`);
});
