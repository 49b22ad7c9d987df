import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  at,
  credential,
  evaluateAt,
  exception,
  hold,
  incident,
  policy,
  settings,
  status,
  version,
} from "../../testing/evaluation/world.ts";
import type { Sourced } from "../documents/kinds.ts";
import { addTo, instantOf } from "../model/instant.ts";
import type { EvaluationResult } from "./evaluation.ts";
import { evaluationReport } from "./evaluation-report.ts";
import { LEVELS } from "./finding.ts";

const TYPES = ["api-key", "tls-certificate", "database-password"] as const;
const FROM = 1_767_225_600; // 2026-01-01
const day = (text: string): string => text.slice(0, 10);
const instants = fc.integer({ min: FROM, max: FROM + 400 * 86_400 }).map(instantOf);
const dates = instants.map(day);
const names = fc.constantFrom("a", "b", "c", "d");
const optional = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.constant({}),
    value.map((given) => ({ [key]: given })),
  );

const credentials = fc
  .tuple(
    names,
    fc.record({
      type: fc.constantFrom(...TYPES),
      createdAt: dates,
      method: fc.constantFrom("manual", "automated", "delegated"),
    }),
    optional("rotatedAt", dates),
    optional("expiresAt", dates),
    optional("retiredAt", dates),
    optional(
      "compromised",
      dates.map((at) => ({ at, reportedBy: "alice", reason: "in a log" })),
    ),
  )
  .map(([name, ...spec]) => credential(name, Object.assign({}, ...spec) as object));

const days = fc.integer({ min: 1, max: 120 }).map((count) => `${count}d`);
const policies = fc
  .tuple(
    names,
    fc.record({ match: fc.constantFrom(...TYPES).map((type) => ({ types: [type] })) }),
    optional("rotateWithin", days),
    optional("warnBefore", days),
    optional(
      "renew",
      fc.constantFrom(
        { beforeExpiry: "30d" },
        { fractionOfLifetime: "1/3" },
        { beforeExpiry: "10d", fractionOfLifetime: "2/3" },
      ),
    ),
    optional("enforcement", fc.constantFrom("report", "rotate")),
    optional("exceptions", fc.constantFrom({ allowed: false }, { maxDuration: "30d" }, { allowed: true })),
  )
  .map(([name, ...spec]) => policy(`policy-${name}`, Object.assign({}, ...spec) as object));

const subjects = fc.oneof(
  names.map((name) => ({ policy: `policy-${name}` })),
  fc
    .constantFrom(
      "rotation-overdue",
      "rotation-due",
      "past-end",
      "compromised",
      "unmatched",
      "retired-but-live",
    )
    .map((finding) => ({ finding })),
);
const exceptions = fc
  .tuple(
    names,
    subjects,
    fc.oneof(
      names.map((name) => ({ credentials: [name] })),
      fc.constant({ match: { services: ["shop"] } }),
    ),
    instants,
    fc.integer({ min: 1, max: 100 }),
  )
  .map(([name, subject, scope, from, length]) =>
    exception(`exception-${name}`, {
      ...subject,
      ...scope,
      startsAt: from,
      expiresAt: addTo(from, length * 86_400),
    }),
  );

const versions = fc.array(
  fc
    .tuple(
      dates,
      fc.record({ live: fc.boolean(), promoted: fc.boolean(), origin: fc.constantFrom("adopted", "issued") }),
      optional("expiresAt", dates.map(at)),
    )
    .map(([createdAt, fact, end]) => version(createdAt, { ...fact, ...end })),
  { maxLength: 3 },
);
const statuses = fc.tuple(names, versions).map(([name, versions]) => status(name, { versions }));
const incidents = fc.tuple(names, dates).map(([name, date]) => incident(`${name}-${date}`, name, date));

const worlds = fc.record({
  credentials: fc.uniqueArray(credentials, { selector: nameOf, minLength: 1, maxLength: 4 }),
  policies: fc.uniqueArray(policies, { selector: nameOf, maxLength: 4 }),
  exceptions: fc.uniqueArray(exceptions, { selector: nameOf, maxLength: 4 }),
  statuses: fc.uniqueArray(statuses, { selector: ({ credential }) => credential, maxLength: 4 }),
  incidents: fc.uniqueArray(incidents, { selector: ({ id }) => id, maxLength: 2 }),
  now: instants,
});
type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never;

function nameOf({ document }: Sourced): string {
  return document.metadata.name;
}

function evaluated(world: World, now = world.now): EvaluationResult {
  const { statuses, incidents } = world;
  return evaluateAt(now, [...world.credentials, ...world.policies, ...world.exceptions], {
    statuses,
    incidents,
  });
}

const check = (property: (world: World) => void): void =>
  fc.assert(fc.property(worlds, property), { numRuns: 300 });

