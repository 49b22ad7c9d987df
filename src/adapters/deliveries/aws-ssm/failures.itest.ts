import { randomUUID } from "node:crypto";
import { SSM } from "@aws-sdk/client-ssm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeliveryPorts } from "../../../core/ports/delivery.ts";
import { type AwsStandIn, startAwsStandIn } from "../../../testing/services/aws/aws-service.ts";
import type { AwsFault } from "../../../testing/services/aws/faults.ts";
import { attemptId, bindAws, clientOf } from "../../../testing/suites/aws-bench.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import {
  consignmentOf,
  type PushDelivery,
  partsOf,
  passwordOf,
  pushing,
} from "../../../testing/suites/sample-consignment.ts";
import { awsSsmDelivery } from "./delivery.ts";

const ASK = "ssm:GetParameterHistory";
const PUT = "ssm:PutParameter";
const QUESTION_FAULTS: readonly AwsFault[] = ["denied", "error500", "drop", "hang"];
const FAULTS: readonly AwsFault[] = [...QUESTION_FAULTS, "throttled", "dropAfter", "error500After"];

const { signal } = new AbortController();
const parcel = (attempt: string) => ({ ...consignmentOf(attempt), attempt: attemptId(attempt) });
let aws: AwsStandIn;
let people: SSM;
let names: { readonly username: string; readonly password: string };
let target: PushDelivery;
let pauses: number[];

beforeAll(async () => {
  aws = await startAwsStandIn();
  people = new SSM(clientOf(aws));
});
afterAll(async () => {
  people.destroy();
  await aws.close();
});
beforeEach(async () => {
  const base = `/prod/orders-${randomUUID()}`;
  names = { username: `${base}/username`, password: `${base}/password` };
  pauses = [];
  target = await bind({ [names.username]: "{username}", [names.password]: "{password}" });
});
afterEach(() => aws.recover());

const pause: DeliveryPorts["pause"] = async (seconds) => void pauses.push(seconds);

async function bind(values: Readonly<Record<string, string>>): Promise<PushDelivery> {
  const entry = { "aws-ssm": { connection: "prod-aws", values } };
  return pushing(await bindAws(awsSsmDelivery, aws, entry, { pause }));
}

async function push(attempt: string, at = signal): Promise<void> {
  await target.push(parcel(attempt), partsOf(attempt), at);
}

async function password(): Promise<string | undefined> {
  const found = await people.getParameter({ Name: names.password, WithDecryption: true });
  return found.Parameter?.Value;
}

const putsOf = () => aws.calls.filter(({ action }) => action === PUT).length;

describe.each(FAULTS)("one parameter, whose put ends with %s", (fault) => {
  test("nothing that was promised is untrue, what is held is known, and the repeat settles it", async () => {
    target = await bind({ [names.password]: "{password}" });
    await push("a1");
    aws.fail(PUT, fault);
    const failure = await failureOf(push("a2", fault === "hang" ? AbortSignal.timeout(100) : signal));
    aws.recover();
    expect(failure.message).toContain(PUT);
    expect(failure.outcome).toBe(fault === "denied" || fault === "throttled" ? "refused" : "unknown");
    expect(fault !== "denied" || failure.fix?.includes(PUT)).toBe(true);
    const arrived = fault.endsWith("After");
    // The mark came with the value, in one call: the truth is known at once.
    expect(await target.holds(signal)).toEqual({ current: attemptId(arrived ? "a2" : "a1") });
    expect(await password()).toBe(passwordOf(arrived ? "a2" : "a1"));

    const before = putsOf();
    await push("a2");
    expect(putsOf() - before).toBe(arrived ? 0 : 1);
    expect(await target.holds(signal)).toEqual({ current: attemptId("a2") });
    expect(await password()).toBe(passwordOf("a2"));
  });
});

describe("two parameters, of which the first has the new value", () => {
  test.each(["throttled", "error500", "drop", "dropAfter", "error500After"] as const)(
    "%s for a while: the push is finished, after pauses",
    async (fault) => {
      await push("a1");
      aws.fail(PUT, fault, 2, 1);
      await push("a2");
      expect(pauses).toEqual(fault.endsWith("After") ? [1] : [1, 2]);
      expect(await target.holds(signal)).toEqual({ current: attemptId("a2") });
      expect(await password()).toBe(passwordOf("a2"));
    },
  );

  test.each(["throttled", "error500", "denied"] as const)(
    "%s for good: it is unknown, so that nothing is dropped that somebody reads, and a repeat puts the rest",
    async (fault) => {
      await push("a1");
      aws.fail(PUT, fault, 99, 1);
      const failure = await failureOf(push("a2"));
      aws.recover();
      expect(failure.outcome).toBe("unknown");
      expect(failure.message).toContain(names.password);
      expect(failure.evidence).toContain("1 of 2 parameters have the new value");
      // Where a person must act first, trying again is of no use.
      expect(pauses).toEqual(fault === "denied" ? [] : [1, 2, 4]);
      expect(failure.retryable).toBe(fault !== "denied");
      expect(await target.holds(signal)).toEqual({ unclear: true });
      expect(await password()).toBe(passwordOf("a1"));

      const before = putsOf();
      await push("a2");
      expect(putsOf() - before).toBe(1);
      expect(await target.holds(signal)).toEqual({ current: attemptId("a2") });
    },
  );

  test("a run that is interrupted between them leaves it unknown", async () => {
    await push("a1");
    aws.fail(PUT, "hang", 1, 1);
    const failure = await failureOf(push("a2", AbortSignal.timeout(150)));
    expect(failure.outcome).toBe("unknown");
    expect(await target.holds(signal)).toEqual({ unclear: true });
  });
});

test.each(QUESTION_FAULTS)("where the parameters cannot be asked nothing is put: %s", async (fault) => {
  await push("a1");
  const before = putsOf();
  const short = () => (fault === "hang" ? AbortSignal.timeout(100) : signal);
  aws.fail(ASK, fault, 9);
  expect(await target.holds(short())).toBe("unknown");
  expect((await failureOf(push("a2", short()))).message).toContain(ASK);
  expect((await failureOf(target.preflight(short()))).message).toContain(ASK);
  expect(putsOf()).toBe(before);
});
