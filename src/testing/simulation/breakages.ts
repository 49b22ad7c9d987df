/** A deliberate mistake in the engine, as an edit of one source file. */
export interface Breakage {
  /** What the broken engine does. */
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
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
    name: "an effect in doubt counts as refused",
    file: "src/core/rotation/outcome.ts",
    find: 'const doubtful = !failure.refused && rotation.phase === "intended";',
    replace: "const doubtful = false;",
  },
  {
    name: "a lost secret is not noticed: its attempt goes on",
    file: "src/core/rotation/recovery.ts",
    find: '      return go(\n        goTo(status, "abort", now),\n        "the new version\'s secret was lost with the run',
    replace:
      "      return go(\n        advance(status, shape, now),\n        \"the new version's secret was lost with the run",
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
];
