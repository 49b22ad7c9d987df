import { describe, expect, test } from "vitest";
import { instantOf } from "../model/instant.ts";
import type { Alert, Message } from "../ports/channel.ts";
import { excerptOf, fitting } from "./excerpt.ts";
import { alertTitle, alertWords, headline, hiddenWords, webAddress } from "./words.ts";

const ALERT: Alert = {
  fingerprint: "0b54f2c9d1a7e386",
  occasion: "new",
  level: "critical",
  code: "rotation-overdue",
  credential: "orders-db",
  service: "orders-api",
  team: "payments",
  message: "orders-db is overdue",
  fix: "rotate it",
  since: instantOf(1_790_000_000),
  dueAt: instantOf(1_790_000_000),
  url: "https://a.example/1",
};
const MESSAGE: Message = {
  id: "1",
  kind: "digest",
  level: "critical",
  place: "acme/credentials",
  alerts: [ALERT],
  more: {},
  at: instantOf(1_790_000_000),
  url: undefined,
};

test.each([
  [{ kind: "immediate" }, "Critical: orders-db in acme/credentials"],
  [{}, "Daily digest of acme/credentials: 1 critical"],
  [
    { more: { warning: 1234, emergency: 2 } },
    "Daily digest of acme/credentials: 2 emergencies, 1 critical, 1,234 warnings",
  ],
  [{ kind: "immediate", more: { warning: 1 } }, "acme/credentials: 1 critical, 1 warning"],
  [{ alerts: [{ ...ALERT, occasion: "recovered" }] }, "Daily digest of acme/credentials: 1 recovered"],
  [{ alerts: [], place: "\u200b" }, "Daily digest of this repository: nothing new"],
] as const)("the headline of %j", (fields, line) => {
  expect(headline({ ...MESSAGE, ...fields })).toBe(line);
});

test.each([
  ["new", "Critical: orders-db"],
  ["raised", "Raised to critical: orders-db"],
  ["escalated", "Unanswered, critical: orders-db"],
  ["reminder", "Reminder, critical: orders-db"],
  ["answered", "Answered, still critical: orders-db"],
  ["recovered", "Recovered: orders-db"],
] as const)("the title of an alert that is %s", (occasion, title) => {
  expect(alertTitle({ ...ALERT, occasion })).toBe(title);
});

describe("an alert in words", () => {
  test("has what tells more, and nothing empty", () => {
    const words = alertWords({
      ...ALERT,
      credential: undefined,
      service: "\u202e",
      team: undefined,
      message: " ",
      fix: "",
    });
    expect(words).toMatchObject({
      title: "Critical: this repository",
      problem: "no details",
      fix: "see the command",
      command: "cre explain 0b54f2c9d1a7e386",
    });
    expect(words.facts.map(([name]) => name)).toEqual(["Due", "Since", "Finding"]);
  });

  test("of what is over asks for nothing", () => {
    const { fix, facts } = alertWords({ ...ALERT, occasion: "recovered" });
    expect(fix).toBe("nothing, it is over");
    expect(facts.map(([name]) => name)).not.toContain("Due");
  });
});

test.each([
  ["https://a.example/x y", "https://a.example/x%20y"],
  ["http://a.example/", undefined],
  ["javascript:alert(1)", undefined],
  ["https://user@a.example/", undefined],
  ["https://:canary@a.example/", undefined],
  [`https://a.example/${"x".repeat(1000)}`, undefined],
  [undefined, undefined],
])("people may be led to %s: %s", (address, led) => {
  expect(webAddress(address)).toBe(led);
});

test("what is hidden is counted by level, recoveries apart", () => {
  const alerts = [ALERT, ALERT, { ...ALERT, occasion: "recovered" as const }];
  const message = { ...MESSAGE, alerts, more: { warning: 3 } };
  expect(hiddenWords(excerptOf(message, 1))).toBe("and more: 1 critical, 3 warnings, 1 recovered");
  expect(hiddenWords(excerptOf({ ...message, more: {} }, 3))).toBeUndefined();
});

test("as many alerts are shown as fit, and never more than are allowed", () => {
  const message = { ...MESSAGE, alerts: Array.from({ length: 30 }, () => ALERT) };
  const shown = (most: number, room: number): number =>
    fitting(
      message,
      most,
      ({ shown: those }) => those.length,
      (length) => length <= room,
    );
  expect([shown(20, 7), shown(20, 100), shown(100, 100), shown(20, 0), shown(20, -1)]).toEqual([
    7, 20, 30, 0, 0,
  ]);
});
