import type { Store } from "../../core/ports/store.ts";
import type { Bound, RunnerPorts } from "../../runner/ports.ts";

export type Side = "before" | "after";

/**
 * Told at every line that touches the world: `push`, `issue`, `stage`, … A call goes on when the answer resolves. A
 * push is of no credential of its own.
 */
export type OnPoint = (call: string, side: Side, credential: string | undefined) => void | Promise<void>;

export const ROTATOR_EFFECTS = [
  "adopt",
  "request",
  "issue",
  "apply",
  "deactivate",
  "reactivate",
  "revoke",
  "contain",
] as const;
export const DELIVERY_EFFECTS = ["stage", "promote", "abort", "push"] as const;
const ROTATOR_PROBES = ["preflight", "observe", "verify", "collect", "inUse", "inUseEverywhere"] as const;
const DELIVERY_PROBES = ["preflight", "holds"] as const;

/** The same ports, with `onPoint` called before and after every push and every effect; with `probes`, every question too. */
export function withFailpoints(ports: RunnerPorts, onPoint: OnPoint, probes = false): RunnerPorts {
  const rotatorCalls = probes ? [...ROTATOR_EFFECTS, ...ROTATOR_PROBES] : ROTATOR_EFFECTS;
  const deliveryCalls = probes ? [...DELIVERY_EFFECTS, ...DELIVERY_PROBES] : DELIVERY_EFFECTS;
  return {
    ...ports,
    store: watchedStore(ports.store, onPoint),
    bind: async (credential, inputs, signal) => {
      const bound = await ports.bind(credential, inputs, signal);
      const told: OnPoint = (call, side) => onPoint(call, side, credential.metadata.name);
      const watchedBound: Bound = {
        rotator: bound.rotator === undefined ? undefined : watched(bound.rotator, rotatorCalls, told),
        deliveries: bound.deliveries.map((delivery) => watched(delivery, deliveryCalls, told)),
        close: () => bound.close(),
      };
      return watchedBound;
    },
  };
}

function watchedStore(store: Store, onPoint: OnPoint): Store {
  return new Proxy(store, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      return key === "publish" ? around("push", member.bind(target), onPoint) : member.bind(target);
    },
  });
}

function watched<T extends object>(object: T, effects: readonly string[], onPoint: OnPoint): T {
  return new Proxy(object, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      const bound: unknown = member.bind(target);
      return typeof key === "string" && effects.includes(key) ? around(key, bound, onPoint) : bound;
    },
  });
}

function around(call: string, method: unknown, onPoint: OnPoint) {
  return async (...args: unknown[]): Promise<unknown> => {
    await onPoint(call, "before", undefined);
    if (typeof method !== "function") throw new Error(`${call} is no method`);
    const result: unknown = await method(...args);
    await onPoint(call, "after", undefined);
    return result;
  };
}

/** A line that touches the world as one run comes by: the how manieth of its kind, for one credential or for pushes. */
export interface Moment {
  readonly call: string;
  readonly side: Side;
  readonly nth: number;
}

export function sameMoment(a: Moment, b: Moment): boolean {
  return a.call === b.call && a.side === b.side && a.nth === b.nth;
}

/** Counts the calls of one run, each credential's and the pushes for themselves. */
export function counting(
  onMoment: (moment: Moment, credential: string | undefined) => void | Promise<void>,
): OnPoint {
  const counts = new Map<string, number>();
  return (call, side, credential) => {
    const key = `${credential ?? ""} ${call} ${side}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    return onMoment({ call, side, nth }, credential);
  };
}
