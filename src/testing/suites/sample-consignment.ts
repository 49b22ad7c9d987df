import { instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import type { BoundDelivery, Consignment } from "../../core/ports/delivery.ts";

export interface StagingDelivery extends BoundDelivery {
  readonly stage: NonNullable<BoundDelivery["stage"]>;
  readonly promote: NonNullable<BoundDelivery["promote"]>;
  readonly abort: NonNullable<BoundDelivery["abort"]>;
}

export interface PushDelivery extends BoundDelivery {
  readonly push: NonNullable<BoundDelivery["push"]>;
}

/** The consignment of an attempt; the same attempt gives the same one. */
export function consignmentOf(attempt: string): Consignment {
  return {
    credential: "orders-db",
    rotation: "0199f0f0-0000-7000-8000-000000000001",
    attempt,
    handle: `orders_${attempt}`,
    issuedAt: instantOf(1_790_000_000),
  };
}

/** Parts with the password `canary-<attempt>`, a value that only quoting or escaping keeps whole. */
export function partsOf(attempt: string): ReadonlyMap<string, Secret> {
  return new Map([
    ["username", new Secret("orders_a")],
    ["password", new Secret(passwordOf(attempt))],
  ]);
}

export function passwordOf(attempt: string): string {
  return `canary-${attempt} $\\"\`é%`;
}

/** The delivery with the methods of one that stages; a bench for this suite always has them. */
export function staging(delivery: BoundDelivery): StagingDelivery {
  if (isStaging(delivery)) return delivery;
  throw new Error(`${delivery.label} does not stage`);
}

function isStaging(delivery: BoundDelivery): delivery is StagingDelivery {
  return delivery.stage !== undefined && delivery.promote !== undefined && delivery.abort !== undefined;
}

/** The delivery with the method of one that only pushes; a bench for that suite always has it. */
export function pushing(delivery: BoundDelivery): PushDelivery {
  if (isPushing(delivery)) return delivery;
  throw new Error(`${delivery.label} does not only push`);
}

function isPushing(delivery: BoundDelivery): delivery is PushDelivery {
  return delivery.push !== undefined && delivery.stage === undefined && delivery.promote === undefined;
}
