import { expect, test } from "vitest";
import { instantOf } from "../../core/model/instant.ts";
import { systemRandom } from "./random.ts";

const START = Date.UTC(2026, 10, 23) / 1000;
const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function millisecondsOf(uuid: string): number {
  return Number.parseInt(uuid.replace("-", "").slice(0, 12), 16);
}

test("ids are UUIDv7 of the clock's time", () => {
  const random = systemRandom({ now: () => instantOf(START) });
  const id = random.uuid();
  expect(id).toMatch(FORM);
  expect(millisecondsOf(id)).toBe(START * 1000);
});

test("ids grow within one second, beyond the counter and when the clock goes back", () => {
  let seconds = START;
  const random = systemRandom({ now: () => instantOf(seconds) });
  const ids = Array.from({ length: 10_000 }, () => random.uuid());
  seconds -= 3600;
  ids.push(random.uuid());
  seconds += 7200;
  ids.push(random.uuid());
  expect(ids.every((id) => FORM.test(id))).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect(millisecondsOf(ids[9999]!) - START * 1000).toBeLessThan(10);
  expect(millisecondsOf(ids.at(-1)!)).toBe(seconds * 1000);
});

test("two sources with one clock give different ids and bytes", () => {
  const clock = { now: () => instantOf(START) };
  expect(systemRandom(clock).uuid()).not.toBe(systemRandom(clock).uuid());
  expect(systemRandom(clock).bytes(16)).toHaveLength(16);
  expect(systemRandom(clock).bytes(16)).not.toEqual(systemRandom(clock).bytes(16));
});
