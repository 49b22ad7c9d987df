import { renderValues } from "../../../core/delivery/render-values.ts";
import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { SecretParts } from "../../../core/model/secret.ts";
import type { BoundDelivery, Delivery, DeliveryPorts, Held } from "../../../core/ports/delivery.ts";
import type { Pause } from "../../../core/ports/runtime.ts";
import { awsLogin, awsOf, optionsAs } from "../../clients/aws/client-options.ts";
import { awsFailure } from "../../clients/aws/failure.ts";
import { twoClients } from "../../clients/aws/sending.ts";
import { inDoubt } from "../../clients/in-doubt.ts";
import { byteLength, isJsonObject, withKeys } from "./secret-json.ts";
import {
  type Description,
  describe,
  isAttempt,
  madeAt,
  moveStage,
  putPending,
  readCurrent,
  refused,
  type Target,
} from "./target.ts";

/** Quota of the service. */
const LARGEST_VALUE = 65_536;
/** Seconds before each further look for what was staged: labels may show a moment later (aws-sdk-js-v3#7701). */
const LOOKS = [1, 2, 4];

/**
 * The `aws-secrets-manager` delivery: keys of a secret whose value is a JSON object. A new version is staged as
 * AWSPENDING under the attempt's id and promoted by moving AWSCURRENT to it, so that any later run can promote it
 * without the secret. Whether an application has read it, the secret cannot say.
 */
export const awsSecretsManagerDelivery: Delivery = {
  kind: "aws-secrets-manager",
  connections: (entry) => {
    const spec = entry["aws-secrets-manager"];
    return spec === undefined ? [] : [spec.connection];
  },
  stages: () => true,
  bind: async (name, _, entry, ports) => bindSecret(name, entry, ports),
};

function bindSecret(credential: string, entry: DeliverEntry, ports: DeliveryPorts): BoundDelivery {
  const spec = entry["aws-secrets-manager"];
  if (spec === undefined) throw new Error("bound to an entry of another kind");
  const { connection: name, secretId, values } = spec;
  const connection = awsOf(name, ports.connection(name));
  const login = awsLogin({ name, connection, credential, secrets: ports.secrets });
  const { region } = connection;
  const target: Target = {
    secretId,
    region,
    place: `secret ${secretId} of aws ${name} (${region})`,
    clients: twoClients(async (use) => {
      const { SecretsManager } = await import("@aws-sdk/client-secrets-manager");
      return new SecretsManager(optionsAs(login, connection, use));
    }),
  };
  return {
    label: `aws-secrets-manager ${secretId} (${name}, ${region})`,
    consumer: entry.consumer,
    confirms: false,
    triesPending: false,
    preflight: async (signal) => preflight(target, signal),
    stage: async ({ attempt }, parts, signal) =>
      stage(target, attempt, keysOf(target, values, parts), signal),
    promote: async ({ attempt }, signal) => promote(target, attempt, ports.pause, signal),
    abort: async ({ attempt }, signal) => abort(target, attempt, signal),
    holds: async (signal) =>
      held(target, signal).catch((error: unknown) => {
        if (error instanceof CreError) return "unknown";
        throw error;
      }),
  };
}

/** What is put into the secret: every part under its own name, or what the document says. */
function keysOf(
  { place }: Target,
  values: Readonly<Record<string, string>> | undefined,
  parts: SecretParts,
): SecretParts {
  if (values === undefined) return parts;
  try {
    return renderValues(values, parts);
  } catch (error) {
    const { code, message, evidence, fix } = awsFailure(error, { place, action: "" });
    throw new EffectError("refused", code, message, { ...detailsOf(evidence, fix), retryable: false });
  }
}

/**
 * Everything that can be known before the first write. Whether the runner may write cannot be asked without writing
 * (a simulation would need a right of its own and knows no policy of the secret), so that a missing right to write
 * shows as a refused stage, before the point of no return.
 */
