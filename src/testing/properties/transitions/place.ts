import { addTo, type Instant, later } from "../../../core/model/instant.ts";
import { MAX_FAILURES } from "../../../core/rotation/backoff.ts";
import { PUSH_UNKNOWN } from "../../../core/rotation/push-unknown.ts";
import { type DeliveryShape, stepsOf } from "../../../core/rotation/recipe.ts";
import { open } from "../../../core/rotation/transition.ts";
import type {
  EffectivePolicy,
  RecipeName,
  Rotation,
  Status,
  VersionFact,
} from "../../../core/state/status.ts";
import { at, credential, status } from "../../evaluation/world.ts";

/** What does not change while a rotation is under way: its recipe, its targets, what its provider can do. */
export interface Surroundings {
  readonly recipe: RecipeName;
  readonly shape: DeliveryShape;
  readonly slots: 1 | 2;
  /** It can deactivate and contain. */
  readonly able: boolean;
  readonly order: EffectivePolicy["emergency"]["order"];
}

/** Where a rotation stands: its record, and what the process that carries it has in memory. */
export interface Place {
  readonly status: Status;
  readonly secret: boolean;
  readonly ours: boolean;
}

const BEGIN = at("2026-03-01");
const DAY = 86_400;

const SHAPE_OF = {
  staging: { staging: 1, pushing: 0 },
  pushing: { staging: 0, pushing: 1 },
  both: { staging: 1, pushing: 1 },
} as const;

/**
 * Every kind of surroundings that the engine tells apart. What a target is like ends with the promotion and what a
 * provider can do begins after it, so that not every pair of them needs a walk of its own.
 */
const KINDS: readonly (readonly [RecipeName, keyof typeof SHAPE_OF, boolean, Surroundings["order"]])[] = [
  ["overlap", "staging", true, "replace-first"],
  ["overlap", "staging", false, "revoke-first"],
  ["overlap", "pushing", false, "replace-first"],
  ["ordered", "staging", true, "replace-first"],
  ["ordered", "both", false, "revoke-first"],
  ["signed", "staging", true, "replace-first"],
  ["signed", "staging", false, "revoke-first"],
  ["alternate", "both", false, "revoke-first"],
  ["in-place", "staging", true, "replace-first"],
  ["in-place", "staging", true, "revoke-first"],
  ["in-place", "staging", false, "replace-first"],
  ["in-place", "staging", false, "revoke-first"],
  ["in-place-downtime", "pushing", true, "replace-first"],
  ["in-place-downtime", "pushing", true, "revoke-first"],
  ["in-place-downtime", "pushing", false, "replace-first"],
  ["in-place-downtime", "pushing", false, "revoke-first"],
  ["value", "staging", false, "replace-first"],
  ["value", "pushing", false, "replace-first"],
  ["value", "both", false, "replace-first"],
  ["retire", "staging", true, "replace-first"],
  ["retire", "staging", false, "replace-first"],
  ["adopt", "staging", true, "revoke-first"],
  ["adopt", "staging", false, "replace-first"],
];

export function allSurroundings(): readonly Surroundings[] {
  return KINDS.map(([recipe, shape, able, order]) => ({
    recipe,
    shape: SHAPE_OF[shape],
    slots: recipe === "in-place" || recipe === "in-place-downtime" ? 1 : 2,
    able,
    order,
  }));
}

function before(fact: Partial<VersionFact> = {}): VersionFact {
  return {
    handle: "a",
    slot: "a",
    createdAt: at("2026-01-01"),
    live: true,
    promoted: true,
    origin: "adopted",
    mark: { rotation: "adoption", attempt: "attempt-of-before", epoch: 1 },
    ...fact,
  };
}

/** A record in which a new rotation has just been opened. */
export function opened(
  from: Status,
  around: Surroundings,
  emergency: boolean,
  clearFirst: boolean,
  now: Instant,
) {
  const { order, shape } = around;
  const recipe =
    emergency && around.recipe === "adopt" && from.adoptedAt !== undefined ? "overlap" : around.recipe;
  return open(
    from,
    {
      id: `rotation-of-${now}`,
      recipe,
      reason: emergency ? "compromised" : "due",
      because: emergency ? "incident" : "passwords",
      emergency,
      credential: credential("orders-db").document,
      policy: {
        rotate: true,
        gracePeriod: DAY,
        quietPeriod: 3 * DAY,
        soakPeriod: 2 * DAY,
        emergency: { order: emergency ? order : "replace-first", confirmWithin: 900 },
      },
      commit: "c0ffee",
      identity: "simulated",
      shape,
      clearFirst,
    },
    now,
  );
}

