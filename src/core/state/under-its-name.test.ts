import { expect, test } from "vitest";
import { credential, documents, status } from "../../testing/evaluation/world.ts";
import { underItsName } from "./rename.ts";

const record = status("old-name");

test("a record follows its document to a new name and another service", () => {
  const renamed = documents(credential("new-name", { service: "billing" }, { formerNames: ["old-name"] }));
  expect(underItsName(record, renamed)).toEqual({ ...record, credential: "new-name", service: "billing" });
  const moved = documents(credential("old-name", { service: "billing" }));
  expect(underItsName(record, moved)).toEqual({ ...record, service: "billing" });
});

test("a record stays as it is where documents say nothing new of it", () => {
  expect(underItsName(record, documents(credential("old-name")))).toBe(record);
  expect(underItsName(record, documents())).toBe(record);
  // A name that a document bears today is nobody's former name.
  const taken = documents(credential("old-name"), credential("other", {}, { formerNames: ["old-name"] }));
  expect(underItsName(record, taken)).toBe(record);
});