async function preflight(target: Target, signal: AbortSignal): Promise<void> {
  const { place, secretId, region } = target;
  const described = await describe(target, signal);
  const { copyOf, rotatedBy } = described;
  if (described.deleted) {
    throw refused("aws-secret-deleted", `${place} is going to be deleted`, {
      fix: `aws secretsmanager restore-secret --region ${region} --secret-id ${secretId}, or deliver elsewhere`,
    });
  }
  if (rotatedBy !== undefined) {
    throw refused("aws-secret-rotated", `${place} is rotated by somebody else`, {
      evidence: rotatedBy,
      fix: `two that rotate one secret undo each other: aws secretsmanager cancel-rotate-secret --region ${region} --secret-id ${secretId}, or deliver elsewhere`,
    });
  }
  if (copyOf !== undefined) {
    throw refused("aws-secret-copy", `${place} is a copy, which nobody can write`, {
      evidence: `the original is in ${copyOf}`,
      fix: `use a connection with the region ${copyOf}`,
    });
  }
  checkPending(target, described);
  const current = currentOf(target, described);
  checkValue(target, isJsonObject(await readCurrent(target, current, signal)));
}

async function stage(target: Target, attempt: string, keys: SecretParts, signal: AbortSignal): Promise<void> {
  const described = await describe(target, signal);
  if (described.current === attempt) return;
  checkPending(target, described);
  const basis = currentOf(target, described);
  const before = await readCurrent(target, basis, signal);
  const value = withKeys(before, keys);
  checkValue(target, value !== undefined);
  if (value === undefined) return;
  if (byteLength(value) > LARGEST_VALUE) {
    throw refused("aws-secret-too-large", `${target.place}: the new value is too large`, {
      evidence: `${byteLength(value)} bytes; Secrets Manager takes ${LARGEST_VALUE}`,
      fix: "move keys that others have put there into another secret",
    });
  }
  const stages = await putPending(target, attempt, value, signal);
  // Of a version that was there already AWS leaves the stages as they are: an abort may have taken this one off.
  if (!stages.includes("AWSPENDING")) {
    await moveStage(target, "AWSPENDING", { from: described.pending, to: attempt }, signal);
  }
  await refuseOutdated(target, basis, attempt, signal);
}

/**
 * AWS compares nothing when it takes a value: between our look and it somebody may have put one of their own, which
 * ours does not know, and which promoting would undo.
 */
async function refuseOutdated(
  target: Target,
  basis: string,
  attempt: string,
  signal: AbortSignal,
): Promise<void> {
  let current: string | undefined;
  try {
    ({ current } = await describe(target, signal));
    if (current === basis || current === attempt) return;
    await moveStage(target, "AWSPENDING", { from: attempt, to: undefined }, signal);
  } catch (error) {
    throw inDoubt(error);
  }
  throw new EffectError("refused", "aws-secret-changed", `${target.place} was changed while it was staged`, {
    evidence: `AWSCURRENT was version ${basis}, and is ${current ?? "none"} now`,
    fix: "nothing to do: the next attempt is made from what is there now",
  });
}

async function promote(target: Target, attempt: string, pause: Pause, signal: AbortSignal): Promise<void> {
  const { place } = target;
  const { current, pending } = await describeStaged(target, attempt, pause, signal);
  if (current !== attempt) {
    if (pending !== attempt) {
      throw refused("aws-secret-not-staged", `${place}: attempt ${attempt} is not AWSPENDING`, {
        evidence: pending === undefined ? "no version is" : `${pending} is`,
        fix: "somebody removed what was staged: cre rollback, then cre retry",
      });
    }
    if (current !== undefined) await checkUnchanged(target, current, attempt, signal);
    await moveStage(target, "AWSCURRENT", { from: current, to: attempt }, signal);
  }
  if (pending === attempt) await tidyUp(target, attempt, signal);
}