describe("for any documents, records and instant", () => {
  it("an exception changes neither state nor due date nor policy, and raises no level", () => {
    check((world) => {
      const [without, withThem] = [evaluated({ ...world, exceptions: [] }), evaluated(world)];
      for (const [name, { state, dueAt, policy, level }] of withThem.credentials) {
        const bare = without.credentials.get(name);
        expect({ state, dueAt, policy }).toEqual({
          state: bare?.state,
          dueAt: bare?.dueAt,
          policy: bare?.policy,
        });
        expect(LEVELS.indexOf(level)).toBeLessThanOrEqual(LEVELS.indexOf(bare?.level ?? "none"));
      }
    });
  });

  it("compromise and own end are never waived, and never compliant", () => {
    check((world) => {
      for (const { state, level, pastEnd, findings, compliantAdjusted } of evaluated(
        world,
      ).credentials.values()) {
        for (const { code, waivedBy } of findings) {
          if (code === "compromised" || code === "past-end") expect(waivedBy).toBeNull();
        }
        if (state === "compromised") expect(level).toBe("emergency");
        if (state === "compromised" || (pastEnd && state !== "retired"))
          expect(compliantAdjusted).toBe(false);
      }
    });
  });

  it("a finding is waived only by an exception that runs, and whose policy admits it", () => {
    check((world) => {
      const result = evaluated(world);
      const byName = new Map(world.exceptions.map((source) => [nameOf(source), source.document.spec]));
      for (const { waivedBy, code, policy } of result.findings) {
        if (waivedBy === null) continue;
        const spec = byName.get(waivedBy);
        expect(spec && at(spec.startsAt) <= world.now && world.now < at(spec.expiresAt)).toBe(true);
        expect(spec?.policy === policy || spec?.finding === code).toBe(true);
        const owner = world.policies.find((source) => nameOf(source) === policy);
        expect(owner?.document.spec.exceptions?.allowed).not.toBe(false);
      }
    });
  });

  it("strict compliance is adjusted compliance", () => {
    check((world) => {
      for (const { compliantStrict, compliantAdjusted } of evaluated(world).credentials.values()) {
        expect(compliantAdjusted || !compliantStrict).toBe(true);
      }
    });
  });

  it("the same inputs in any order give the same bytes", () => {
    check((world) => {
      const turned = {
        ...world,
        credentials: world.credentials.toReversed(),
        policies: world.policies.toReversed(),
        exceptions: world.exceptions.toReversed(),
        statuses: world.statuses.toReversed(),
        incidents: world.incidents.toReversed(),
      };
      expect(JSON.stringify(evaluationReport(evaluated(turned)))).toBe(
        JSON.stringify(evaluationReport(evaluated(world))),
      );
    });
  });

  it("findings have fingerprints of their own, and their credential's level is the highest unwaived one", () => {
    check((world) => {
      const { findings } = evaluated(world);
      expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(findings.length);
    });
  });

  it("the due date is the earliest of all, and stale begins within the time from `last` to it", () => {
    check((world) => {
      for (const { obligations, dueAt, state, last } of evaluated(world).credentials.values()) {
        const due = obligations.flatMap(({ dueAt }) => dueAt ?? []).toSorted();
        if (state !== "retired") expect(dueAt).toBe(due[0]);
        for (const { startAt, dueAt } of obligations) {
          if (startAt === undefined || dueAt === undefined) continue;
          expect(startAt <= dueAt).toBe(true);
          if (dueAt > last) expect(startAt > last || startAt === dueAt).toBe(true);
        }
      }
    });
  });
});

describe("as time goes by and nothing else changes", () => {
  const RANK = { active: 0, stale: 1, expired: 2 } as const;

  it("what people declare only gets older: active, stale, expired", () => {
    const later = fc.integer({ min: 0, max: 200 * 86_400 });
    fc.assert(
      fc.property(worlds, later, (world, seconds) => {
        const declared = { ...world, statuses: [], incidents: [] };
        const [then, now] = [evaluated(declared), evaluated(declared, addTo(world.now, seconds))];
        for (const [name, before] of then.credentials) {
          const after = now.credentials.get(name);
          if (after === undefined) throw new Error("it was there");
          if (before.state === "compromised" || before.state === "retired")
            expect(after.state).toBe(before.state);
          else if (after.state in RANK) expect(rank(after.state)).toBeGreaterThanOrEqual(rank(before.state));
          expect(after.obligations.map(({ dueAt }) => dueAt)).toEqual(
            before.obligations.map(({ dueAt }) => dueAt),
          );
          if (
            before.rotationDue !== undefined &&
            after.state !== "retired" &&
            after.startExcepted === undefined
          ) {
            expect(after.rotationDue).toBeDefined();
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  function rank(state: string): number {
    return RANK[state as keyof typeof RANK];
  }
});

it("a hold, a freeze or a limit changes no state, due date or start", () => {
  const shut = [
    hold("stop", { all: true, until: "2030-01-01" }),
    settings({
      limits: { startsPerRun: 0, freeze: [{ from: "2020-01-01", to: "2030-01-01", reason: "all" }] },
    }),
  ];
  check((world) => {
    const { statuses, incidents } = world;
    const all = [...world.credentials, ...world.policies, ...world.exceptions];
    const [open, held] = [all, [...all, ...shut]].map((all) =>
      evaluateAt(world.now, all, { statuses, incidents }),
    );
    for (const [name, { state, dueAt, rotationDue }] of held?.credentials ?? []) {
      const free = open?.credentials.get(name);
      expect({ state, dueAt, rotationDue }).toEqual({
        state: free?.state,
        dueAt: free?.dueAt,
        rotationDue: free?.rotationDue,
      });
    }
  });
});
