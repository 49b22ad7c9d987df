/** A deliberate mistake in the engine, as an edit of one source file. */
export interface Breakage {
  /** What the broken engine does. */
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Seed of the first story, where what it takes is rare; otherwise 1. */
  readonly from?: number;
}

/** Mistakes that a rotator can make, and that others have made. The simulation has to notice each of them. */
export const BREAKAGES: readonly Breakage[] = [
  {
    name: "effects start before their intent is pushed",
    file: "src/runner/act.ts",
    find: "    if (!(await this.#publish(planned))) {",
    replace: "    await this.#effects(planned);\n    if (!(await this.#publish(planned))) {",
  },
  {
    name: "a rejected push counts as accepted",
    file: "src/runner/publication.ts",
    find: 'if (outcome.outcome === "rejected") return false;',
    replace: 'if (outcome.outcome === "rejected") return true;',
  },
  {
    name: "the lease of another run is ignored",
    file: "src/core/rotation/lease.ts",
    find: '  return "held";',
    replace: '  return "free";',
  },
  {
    name: "a run goes on after its lease has ended",
    file: "src/core/rotation/lease.ts",
    find: "  return lease !== undefined && lease.until > now && secondsBetween(since, now) <= longest;",
    replace: "  return lease !== undefined || longest > secondsBetween(since, now);",
  },
  {
    name: "the epoch is not counted up when a lease is taken",
    file: "src/core/rotation/lease.ts",
    find: "current.epoch : status.epoch + 1;",
    replace: "current.epoch : Math.max(1, status.epoch);",
  },
  {
    name: "a mark newer than the record is not noticed",
    file: "src/core/rotation/reconcile.ts",
    find: "version.mark.epoch > status.epoch",
    replace: "version.mark.epoch > status.epoch + 1_000_000",
    from: 670,
  },
  {
    name: "an effect in doubt counts as refused",
    file: "src/core/rotation/outcome.ts",
    find: 'const doubtful = !failure.refused && rotation.phase === "intended";',
    replace: "const doubtful = false;",
  },
  {
    name: "a lost secret is not noticed: its attempt goes on",
    file: "src/core/rotation/recovery.ts",
    find: '  return go(\n    goTo(status, "abort", now),\n    "the new version\'s secret was lost',
    replace: '  return go(\n    goTo(status, "promote", now),\n    "the new version\'s secret was lost',
  },
  {
    name: "promoted before it is staged",
    file: "src/core/rotation/recipe.ts",
    find: 'overlap: ["preflight", "issue", "verify", "stage", "push", "promote",',
    replace: 'overlap: ["preflight", "issue", "verify", "push", "promote", "stage",',
  },
  {
    name: "deactivated before the new version is confirmed",
    file: "src/core/rotation/recipe.ts",
    find: 'overlap: ["preflight", "issue", "verify", "stage", "push", "promote", "confirm", "deactivate", "revoke"]',
    replace:
      'overlap: ["preflight", "issue", "verify", "stage", "push", "promote", "deactivate", "revoke", "confirm"]',
  },
  {
    name: "deactivated before the new version is promoted",
    file: "src/core/rotation/recipe.ts",
    find: 'alternate: ["preflight", "issue", "verify", "stage", "push", "promote", "confirm", "deactivate", "revoke"]',
    replace:
      'alternate: ["preflight", "issue", "verify", "deactivate", "stage", "push", "promote", "confirm", "revoke"]',
  },
  {
    name: "grace is not waited for",
    file: "src/core/rotation/ending.ts",
    find: "addTo(rotation.confirmedAt, gracePeriod);",
    replace: "rotation.confirmedAt;",
  },
  {
    name: "no evidence counts as silence",
    file: "src/core/rotation/old-use.ts",
    find: 'if (blind !== undefined) return { kind: "unknown", detail: blind };',
    replace: 'if (blind !== undefined) return { kind: "silent", sampled: false, detail: blind };',
  },
  {
    name: "the soak is not waited for",
    file: "src/core/rotation/ending.ts",
    find: "rotation.pinned.policy.soakPeriod * (weak ? 2 : 1)",
    replace: "0 * (weak ? 2 : 1)",
  },
  {
    name: "the soak is not doubled where nobody could prove anything",
    file: "src/core/rotation/ending.ts",
    find: "rotation.pinned.policy.soakPeriod * (weak ? 2 : 1)",
    replace: "rotation.pinned.policy.soakPeriod * (weak ? 1 : 1)",
  },
  {
    name: "everything without a record counts as an orphan",
    file: "src/core/rotation/reconcile.ts",
    find: "    if (isUnfinished(status.rotation) && mark.rotation === status.rotation.id) {",
    replace: "    if (isUnfinished(status.rotation)) {",
  },
  {
    name: "an abort revokes whatever it finds",
    file: "src/runner/end-versions.ts",
    find: "if (version.mark?.rotation !== rotation.id || isInUse(saga, version)) continue;",
    replace: "if (isInUse(saga, version) && version.mark === undefined) continue;",
  },
  {
    name: "an orphan is left behind",
    file: "src/runner/end-versions.ts",
    find: "if (version.mark?.rotation !== rotation.id || isInUse(saga, version)) continue;",
    replace: 'if (version.handle !== "") continue;',
  },
  {
    name: "the version in use is retired, too",
    file: "src/core/rotation/transition.ts",
    find: "  return status.versions.filter((v) => attempt === undefined || v.mark?.attempt !== attempt.id);",
    replace: "  return status.versions;",
  },
  {
    name: "an orphan is dropped although a target uses it",
    file: "src/runner/end-versions.ts",
    find: "      await dropAtTargets(saga, bound, version, world, signal);\n",
    replace: "",
    from: 1290,
  },
  {
    name: "only the first target is promoted",
    file: "src/runner/perform.ts",
    find: "    });\n  }\n  for (const delivery of bound.deliveries) {",
    replace: "    });\n  }\n  for (const delivery of bound.deliveries.slice(0, 1)) {",
  },
  {
    name: "in place, what is on its way counts as not applied",
    file: "src/core/rotation/recovery.ts",
    find: 'if (phase === "ready" || until <= now) return undefined;',
    replace: 'if (phase === "ready" || until !== now) return undefined;',
    from: 1330,
  },
  {
    name: "a renamed document leaves its open rotation behind",
    file: "src/runner/act.ts",
    find: "      followDocument(saga, documents);\n",
    replace: "",
  },
  {
    name: "the last failure of a run is not recorded",
    file: "src/runner/act.ts",
    find: " || this.#unsaid().length > 0;",
    replace: ";",
  },
  {
    name: "an emergency leaves the burnt version alive",
    file: "src/core/rotation/decide.ts",
    find: '    case "deactivate":\n      return decideDeactivate(status, situation);',
    replace:
      '    case "deactivate":\n      if (rotation.emergency) return go(close(status, "done", situation.now), "step.done", "left alone");\n      return decideDeactivate(status, situation);',
  },
  {
    name: "the result of an effect is decided again after a rejected push",
    file: "src/runner/effects.ts",
    find: "  saga.status = afterApplied(saga.status, step, applied, around);",
    replace: "  afterApplied(saga.status, step, applied, around);",
  },
];
