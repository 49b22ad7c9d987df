import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planned } from "../../testing/engine/planned.ts";
import { credential, policy, settings, status, version } from "../../testing/evaluation/world.ts";
import type { Window } from "../documents/policy.ts";
import { dueDateOf } from "../evaluate/due-date.ts";
import { windowAt } from "../evaluate/window.ts";
import { addTo, durationSeconds, type Instant, instantOf } from "../model/instant.ts";
import type { Status } from "../state/status.ts";

/** Runs come when they come: late, twice, not for a year. Each rotation starts once, at the first that may. */

const DAY = 86_400;
const BEGIN = instantOf(Date.UTC(2026, 0, 1) / 1000);
const gaps = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 400 * DAY }),
    fc.integer({ min: 0, max: 3 * DAY }),
    fc.constantFrom(0, 1, 6 * 3600, DAY, 400 * DAY),
  ),
  { minLength: 1, maxLength: 14 },
);
const windows: fc.Arbitrary<Window | undefined> = fc.option(
  fc.record({
    cron: fc.constantFrom("0 2 * * *", "30 23 * * 1-5", "0 0 1 * *", "0 */6 * * *"),
    duration: fc.constantFrom("1h", "4h", "12h"),
    timezone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
  }),
  { nil: undefined },
);
const terms = fc.record({
  within: fc.integer({ min: 1, max: 120 }),
  warn: fc.integer({ min: 0, max: 60 }),
  window: windows,
});

function made(at: Instant): Status {
  return status("key", { versions: [version(at, { createdAt: at })], rotatedAt: at });
}

test("a rotation starts at the first run in its window at or after its start, never twice, never not at all", () => {
  fc.assert(
    fc.property(terms, gaps, ({ within, warn, window }, pauses) => {
      const spec = {
        match: { types: ["api-key" as const] },
        rotateWithin: `${within}d`,
        warnBefore: `${warn}d`,
        enforcement: "rotate" as const,
        ...(window === undefined ? {} : { window }),
      };
      const documents = [
        credential("key", { method: "automated", createdAt: "2026-01-01" }),
        policy("keys", spec),
      ];
      let [now, last] = [BEGIN, BEGIN];
      for (const pause of pauses) {
        now = addTo(now, pause);
        const facts = { live: [], last, lastSource: "", observed: true, end: undefined };
        const startAt = dueDateOf(spec, facts)?.startAt ?? now;
        const isOpen = window === undefined || windowAt(window, now).open;
        const { acts } = planned(now, documents, [made(last)]);
        expect(acts).toEqual(startAt <= now && isOpen ? ["key open overlap"] : []);
        if (acts.length === 0) continue;
        // A day's rotation leaves half a day to the next, however late this one came.
        last = now;
        const earliest = addTo(now, within * DAY - Math.min(warn * DAY, Math.floor((within * DAY) / 2)));
        for (const soon of [now, addTo(now, 1), addTo(earliest, -1)]) {
          expect(planned(soon, documents, [made(last)]).acts).toEqual([]);
        }
      }
    }),
    { numRuns: 120 },
  );
});

describe("with limits", () => {
  const many = fc.record({
    ages: fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 12 }),
    services: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 12, maxLength: 12 }),
    limits: fc.record({
      startsPerRun: fc.integer({ min: 0, max: 5 }),
      openRotations: fc.integer({ min: 0, max: 6 }),
      perService: fc.integer({ min: 1, max: 3 }),
    }),
  });

  test("never more start than may, those that are due first before the others, and all in the end", () => {
    fc.assert(
      fc.property(many, ({ ages, services, limits }) => {
        const now = addTo(BEGIN, 400 * DAY);
        const spec = { match: {}, rotateWithin: "60d", warnBefore: "0d", enforcement: "rotate" as const };
        const keys = ages.map((age, at) => ({
          name: `key-${String(at).padStart(2, "0")}`,
          service: services[at] ?? "a",
          last: addTo(now, -age * DAY),
        }));
        const documents = [
          ...keys.map(({ name, service }) =>
            credential(name, { method: "automated", service, createdAt: "2026-01-01" }),
          ),
          policy("keys", spec),
          settings({ limits }),
        ];
        const records = keys.map(({ name, service, last }) => ({ ...made(last), credential: name, service }));
        const started = planned(now, documents, records).acts.map((act) => act.split(" ")[0] ?? "");
        const due = keys
          .filter(({ last }) => addTo(last, durationSeconds("60d")) <= now)
          .toSorted((a, b) => (`${a.last} ${a.name}` < `${b.last} ${b.name}` ? -1 : 1));
        const expected: string[] = [];
        const perService = new Map<string, number>();
        for (const { name, service } of due) {
          const busy = perService.get(service) ?? 0;
          const most = Math.min(limits.startsPerRun, limits.openRotations);
          if (expected.length >= most || busy >= limits.perService) continue;
          perService.set(service, busy + 1);
          expected.push(name);
        }
        expect(started).toEqual(expected.toSorted());
      }),
      { numRuns: 150 },
    );
  });
});
