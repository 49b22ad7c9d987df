import fc from "fast-check";
import { expect, test } from "vitest";
import type { PolicySpec } from "../documents/policy.ts";
import {
  addTo,
  durationSeconds,
  type Instant,
  instantOf,
  parseInstant,
  secondsBetween,
} from "../model/instant.ts";
import type { CredentialFacts } from "./credential-facts.ts";
import { type DueDate, dueDateOf } from "./due-date.ts";

const DAY = 86_400;
const dates = fc
  .integer({ min: Date.UTC(2016, 0, 1) / 1000, max: Date.UTC(2036, 11, 31) / 1000 })
  .map(instantOf);
const spans = fc.oneof(
  fc.integer({ min: 1, max: 400 }).map((count) => `${count}d`),
  fc.integer({ min: 1, max: 60 }).map((count) => `${count}w`),
  fc.integer({ min: 1, max: 5000 }).map((count) => `${count}h`),
  fc.constantFrom("0s", "30d", "90d", "999999999w"),
);
const fractions = fc
  .tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 }))
  .map(([a, b]) => `${a}/${b}`);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

interface Asked {
  readonly rotateWithin: string | undefined;
  readonly warnBefore: string | undefined;
  readonly beforeExpiry: string | undefined;
  readonly fraction: string | undefined;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  rotateWithin: maybe(spans),
  warnBefore: maybe(spans),
  beforeExpiry: maybe(spans),
  fraction: maybe(fractions),
});
const lives = fc.record({
  last: dates,
  lifetime: maybe(
    fc.oneof(
      fc.integer({ min: 1, max: 800 * DAY }),
      fc.constantFrom(10 * DAY, 10 * DAY - 1, 30 * DAY, 90 * DAY),
    ),
  ),
});
type Life = typeof lives extends fc.Arbitrary<infer T> ? T : never;

function policy({ rotateWithin, warnBefore, beforeExpiry, fraction }: Asked): PolicySpec {
  const renew = {
    ...(beforeExpiry === undefined ? {} : { beforeExpiry }),
    ...(fraction === undefined ? {} : { fractionOfLifetime: fraction }),
  };
  return {
    ...(rotateWithin === undefined ? {} : { rotateWithin }),
    ...(warnBefore === undefined ? {} : { warnBefore }),
    ...(Object.keys(renew).length === 0 ? {} : { renew }),
  };
}

function facts({ last, lifetime }: Life): CredentialFacts {
  const end = lifetime === undefined ? undefined : { at: addTo(last, lifetime), source: "test", since: last };
  return { live: [], last, lastSource: "test", observed: true, end };
}

/** What the design says, with numbers that have no limit. */
function byTheDesign(
  { rotateWithin, beforeExpiry, fraction }: Asked,
  { last, lifetime }: Life,
): Instant | undefined {
  const found: Instant[] = [];
  if (rotateWithin !== undefined) found.push(addTo(last, durationSeconds(rotateWithin)));
  if ((beforeExpiry !== undefined || fraction !== undefined) && lifetime !== undefined) {
    const before = beforeExpiry === undefined ? undefined : durationSeconds(beforeExpiry);
    const tooLong = fraction === undefined && before !== undefined && before >= lifetime;
    const [part = 1, whole = 1] = (lifetime < 10 * DAY || tooLong ? "1/2" : (fraction ?? ""))
      .split("/")
      .map(Number);
    const bySize =
      fraction === undefined && lifetime >= 10 * DAY && !tooLong
        ? undefined
        : (BigInt(lifetime) * BigInt(part)) / BigInt(whole);
    const spans = [before, bySize === undefined ? undefined : Number(bySize)].flatMap((span) => span ?? []);
    found.push(addTo(addTo(last, lifetime), -Math.min(...spans)));
  }
  return found.toSorted()[0];
}

function due(how: Asked, life: Life): DueDate | undefined {
  return dueDateOf(policy(how), facts(life));
}

test("the due date is the earliest that the policy says, and a real instant", () => {
  fc.assert(
    fc.property(asked, lives, (how, life) => {
      const found = due(how, life);
      expect(found?.dueAt).toBe(byTheDesign(how, life));
      if (found === undefined) return;
      for (const instant of [found.dueAt, found.startAt]) expect(parseInstant(instant)).toBe(instant);
      expect(found.arithmetic).toContain(found.dueAt);
      expect(found.arithmetic).not.toMatch(/NaN|Infinity|undefined|Invalid/);
    }),
    { numRuns: 1000 },
  );
});

test("a time before the end that is the whole lifetime is half of it, a second less counts as it stands", () => {
  const lifetimes = fc.integer({ min: 10, max: 400 }).map((days) => days * DAY);
  fc.assert(
    fc.property(lifetimes, dates, (lifetime, last) => {
      const how = { rotateWithin: undefined, warnBefore: undefined, fraction: undefined };
      const renew = (seconds: number) =>
        due({ ...how, beforeExpiry: `${seconds}s` }, { last, lifetime })?.dueAt;
      expect(renew(lifetime)).toBe(addTo(last, lifetime / 2));
      expect(renew(lifetime - 1)).toBe(addTo(last, 1));
    }),
  );
});

test("it is stale for warnBefore, at most for half of its time, and never before it was made", () => {
  fc.assert(
    fc.property(asked, lives, (how, life) => {
      const found = due(how, life);
      if (found === undefined) return;
      const whole = Math.max(0, secondsBetween(life.last, found.dueAt));
      const warning = Math.min(durationSeconds(how.warnBefore ?? "14d"), Math.floor(whole / 2));
      expect(secondsBetween(found.startAt, found.dueAt)).toBe(warning);
      // Else each new version would be due as soon as it is made, one rotation after the other.
      expect(whole === 0 || found.startAt > life.last).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("a later creation or a longer time is never due earlier", () => {
  fc.assert(
    fc.property(asked, lives, fc.nat(400 * DAY), fc.nat(400), (how, life, later, more) => {
      const found = due(how, life);
      const moved = due(how, { ...life, last: addTo(life.last, later) });
      const isNear = moved !== undefined && moved.dueAt < "9999";
      expect((moved?.dueAt ?? "") >= (found?.dueAt ?? "")).toBe(true);
      expect(!isNear || moved.dueAt === addTo(found?.dueAt ?? moved.dueAt, later)).toBe(true);
      expect(!isNear || moved.startAt === addTo(found?.startAt ?? moved.startAt, later)).toBe(true);
      if (how.rotateWithin === undefined || how.rotateWithin.length > 6) return;
      const longer = `${durationSeconds(how.rotateWithin) + more}s`;
      expect((due({ ...how, rotateWithin: longer }, life)?.dueAt ?? "") >= (found?.dueAt ?? "")).toBe(true);
    }),
    { numRuns: 500 },
  );
});
