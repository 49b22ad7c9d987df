import { expect, test } from "vitest";
import { dateIn, passwordIn } from "./application.ts";

test.each([
  ["2026-11-25T10:00:00Z", "2026-11-25T10:00:00Z"],
  ["2026-11-25T10:00:00.1234567Z", "2026-11-25T10:00:00Z"],
  ["2026-11-25T00:00:00-8:00", "2026-11-25T08:00:00Z"],
  ["2026-11-25T00:00:00+05:30", "2026-11-24T18:30:00Z"],
  [null, undefined],
  [undefined, undefined],
  ["tomorrow", null],
  ["2026-02-30T00:00:00Z", null],
  [20_261_125, null],
  ["2".repeat(1000), null],
])("%j is the date %j", (text, instant) => {
  expect(dateIn(text)).toBe(instant);
});

const SOUND = {
  keyId: "F0B0B335-1d71-4883-8f98-567911bfdca6",
  displayName: null,
  hint: "abc",
  startDateTime: "2026-11-25T10:00:00Z",
  endDateTime: null,
};

test("a client secret is read whatever it lacks, except its id", () => {
  expect(passwordIn(SOUND)).toEqual({
    keyId: "f0b0b335-1d71-4883-8f98-567911bfdca6",
    name: undefined,
    hint: "abc",
    since: "2026-11-25T10:00:00Z",
    until: undefined,
  });
});

test.each([
  ["no object", "text"],
  ["a list", [SOUND]],
  ["no id", { ...SOUND, keyId: null }],
  ["an id that is none", { ...SOUND, keyId: "1'; drop" }],
  ["an end that is no date", { ...SOUND, endDateTime: "never" }],
])("%s is no client secret", (_, given) => {
  expect(passwordIn(given)).toBeUndefined();
});
