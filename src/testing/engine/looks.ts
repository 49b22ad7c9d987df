import type { Instant } from "../../core/model/instant.ts";
import type { ObservedVersion, UseEvidence } from "../../core/ports/rotator.ts";
import { type AdoptionChoice, chooseAdoption } from "../../core/rotation/adoption.ts";
import { oldSight } from "../../core/rotation/old-use.ts";
import { reconcile } from "../../core/rotation/reconcile.ts";
import type { Look, Sights } from "../../core/rotation/situation.ts";
import { goTo, observedOf, openRotation, park, retiring } from "../../core/rotation/transition.ts";
import type { Status } from "../../core/state/status.ts";
import { CREDENTIAL, type Estate } from "./estate.ts";

/** The record after a look, and what it showed; without sights the record moved on instead. */
export interface Looked {
  readonly status: Status;
  readonly sights?: Sights;
}

/** Answers one read-only question, as the runner does. */
export function lookAt(look: Look, status: Status, estate: Estate): Looked {
  const { provider, targets, now } = estate;
  if (look === "verify") return { status, sights: { verified: "passed" } };
  if (look === "adoption") return { status, sights: { adoption: adoptionOf(status, estate) } };
  const adopting = openRotation(status).recipe === "adopt" && status.adoptedAt === undefined;
  const observed = adopting ? { status, versions: provider.observe() } : compared(status, estate);
  if (observed.versions === undefined) return { status: observed.status };
  const { attempt } = openRotation(observed.status);
  const fresh = observed.versions.find(({ mark }) => mark !== undefined && mark.attempt === attempt?.id);
  const use = fresh === undefined ? "no-facility" : useOf(fresh, attempt?.createdAt ?? now, estate);
  const held = targets.map((target) => ({ label: target.label, held: target.holds(), target }));
  const told = (sights: Sights): Looked => ({ status: observed.status, sights });
  switch (look) {
    case "preflight":
      return told({ preflight: "passed" });
    case "new-version":
      return told({ newVersion: { confirming: held.filter(({ target }) => target.confirms), use } });
    case "old-version":
      return told({ old: oldOf(observed.status, observed.versions, held, estate) });
    case "recovery": {
      const newUsed = use !== "no-facility" && use.kind === "used";
      const pushed = held.filter(({ target }) => !target.stages);
      return told({ recovery: { observed: observed.versions, pushed, newUsed } });
    }
  }
}

function oldOf(
  status: Status,
  observed: readonly ObservedVersion[],
  held: Parameters<typeof oldSight>[1],
  estate: Estate,
): NonNullable<Sights["old"]> {
  const rotation = openRotation(status);
  const ending = retiring(status);
  const since = rotation.deactivatedAt ?? rotation.confirmedAt ?? rotation.promotedAt ?? rotation.openedAt;
  const uses = ending.flatMap((fact) => {
    const version = observedOf(fact, observed);
    return version === undefined ? [] : [useOf(version, since, estate)];
  });
  return oldSight(uses, held, new Set(ending.flatMap(({ mark }) => mark?.attempt ?? [])));
}

function useOf(version: ObservedVersion, since: Instant, estate: Estate): UseEvidence | "no-facility" {
  return estate.provider.inUse(version.slot, since, estate.now, estate.sessions());
}

/** The document names the version in slot `a`. Marks of this very adoption are its own half-done work. */
export function adoptionOf(status: Status, estate: Estate): AdoptionChoice {
  const { id, openedAt } = openRotation(status);
  const versions = estate.provider.observe().map((version) => {
    if (version.mark?.rotation !== id) return version;
    const { mark: _, ...unmarked } = version;
    return unmarked;
  });
  const uses = new Map<string, UseEvidence>();
  for (const version of versions.filter(({ live }) => live)) {
    const use = useOf(version, openedAt, estate);
    if (use !== "no-facility") uses.set(version.handle, use);
  }
  return chooseAdoption({ ...CREDENTIAL.spec, handle: "a" }, versions, uses);
}

/** Without versions the record is parked, or an orphan has to go first. */
function compared(
  status: Status,
  estate: Estate,
): { readonly status: Status; readonly versions?: readonly ObservedVersion[] } {
  const versions = estate.provider.observe();
  const found = reconcile(status, versions);
  if (found.kind === "behind") {
    return { status: park(status, found.code, found.message, ["retry"], estate.now) };
  }
  if (found.orphans.length > 0 && openRotation(status).step === "preflight") {
    return { status: goTo(status, "abort", estate.now) };
  }
  return { status: { ...status, versions: [...found.versions] }, versions };
}
