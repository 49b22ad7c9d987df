import { expect, test } from "vitest";
import { fresh, NOON, old, record } from "../../testing/engine/record.ts";
import { addTo } from "../model/instant.ts";
import { certified, issued, referring } from "./new-version.ts";

const attempt = { id: "attempt-1", number: 1, startedAt: NOON };
const facts = { handle: "b@1", slot: "b" };

test("a version is no older than its intent, whatever a provider's late clock says", () => {
  const status = record({ step: "issue", phase: "intended", attempt, attempts: 1 });
  const late = issued(status, { ...facts, createdAt: addTo(NOON, -3600) });
  expect(late.rotation?.attempt?.createdAt).toBe(NOON);
  const exact = issued(status, { ...facts, createdAt: addTo(NOON, 2) });
  expect(exact.rotation?.attempt?.createdAt).toBe(addTo(NOON, 2));
});

test("what a provider needs to go on stays on record with the rotation", () => {
  const status = record({ recipe: "ordered", step: "request", phase: "intended", attempt, attempts: 1 });
  const order = "https://ca.example/order/1";
  expect(referring(status, order).rotation?.reference).toBe(order);
});

test("a certificate gives its dates to the version that it was made for, and to no other", () => {
  const status = record({ recipe: "signed", step: "collect" }, [old(), fresh()]);
  const dates = { notBefore: NOON, expiresAt: addTo(NOON, 90 * 86_400) };
  expect(certified(status, dates).versions).toEqual([old(), { ...fresh(), ...dates }]);
});
