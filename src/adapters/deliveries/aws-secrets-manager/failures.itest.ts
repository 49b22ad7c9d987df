import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AwsStandIn, startAwsStandIn } from "../../../testing/services/aws/aws-service.ts";
import type { AwsFault } from "../../../testing/services/aws/faults.ts";
import { attemptId, bindAws, clientOf } from "../../../testing/suites/aws-bench.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import {
  consignmentOf,
  partsOf,
  passwordOf,
  type StagingDelivery,
  staging,
} from "../../../testing/suites/sample-consignment.ts";
import { awsSecretsManagerDelivery } from "./delivery.ts";

const DESCRIBE = "secretsmanager:DescribeSecret";
const READ = "secretsmanager:GetSecretValue";
const PUT = "secretsmanager:PutSecretValue";
const MOVE = "secretsmanager:UpdateSecretVersionStage";

const { signal } = new AbortController();
let aws: AwsStandIn;
let people: SecretsManager;
let secretId: string;
let target: StagingDelivery;

beforeAll(async () => {
  // Every version is made at a time of its own.
  let seconds = Math.floor(Date.now() / 1000);
  aws = await startAwsStandIn({
    clock: () => {
      seconds += 1;
      return new Date(seconds * 1000);
    },
  });
  people = new SecretsManager(clientOf(aws));
});
afterAll(async () => {
  people.destroy();
  await aws.close();
});
beforeEach(async () => {
  secretId = `prod/orders-${crypto.randomUUID()}`;
  await people.createSecret({ Name: secretId, SecretString: '{"owner":"orders"}' });
  target = await bind();
});
afterEach(() => aws.recover());

async function bind(): Promise<StagingDelivery> {
  const entry = { "aws-secrets-manager": { connection: "prod-aws", secretId } };
  return staging(await bindAws(awsSecretsManagerDelivery, aws, entry));
}

const parcel = (attempt: string) => ({ ...consignmentOf(attempt), attempt: attemptId(attempt) });
const effects = {
  stage: async (at = signal) => target.stage(parcel("a2"), partsOf("a2"), at),
  promote: async (at = signal) => target.promote(parcel("a2"), at),
  abort: async (at = signal) => target.abort(parcel("a2"), at),
};
type Effect = keyof typeof effects;

async function inUse(): Promise<unknown> {
  const found = await people.getSecretValue({ SecretId: secretId, VersionStage: "AWSCURRENT" });
  return JSON.parse(found.SecretString ?? "");
}

/** The first attempt is in use, and what the effect needs is there. */
async function before(effect: Effect): Promise<void> {
  await target.stage(parcel("a1"), partsOf("a1"), signal);
  await target.promote(parcel("a1"), signal);
  if (effect !== "stage") await effects.stage();
}

const AFTER = {
  stage: { current: attemptId("a1"), pending: attemptId("a2") },
  promote: { current: attemptId("a2") },
  abort: { current: attemptId("a1") },
};

/** What every effect sends, in order; the last of promote takes the label of the promoted version off. */
const CALLS: readonly (readonly [Effect, string, number])[] = [
  ["stage", DESCRIBE, 0],
  ["stage", READ, 0],
  ["stage", PUT, 0],
  ["stage", DESCRIBE, 1],
  ["promote", DESCRIBE, 0],
  ["promote", MOVE, 0],
  ["promote", MOVE, 1],
  ["abort", DESCRIBE, 0],
  ["abort", MOVE, 0],
];
const QUESTION_FAULTS: readonly AwsFault[] = ["denied", "error500", "drop", "hang"];
const FAULTS: readonly AwsFault[] = [...QUESTION_FAULTS, "throttled", "dropAfter", "error500After"];
const isWrite = (action: string) => action === PUT || action === MOVE;