async function describeStaged(
  target: Target,
  attempt: string,
  pause: Pause,
  signal: AbortSignal,
): Promise<Description> {
  for (const seconds of LOOKS) {
    const described = await describe(target, signal);
    if (described.current === attempt || described.pending === attempt) return described;
    await pause(seconds, signal);
  }
  return describe(target, signal);
}

/** Between stage and promote a person may have put a value of their own, which ours does not know. */
async function checkUnchanged(
  target: Target,
  current: string,
  attempt: string,
  signal: AbortSignal,
): Promise<void> {
  if (isAttempt(current)) return;
  const [theirs, ours] = [await madeAt(target, current, signal), await madeAt(target, attempt, signal)];
  if (theirs === undefined || ours === undefined || theirs <= ours) return;
  const { place, secretId, region } = target;
  throw refused("aws-secret-changed", `${place} was changed since attempt ${attempt} was staged`, {
    evidence: `AWSCURRENT is version ${current}, which is newer; promoting would undo it`,
    fix:
      `aws secretsmanager update-secret-version-stage --region ${region} --secret-id ${secretId} ` +
      `--version-stage AWSCURRENT --remove-from-version-id ${current} --move-to-version-id ${attempt}, ` +
      "then cre retry, and make the change again afterwards",
  });
}

async function abort(target: Target, attempt: string, signal: AbortSignal): Promise<void> {
  const { current, pending } = await describe(target, signal);
  if (current === attempt) {
    throw refused("aws-secret-current", `${target.place} uses attempt ${attempt} already`, {
      fix: "look at the rotation with cre status",
    });
  }
  // A version without a label is never read again, and AWS deletes it in time.
  if (pending === attempt) await moveStage(target, "AWSPENDING", { from: attempt, to: undefined }, signal);
}

async function held(target: Target, signal: AbortSignal): Promise<Held> {
  const { current, pending } = await describe(target, signal);
  return {
    ...(current === undefined ? {} : { current }),
    // Promoted, and then died before the label was taken off.
    ...(pending === undefined || pending === current ? {} : { pending }),
  };
}

/** The attempt is in use already: failing at this is no refusal any more. */
async function tidyUp(target: Target, attempt: string, signal: AbortSignal): Promise<void> {
  try {
    await moveStage(target, "AWSPENDING", { from: attempt, to: undefined }, signal);
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
    const { code, message, evidence, fix } = error;
    throw new EffectError("unknown", code, message, detailsOf(evidence, fix));
  }
}

/** A version that waits there and is none of ours belongs to somebody who is about to promote it. */
function checkPending({ place, region, secretId }: Target, { pending, current }: Description): void {
  if (pending === undefined || pending === current || isAttempt(pending)) return;
  throw refused("aws-secret-pending", `${place} has a new version of somebody else waiting`, {
    evidence: `AWSPENDING is version ${pending}, which is no attempt of ours`,
    fix:
      "find out who rotates it; if nobody does: aws secretsmanager update-secret-version-stage " +
      `--region ${region} --secret-id ${secretId} --version-stage AWSPENDING --remove-from-version-id ${pending}`,
  });
}

/** AWS makes the first version of a secret current at once, whatever its stage: nothing could be staged beside it. */
function currentOf({ place, region, secretId }: Target, { current }: Description): string {
  if (current !== undefined) return current;
  throw refused("aws-secret-empty", `${place} has no value yet, so nothing can be staged beside it`, {
    fix: `aws secretsmanager put-secret-value --region ${region} --secret-id ${secretId} --secret-string '{}'`,
  });
}

function checkValue({ place }: Target, isObject: boolean): void {
  if (isObject) return;
  throw refused("aws-secret-no-object", `the value of ${place} is no JSON object`, {
    evidence: "new keys are put beside the keys that it has",
    fix: "deliver to another secret, or let somebody make its value a JSON object (consumers read keys of it then)",
  });
}

function detailsOf(
  evidence: string | undefined,
  fix: string | undefined,
): { evidence?: string; fix?: string } {
  return { ...(evidence === undefined ? {} : { evidence }), ...(fix === undefined ? {} : { fix }) };
}
