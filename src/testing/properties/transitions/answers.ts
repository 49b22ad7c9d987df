import { addTo, type Instant } from "../../../core/model/instant.ts";
import type { Held } from "../../../core/ports/delivery.ts";
import type { ObservedVersion } from "../../../core/ports/rotator.ts";
import type { NewVersionSight } from "../../../core/rotation/confirm.ts";
import type { OldSight } from "../../../core/rotation/old-use.ts";
import { reconcile } from "../../../core/rotation/reconcile.ts";
import type { RecoverySight } from "../../../core/rotation/recovery.ts";
import type { Look, Sights } from "../../../core/rotation/situation.ts";
import { goTo, openRotation, park, retiring } from "../../../core/rotation/transition.ts";
import type { Status, VersionFact } from "../../../core/state/status.ts";
import type { Surroundings } from "./place.ts";

/** One way in which a look may turn out: what is known then, or what became of the record instead. */
export interface Answer {
  readonly label: string;
  readonly status: Status;
  readonly sights?: Sights;
}

function shown(fact: VersionFact, change: Partial<ObservedVersion> = {}): ObservedVersion {
  const { handle, slot, live, mark, createdAt } = fact;
  const seen = { handle, slot, live, createdAt, reactivatable: !live };
  return { ...seen, ...(mark === undefined ? {} : { mark }), ...change };
}

/** A slot that no recorded version occupies; in place the only one. */
export function freeSlot(status: Status, { slots }: Surroundings): string | undefined {
  if (slots === 1) return "a";
  return ["a", "b"].find((slot) => !status.versions.some((version) => version.slot === slot));
}

/** What the provider may show, given what may have happened without a record. */
function views(status: Status, around: Surroundings): readonly (readonly ObservedVersion[])[] {
  const { versions, epoch } = status;
  const rotation = openRotation(status);
  const { attempt, step } = rotation;
  const ending = new Set(retiring(status));
  const asRecorded = versions.map((fact) => shown(fact));
  const found = [asRecorded];
  const own = attempt !== undefined && versions.some(({ mark }) => mark?.attempt === attempt.id);
  const slot = freeSlot(status, around);
  // In place it cannot be there before the intent of `apply`.
  const possible = rotation.recipe !== "value" && (around.slots === 2 || rotation.pointOfNoReturn);
  if (attempt !== undefined && !own && slot !== undefined && possible) {
    const mark = { rotation: rotation.id, attempt: attempt.id, epoch };
    const made: ObservedVersion = {
      handle: `${slot}@${attempt.id}`,
      slot,
      live: true,
      reactivatable: false,
      createdAt: attempt.startedAt,
      mark,
    };
    found.push([...asRecorded.filter((version) => version.slot !== slot), made]);
  }
  if (step === "deactivate" || step === "revoke" || step === "reactivate") {
    found.push(
      versions.map((fact) => shown(fact, ending.has(fact) ? { live: false, reactivatable: true } : {})),
    );
    found.push(versions.filter((fact) => !ending.has(fact)).map((fact) => shown(fact)));
    found.push(
      versions.map((fact) => shown(fact, ending.has(fact) ? { live: false, reactivatable: false } : {})),
    );
  }
  const stranger = { handle: "stranger", slot: "c", live: true, reactivatable: false };
  found.push([...asRecorded, stranger]);
  return found;
}

/** The record after its provider was looked at, as the runner does it; `at: undefined` when that ended the look. */
function observed(
  status: Status,
  versions: readonly ObservedVersion[],
  now: Instant,
): { readonly label: string; readonly status: Status; readonly seen: boolean } {
  const found = reconcile(status, versions);
  if (found.kind === "behind") {
    return {
      label: found.code,
      status: park(status, found.code, found.message, ["retry"], now),
      seen: false,
    };
  }
  if (found.orphans.length > 0 && openRotation(status).step === "preflight") {
    return { label: "orphan", status: goTo(status, "abort", now), seen: false };
  }
  return { label: "seen", status: { ...status, versions: [...found.versions] }, seen: true };
}

const HELD = (attempt: string | undefined): readonly (Held | "unknown")[] => [
  attempt === undefined ? {} : { current: attempt },
  { current: "attempt-of-before" },
  { unclear: true },
  "unknown",
];