describe.each(CALLS)("%s, where %s fails after %i that went through", (effect, action, passing) => {
  test.each(isWrite(action) ? FAULTS : QUESTION_FAULTS)(
    "%s: nothing that was promised is untrue, and the repeat settles it",
    async (fault) => {
      await before(effect);
      // Questions are sent again by the SDK.
      aws.fail(action, fault, isWrite(action) ? 1 : 3, passing);
      const short = fault === "hang" ? AbortSignal.timeout(100) : signal;
      const failure = await failureOf(effects[effect](short));
      aws.recover();

      expect(failure.message).toContain(action);
      const held = await target.holds(signal);
      const isSure = fault === "denied" || fault === "throttled";
      // Promoted already, whatever becomes of the label.
      const isPromoted = effect === "promote" && passing === 1;
      const kept = effect === "stage" ? { current: attemptId("a1") } : AFTER.stage;
      const truths = isWrite(action)
        ? [isSure && !isPromoted ? "refused" : "unknown"]
        : ["refused", "unknown"];
      expect(truths).toContain(failure.outcome);
      expect([failure.outcome === "refused" ? kept : held]).toContainEqual(held);
      expect(fault !== "denied" || failure.fix?.includes(action)).toBe(true);
      expect(await inUse()).toMatchObject({
        owner: "orders",
        password: passwordOf(JSON.stringify(held).includes(`"current":"${attemptId("a2")}"`) ? "a2" : "a1"),
      });

      await effects[effect]();
      expect(await target.holds(signal)).toEqual(AFTER[effect]);
    },
  );
});

test.each(QUESTION_FAULTS)("holds() is unknown when the secret cannot be asked: %s", async (fault) => {
  aws.fail(DESCRIBE, fault, 3);
  expect(await target.holds(fault === "hang" ? AbortSignal.timeout(100) : signal)).toBe("unknown");
});

test("what a person put between stage and promote is not undone, and the command in the message helps", async () => {
  const put = { SecretId: secretId, SecretString: '{"flag":"new"}' };
  await effects.stage();
  await people.putSecretValue(put);
  const failure = await failureOf(effects.promote());
  expect(failure).toMatchObject({ code: "aws-secret-changed", outcome: "refused", retryable: false });
  expect(await inUse()).toEqual({ flag: "new" });

  const [, from, to] =
    /--remove-from-version-id (\S+) --move-to-version-id (\S+),/.exec(failure.fix ?? "") ?? [];
  await people.updateSecretVersionStage({
    SecretId: secretId,
    VersionStage: "AWSCURRENT",
    RemoveFromVersionId: from,
    MoveToVersionId: to,
  });
  await effects.promote();
  expect(await target.holds(signal)).toEqual(AFTER.promote);
});

test("a role that cannot be assumed is told as such, and nothing was sent", async () => {
  const role = `arn:aws:iam::${aws.account}:role/nobody`;
  const entry = { "aws-secrets-manager": { connection: "prod-aws", secretId } };
  target = staging(
    await bindAws(awsSecretsManagerDelivery, aws, entry, { connection: { assumeRole: role } }),
  );
  const failure = await failureOf(effects.stage());
  expect(failure).toMatchObject({ outcome: "refused", code: "permission-missing", retryable: false });
  expect(failure.message).toContain("sts:AssumeRole");
  expect(failure.evidence).toContain(role);
});

test.each(["drop", "error500", "hang"] as const)(
  "an effect whose login cannot be had is refused: nothing was sent (%s)",
  async (fault) => {
    const role = `arn:aws:iam::${aws.account}:role/any`;
    aws.fail("sts:AssumeRole", fault, 9);
    const entry = { "aws-secrets-manager": { connection: "prod-aws", secretId } };
    const other = await bindAws(awsSecretsManagerDelivery, aws, entry, { connection: { assumeRole: role } });
    const short = AbortSignal.timeout(500);
    const failure = await failureOf(staging(other).promote(parcel("a2"), short));
    expect(failure.outcome).toBe("refused");
  },
);
