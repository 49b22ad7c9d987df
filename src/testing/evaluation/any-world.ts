import fc from "fast-check";
import type { Sourced } from "../../core/documents/kinds.ts";
import type { EvaluationResult } from "../../core/evaluate/evaluation.ts";
import { addTo, instantOf } from "../../core/model/instant.ts";
import { at, credential, evaluateAt, exception, incident, policy, status, version } from "./world.ts";

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
      fc.constant<object>({ match: { services: ["shop"] } }),
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

/** Documents and records that fit each other often enough to find something, and an instant near their dates. */
export const worlds = fc.record({
  credentials: fc.uniqueArray(credentials, { selector: nameOf, minLength: 1, maxLength: 4 }),
  policies: fc.uniqueArray(policies, { selector: nameOf, maxLength: 4 }),
  exceptions: fc.uniqueArray(exceptions, { selector: nameOf, maxLength: 4 }),
  statuses: fc.uniqueArray(statuses, { selector: ({ credential }) => credential, maxLength: 4 }),
  incidents: fc.uniqueArray(incidents, { selector: ({ id }) => id, maxLength: 2 }),
  now: instants,
});
export type World = typeof worlds extends fc.Arbitrary<infer W> ? W : never;

export function nameOf({ document }: Sourced): string {
  return document.metadata.name;
}

export function evaluated(world: World, now = world.now): EvaluationResult {
  const { statuses, incidents } = world;
  return evaluateAt(now, [...world.credentials, ...world.policies, ...world.exceptions], {
    statuses,
    incidents,
  });
}
