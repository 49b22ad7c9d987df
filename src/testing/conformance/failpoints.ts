import type { BoundDelivery } from "../../core/ports/delivery.ts";
import type { BoundRotator } from "../../core/ports/rotator.ts";
import type { Store } from "../../core/ports/store.ts";
import type { Bound, RunnerPorts } from "../../runner/ports.ts";

export type Side = "before" | "after";

/** Told at every line that touches the world: `push`, `issue`, `stage`, … */
export type OnPoint = (call: string, side: Side) => void;

const ROTATOR_EFFECTS = ["adopt", "issue", "apply", "deactivate", "reactivate", "revoke", "contain"] as const;
const DELIVERY_EFFECTS = ["stage", "promote", "abort", "push"] as const;

/** The same ports, with `onPoint` called before and after every push and every effect. */
export function withFailpoints(ports: RunnerPorts, onPoint: OnPoint): RunnerPorts {
  return {
    ...ports,
    store: watchedStore(ports.store, onPoint),
    bind: async (credential, inputs) => {
      const bound = await ports.bind(credential, inputs);
      const watched: Bound = {
        rotator: bound.rotator === undefined ? undefined : watchedRotator(bound.rotator, onPoint),
        deliveries: bound.deliveries.map((delivery) => watchedDelivery(delivery, onPoint)),
        close: () => bound.close(),
      };
      return watched;
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

function watchedRotator(rotator: BoundRotator, onPoint: OnPoint): BoundRotator {
  return watched(rotator, ROTATOR_EFFECTS, onPoint);
}

function watchedDelivery(delivery: BoundDelivery, onPoint: OnPoint): BoundDelivery {
  return watched(delivery, DELIVERY_EFFECTS, onPoint);
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
    onPoint(call, "before");
    if (typeof method !== "function") throw new Error(`${call} is no method`);
    const result: unknown = await method(...args);
    onPoint(call, "after");
    return result;
  };
}
