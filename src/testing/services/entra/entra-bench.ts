import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { CreError } from "../../../core/model/errors.ts";
import { createEntraOrders, type EntraDoor, type EntraOrders } from "./entra-orders.ts";
import { type EntraService, startEntra } from "./entra-service.ts";

/** A tenant for the tests of one file, its time, and the waits that the product asked for. */
export interface EntraBench {
  readonly service: EntraService;
  /** Seconds since 1970, of both sides. */
  now: number;
  pauses: number[];
  readonly warnings: string[];
  /** An application of its own. */
  orders(change?: Partial<EntraDoor>): Promise<EntraOrders>;
  /** One whose client secret is adopted. */
  adopted(change?: Partial<EntraDoor>): Promise<EntraOrders>;
  /** Nothing of what the tenant's secrets and tokens are is in the words for people. */
  expectNoSecret(error: CreError): void;
}

/** Starts and closes the tenant around the tests of a file, and ends all faults before each. */
export function useEntraBench(): EntraBench {
  let service: EntraService;
  const bench: EntraBench = {
    get service() {
      return service;
    },
    now: Math.floor(Date.now() / 1000),
    pauses: [],
    warnings: [],
    orders: async (change = {}) =>
      createEntraOrders(service, () => bench.now, {
        onPause: (seconds) => void bench.pauses.push(seconds),
        onWarn: (message) => void bench.warnings.push(message),
        ...change,
      }),
    adopted: async (change) => {
      const made = await bench.orders(change);
      await made.adopt();
      bench.pauses = [];
      return made;
    },
    expectNoSecret: (error) => {
      const { applications, tokens } = service.tenant;
      const secrets = [...applications.values()].flatMap(({ passwords }) =>
        passwords.map((one) => one.secretText),
      );
      const told = inspect(error, { depth: 8, showHidden: true }) + error.describe();
      for (const secret of [...secrets, ...tokens.keys()]) expect(told).not.toContain(secret);
    },
  };
  beforeAll(async () => {
    service = await startEntra(() => bench.now * 1000);
  });
  afterAll(async () => service?.close());
  beforeEach(() => {
    bench.pauses = [];
    bench.warnings.length = 0;
    service.faults.clear();
    service.lag = [];
    service.usableAfter = 0;
    service.listener = undefined;
    service.alter = undefined;
    service.setPolicy({});
    service.tenant.isPremium = true;
  });
  return bench;
}

/** How a call of the rotator failed: by an error that people are told. */
export async function failureOf(act: Promise<unknown> | undefined): Promise<CreError> {
  const failure = await act?.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof CreError) return failure;
  throw new Error(`it did not fail as expected: ${String(failure)}`);
}