/** Where rotations of this kind begin. */
export function beginnings(around: Surroundings): readonly Place[] {
  const record = (versions: readonly VersionFact[]): Status => {
    const { adoptedAt: _, ...fresh } = status("orders-db", { epoch: 3, versions: [...versions] });
    return around.recipe === "adopt" || around.recipe === "value" ? fresh : { ...fresh, adoptedAt: BEGIN };
  };
  const records = {
    overlap: [[before()]],
    ordered: [[before()]],
    signed: [[before()]],
    alternate: [[before()]],
    "in-place": [[before()]],
    "in-place-downtime": [[before()]],
    value: [[]],
    retire: [
      [before()],
      [before(), before({ handle: "b", slot: "b", promoted: false })],
      [before({ live: false })],
    ],
    adopt: [[]],
  } satisfies Record<RecipeName, readonly (readonly VersionFact[])[]>;
  return records[around.recipe].flatMap((versions) => {
    const starts = [opened(record(versions), around, false, false, BEGIN)];
    if (stepsOf(around.recipe, around.shape)[0] === "preflight" || around.recipe === "adopt") {
      starts.push(opened(record(versions), around, true, false, BEGIN));
    }
    if (around.recipe !== "value" && around.recipe !== "adopt" && around.recipe !== "retire") {
      starts.push(opened(record(versions), around, true, true, BEGIN));
    }
    // A value that a person gave is in memory from the start.
    return starts.map((status) => ({ status, secret: around.recipe === "value", ours: false }));
  });
}

/** The latest moment that the record speaks of: the earliest at which something can happen to it. */
export function presentOf({ versions, rotation, adoptedAt }: Status): Instant {
  const texts = [
    adoptedAt,
    rotation?.openedAt,
    rotation?.since,
    rotation?.promotedAt,
    rotation?.confirmedAt,
    rotation?.silentSince,
    rotation?.deactivatedAt,
    rotation?.proceed?.at,
    rotation?.failure?.at,
    rotation?.parked?.at,
    rotation?.attempt?.startedAt,
    ...versions.flatMap(({ createdAt, deactivatedAt }) => [createdAt, deactivatedAt]),
  ];
  return texts.reduce<Instant>((latest, text) => later(latest, text), BEGIN);
}

export function muchLater(now: Instant): Instant {
  return addTo(now, 400 * DAY);
}

/** The only reasons of a park that decide anything; the others are for people. */
const PARKS_TOLD_APART: ReadonlySet<string> = new Set([PUSH_UNKNOWN, "document-gone"]);

/** What the engine tells places apart by: everything but the words, the ids and the exact times. */
export function signature({ status, secret, ours }: Place): string {
  const { rotation, versions } = status;
  if (rotation === undefined) return "none";
  const { attempt, proceed, deactivatedAt, wait, failure, parked } = rotation;
  const own = (version: VersionFact): string =>
    version.mark === undefined ? "unmarked" : version.mark.attempt === attempt?.id ? "own" : "other";
  return [
    rotation.recipe,
    rotation.step,
    rotation.phase,
    rotation.outcome,
    rotation.emergency ? "emergency" : "",
    attempt === undefined ? "no attempt" : attempt.handle === undefined ? "attempt" : "issued",
    failuresOf(rotation),
    rotation.pointOfNoReturn ? "no return" : "",
    rotation.promotedAt === undefined ? "" : "promoted",
    rotation.confirmedBy ?? "",
    rotation.silentSince === undefined ? "" : `silent ${rotation.silenceSampled}`,
    deactivatedAt === undefined ? "" : "deactivated",
    (rotation.ended ?? []).length > 0 ? "ended" : "",
    wait?.why === "backoff" ? "backoff" : "", // the others say only what for
    failure === undefined ? "" : `failed ${failure.final === true}`,
    PARKS_TOLD_APART.has(parked?.code ?? "") ? parked?.code : "",
    rotation.closing ?? "",
    proceed === undefined ? "" : `word ${deactivatedAt !== undefined && proceed.at > deactivatedAt}`,
    ...versions
      .map((v) => `${v.slot}:${v.live}:${v.promoted}:${own(v)}:${v.deactivatedAt !== undefined}`)
      .toSorted(),
    status.adoptedAt === undefined ? "new" : "",
    secret ? "secret" : "",
    ours ? "ours" : "",
  ].join("|");
}

/** As finely as the engine counts: none, some, more than are tried at once, one before the last. */
function failuresOf({ failures, recipe }: Rotation): string {
  if (failures === 0 || failures >= MAX_FAILURES - 1) return failures === 0 ? "0" : "last";
  return recipe === "in-place-downtime" && failures > 3 ? "many" : "some";
}
