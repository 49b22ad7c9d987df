import { EffectError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { Fence, Mark, ObservedVersion, UseEvidence } from "../../core/ports/rotator.ts";

/** What a slot of the simulated provider holds. Secrets are named by their attempt. */
export interface Slot {
  readonly name: string;
  /** undefined: it has none. */
  secret: string | undefined;
  live: boolean;
  mark: Mark | undefined;
  createdAt: Instant | undefined;
  lastUsed: Instant | undefined;
}

/**
 * What the provider can tell of use: the last use of each version, only present sessions, nothing for lack of a right,
 * or nothing at all.
 */
export type Eyes = "remembers" | "sampled" | "blind" | "none";

/** A provider with one or two slots. Effects are atomic and fenced on marks. */
export class Provider {
  readonly slots: readonly Slot[];
  /** A revoked version leaves its mark in the slot for everybody to see. */
  readonly leavesMarks: boolean;
  eyes: Eyes;
  /** A version that a stranger put there: nothing of ours may ever touch it. */
  foreign: string | undefined;

  constructor(names: readonly string[], options: { leavesMarks: boolean; eyes: Eyes }) {
    this.slots = names.map((name) => ({
      name,
      secret: undefined,
      live: false,
      mark: undefined,
      createdAt: undefined,
      lastUsed: undefined,
    }));
    this.leavesMarks = options.leavesMarks;
    this.eyes = options.eyes;
  }

  isLive(secret: string | undefined): boolean {
    return secret !== undefined && this.slots.some((slot) => slot.live && slot.secret === secret);
  }

  login(secret: string | undefined, now: Instant): boolean {
    const slot = this.slots.find((one) => one.live && secret !== undefined && one.secret === secret);
    if (slot !== undefined) slot.lastUsed = now;
    return slot !== undefined;
  }

  observe(): readonly ObservedVersion[] {
    return this.slots.flatMap((slot): ObservedVersion[] => {
      if (slot.secret === undefined && !(this.leavesMarks && slot.mark !== undefined)) return [];
      return [
        {
          handle: `${slot.name}@${slot.mark?.attempt ?? "before"}`,
          slot: slot.name,
          live: slot.live,
          reactivatable: !slot.live && slot.secret !== undefined,
          ...(slot.createdAt === undefined ? {} : { createdAt: slot.createdAt }),
          ...(slot.mark === undefined ? {} : { mark: slot.mark }),
        },
      ];
    });
  }

  adopt(version: ObservedVersion, mark: Mark): void {
    const slot = this.slot(version.slot);
    if (slot.mark !== undefined && slot.mark.attempt !== mark.attempt) throw foreignMark(slot.name);
    slot.mark = mark;
  }

  /** Idempotent for the same attempt, as far as it can be: the same request twice makes one version. */
  issue(mark: Mark, now: Instant): { readonly handle: string; readonly slot: string } {
    const made = this.slots.find((one) => one.mark?.attempt === mark.attempt && one.secret !== undefined);
    const slot = made ?? this.slots.find((one) => one.secret === undefined);
    if (slot === undefined) throw refused("no-free-slot", "no slot is free");
    if (made === undefined) {
      if (slot.mark !== undefined && slot.mark.epoch >= mark.epoch && slot.mark.attempt !== mark.attempt) {
        throw refused("stale", `${slot.name} has a mark as new`);
      }
      Object.assign(slot, { secret: mark.attempt, live: true, mark, createdAt: now, lastUsed: undefined });
    }
    return { handle: `${slot.name}@${mark.attempt}`, slot: slot.name };
  }

  apply(name: string, secret: string, fence: Fence, now: Instant): void {
    const slot = this.slot(name);
    if (slot.secret === secret && slot.mark?.attempt === fence.next.attempt) return;
    this.#refuse(slot, fence);
    Object.assign(slot, { secret, live: true, mark: fence.next, createdAt: now, lastUsed: undefined });
  }

  deactivate(name: string, fence: Fence): void {
    const slot = this.slot(name);
    this.#refuse(slot, fence);
    Object.assign(slot, { live: false, mark: fence.next });
  }

  reactivate(name: string, fence: Fence): void {
    const slot = this.slot(name);
    this.#refuse(slot, fence);
    if (slot.secret === undefined) throw refused("revoked", "its secret is gone", false);
    Object.assign(slot, { live: true, mark: fence.next });
  }

  revoke(name: string, fence: Fence): void {
    const slot = this.slot(name);
    if (slot.secret === undefined) return;
    this.#refuse(slot, fence);
    Object.assign(slot, { secret: undefined, live: false });
    if (!this.leavesMarks) slot.mark = undefined;
  }

  inUse(
    name: string,
    since: Instant,
    now: Instant,
    sessions: ReadonlySet<string>,
  ): UseEvidence | "no-facility" {
    const slot = this.slot(name);
    const used = slot.secret !== undefined && sessions.has(slot.secret);
    switch (this.eyes) {
      case "none":
        return "no-facility";
      case "blind":
        return { kind: "unknown", detail: "no rights to see" };
      case "sampled":
        return used
          ? { kind: "used", at: now, detail: "a session" }
          : { kind: "silent", sampled: true, detail: "no session" };
      case "remembers": {
        const at = slot.lastUsed;
        return at !== undefined && at >= since
          ? { kind: "used", at, detail: `last used ${at}` }
          : { kind: "silent", sampled: false, detail: "not used" };
      }
    }
  }

  /** Somebody else takes over a slot. */
  takeOver(name: string, now: Instant): void {
    this.foreign = `stranger's ${name}`;
    Object.assign(this.slot(name), {
      secret: this.foreign,
      live: true,
      mark: { rotation: "theirs", attempt: "theirs", epoch: 0 },
      createdAt: now,
    });
  }

  slot(name: string): Slot {
    const slot = this.slots.find((one) => one.name === name);
    if (slot === undefined) throw new Error(`no slot ${name}`);
    return slot;
  }

  #refuse(slot: Slot, { expected, next }: Fence): void {
    const fits = [expected?.attempt, next.attempt].includes(slot.mark?.attempt);
    if (!fits && !(slot.secret === undefined && expected === undefined)) throw foreignMark(slot.name);
    if (slot.mark !== undefined && slot.mark.epoch > next.epoch) {
      throw refused("fenced", "a newer run acted", false);
    }
  }
}

function foreignMark(slot: string): EffectError {
  return refused("foreign-mark", `${slot} has another mark`, false);
}

function refused(code: string, problem: string, retryable = true): EffectError {
  return new EffectError("refused", code, problem, { retryable });
}
