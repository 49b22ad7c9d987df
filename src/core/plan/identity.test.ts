import { expect, test } from "vitest";
import { at, rotation, status, version } from "../../testing/evaluation/world.ts";
import { otherIdentity, recordedElsewhere } from "./identity.ts";

const known = status("orders-key", {
  identity: "postgresql/db/orders",
  adoptedAt: at("2026-01-01"),
  versions: [version("2026-01-01")],
});
const statuses = new Map([["orders-key", known]]);

test("what is on record under another name is not adopted once more, and the way out is told", () => {
  const told = recordedElsewhere("shop-key", "postgresql/db/orders", statuses);
  expect(told).toContain("is on record as orders-key");
  expect(told).toContain("formerNames: [orders-key]");
});

test("another identity, its own record and one that has ended keep nothing back", () => {
  expect(recordedElsewhere("shop-key", "postgresql/db/shop", statuses)).toBeUndefined();
  expect(recordedElsewhere("orders-key", "postgresql/db/orders", statuses)).toBeUndefined();
  const ended = new Map([["orders-key", { ...known, versions: [] }]]);
  expect(recordedElsewhere("shop-key", "postgresql/db/orders", ended)).toBeUndefined();
  const between = new Map([["orders-key", { ...known, versions: [], rotation: rotation() }]]);
  expect(recordedElsewhere("shop-key", "postgresql/db/orders", between)).toContain("is on record as");
});

test.each([
  ["acme/ca.example.com/dir/a.example.com", "acme/ca.example.com/dir/a.example.com, b.example.com"],
  ["acme/staging.example.com/dir/a.example.com", "acme/ca.example.com/dir/a.example.com"],
  ["csr/any CA/a.example.com", "csr/any CA/b.example.com"],
])("the names of a certificate and its authority follow the document: %s, then %s", (before, after) => {
  expect(otherIdentity(status("shop-tls", { identity: before }), after)).toBeUndefined();
});

test.each([
  ["postgresql/db/orders_a", "postgresql/db/orders_b"],
  ["csr/any CA/a.example.com", "acme/ca.example.com/dir/a.example.com"],
])("a record never goes over to another object or another provider: %s, then %s", (before, after) => {
  expect(otherIdentity(status("shop-tls", { identity: before }), after)).toContain("register another");
});