function newSights({ rotation }: Status, now: Instant): readonly NewVersionSight[] {
  const uses: readonly NewVersionSight["use"][] = [
    "no-facility",
    { kind: "used", at: now, detail: "used" },
    { kind: "silent", sampled: true, detail: "silent" },
    { kind: "unknown", detail: "blind" },
  ];
  return [
    ...HELD(rotation?.attempt?.id).map(
      (held): NewVersionSight => ({
        confirming: [{ label: "target", held }],
        use: "no-facility",
      }),
    ),
    ...uses.map((use): NewVersionSight => ({ confirming: [], use })),
  ];
}

function oldSights(now: Instant): readonly OldSight[] {
  return [
    { kind: "used", detail: "in use now" },
    { kind: "used", at: addTo(now, -5 * 86_400), detail: "used five days ago" },
    { kind: "used", at: addTo(now, -3600), detail: "used an hour ago" },
    { kind: "used", at: addTo(now, -5 * 86_400), displaced: true, detail: "a target lost the new version" },
    { kind: "silent", sampled: true, detail: "no session" },
    { kind: "silent", sampled: false, detail: "no use" },
    { kind: "unknown", detail: "blind" },
    { kind: "unknown", displaced: true, detail: "a target lost the new version" },
    { kind: "no-facility" },
  ];
}

/** Every way in which a look may turn out, without its failure. */
export function answersTo(look: Look, status: Status, around: Surroundings, now: Instant): readonly Answer[] {
  if (look === "verify") return [{ label: "passed", status, sights: { verified: "passed" } }];
  if (look === "certificate") {
    return [true, false].map((ready) => ({
      label: ready ? "ready" : "waiting",
      status,
      sights: { collected: { ready, detail: "by its CA" } },
    }));
  }
  if (look === "adoption") return adoptions(status);
  if (look === "recovery" && openRotation(status).step === "adopt") {
    return [
      {
        label: "seen",
        status,
        sights: { recovery: { observed: [], staged: [], pushed: [], newUsed: false } },
      },
    ];
  }
  // A value that a person made has no provider that could be looked at.
  const provided = openRotation(status).recipe === "value" ? [[]] : views(status, around);
  return provided.flatMap((versions): readonly Answer[] => {
    const {
      label,
      status: after,
      seen,
    } = openRotation(status).recipe === "value"
      ? { label: "seen", status, seen: true }
      : observed(status, versions, now);
    if (!seen) return [{ label, status: after }];
    return sightsOf(look, after, versions, around, now).map((sights) => ({ label, status: after, sights }));
  });
}

function sightsOf(
  look: Exclude<Look, "verify" | "certificate" | "adoption">,
  status: Status,
  observed: readonly ObservedVersion[],
  { shape }: Surroundings,
  now: Instant,
): readonly Sights[] {
  switch (look) {
    case "preflight":
      return [{ preflight: "passed" }];
    case "new-version":
      return newSights(status, now).map((newVersion) => ({ newVersion }));
    case "old-version":
      return oldSights(now).map((old) => ({ old }));
    case "recovery": {
      const held = shape.pushing === 0 ? [] : HELD(status.rotation?.attempt?.id);
      const pushed = held.length === 0 ? [[]] : held.map((each) => [{ label: "target", held: each }]);
      const staged = stagedSights(status.rotation, shape.staging);
      return pushed.flatMap((targets) =>
        [false, true].flatMap((newUsed) =>
          staged.map((staging) => ({
            recovery: { observed, staged: staging, pushed: targets, newUsed },
          })),
        ),
      );
    }
  }
}

/** Asked only where it matters: whether what was to be staged is there. */
function stagedSights(rotation: Status["rotation"], targets: number): readonly RecoverySight["staged"][] {
  if (rotation?.step !== "stage" || targets === 0) return [[]];
  const id = rotation.attempt?.id;
  const held: readonly (Held | "unknown")[] = ["unknown", {}, ...(id === undefined ? [] : [{ pending: id }])];
  return held.map((each) => [{ label: "staging", held: each }]);
}

function adoptions(status: Status): readonly Answer[] {
  const current: ObservedVersion = { handle: "a", slot: "a", live: true, reactivatable: false };
  const other = { ...current, handle: "b", slot: "b" };
  return [
    { label: "one", status, sights: { adoption: { kind: "adopt", current, others: [] } } },
    { label: "two", status, sights: { adoption: { kind: "adopt", current, others: [other] } } },
    {
      label: "ambiguous",
      status,
      sights: { adoption: { kind: "refuse", code: "adoption-ambiguous", message: "two can log in" } },
    },
  ];
}
