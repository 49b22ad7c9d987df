import type { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { EffectError } from "../../../core/model/errors.ts";
import { Secret } from "../../../core/model/secret.ts";
import { isAwsError } from "../../clients/aws/failure.ts";
import { send, type TwoClients } from "../../clients/aws/sending.ts";

/** One secret of AWS Secrets Manager, and how the runner reaches it. */
export interface Target {
  readonly secretId: string;
  readonly region: string;
  /** For people. */
  readonly place: string;
  readonly clients: TwoClients<SecretsManager>;
}

/** What `DescribeSecret` says: facts, no value. */
export interface Description {
  readonly current: string | undefined;
  readonly pending: string | undefined;
  readonly deleted: boolean;
  /** A Lambda function or another service of AWS changes it by itself. */
  readonly rotatedBy: string | undefined;
  /** The region of the original, if this is a copy of it. */
  readonly copyOf: string | undefined;
}

/** Our version ids are attempt ids, which are of UUID version 7; SDKs and rotation functions make version 4. */
const ATTEMPT = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Whether a version may be one of ours. */
export function isAttempt(version: string): boolean {
  return ATTEMPT.test(version);
}

export async function describe(target: Target, signal: AbortSignal): Promise<Description> {
  const { secretId, region, place, clients } = target;
  const action = "secretsmanager:DescribeSecret";
  const found = await send(clients.asking(), { place, action }, signal, async (client, options) => {
    try {
      return await client.describeSecret({ SecretId: secretId }, options);
    } catch (error) {
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
      throw refused("aws-secret-missing", `there is no ${place}`, {
        evidence: error instanceof Error ? error.message : "",
        fix: `aws secretsmanager create-secret --region ${region} --name ${secretId} --secret-string '{}'`,
      });
    }
  });
  const holder = (stage: string): string | undefined =>
    Object.entries(found.VersionIdsToStages ?? {}).find(([, stages]) => stages.includes(stage))?.[0];
  const { RotationEnabled: byFunction, RotationLambdaARN: lambda, OwningService: owner } = found;
  const original = found.PrimaryRegion;
  return {
    current: holder("AWSCURRENT"),
    pending: holder("AWSPENDING"),
    deleted: found.DeletedDate !== undefined,
    rotatedBy: owner ?? (byFunction === true ? (lambda ?? "its own rotation") : undefined),
    copyOf: original === undefined || original === "" || original === region ? undefined : original,
  };
}

/** The text of the version that is current now. Always by its id and its stage: an answer without would be ambiguous. */
export async function readCurrent(target: Target, current: string, signal: AbortSignal): Promise<Secret> {
  const { secretId, place, clients } = target;
  const action = "secretsmanager:GetSecretValue";
  const found = await send(clients.asking(), { place, action }, signal, async (client, options) =>
    client.getSecretValue({ SecretId: secretId, VersionId: current, VersionStage: "AWSCURRENT" }, options),
  );
  if (found.SecretString !== undefined) return new Secret(found.SecretString);
  throw refused("aws-secret-binary", `${place} is binary, so nothing can be put beside what it has`, {
    fix: "deliver to another secret, whose value is a JSON object",
  });
}

/** When a version was made, in milliseconds. Only its value's answer tells, of which nothing else is kept. */
export async function madeAt(
  target: Target,
  version: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { secretId, place, clients } = target;
  const action = "secretsmanager:GetSecretValue";
  const { CreatedDate: date } = await send(
    clients.asking(),
    { place, action },
    signal,
    async (client, options) => client.getSecretValue({ SecretId: secretId, VersionId: version }, options),
  );
  return date?.getTime();
}

/** Puts the value beside the current one. Resolves with the stages that the version has now. */
export async function putPending(
  target: Target,
  attempt: string,
  value: Secret,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { secretId, place, clients } = target;
  const action = "secretsmanager:PutSecretValue";
  const put = await send(
    clients.acting(),
    { place, action, carriesSecret: true },
    signal,
    async (client, options) => {
      try {
        return await client.putSecretValue(
          {
            SecretId: secretId,
            ClientRequestToken: attempt,
            SecretString: value.reveal(),
            VersionStages: ["AWSPENDING"],
          },
          options,
        );
      } catch (error) {
        if (!isAwsError(error, "ResourceExistsException")) throw error;
        throw refused("aws-secret-differs", `${place} has another value for attempt ${attempt}`, {
          evidence: "the keys of others changed since it was staged",
          fix: "nothing to do: the next attempt is made from what is there now",
        });
      }
    },
  );
  return put.VersionStages ?? [];
}

/** Moves or removes a stage label; refused by AWS when `from` has it no more, so that nobody's move is undone. */
export async function moveStage(
  target: Target,
  stage: "AWSCURRENT" | "AWSPENDING",
  way: { readonly from: string | undefined; readonly to: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { secretId, place, clients } = target;
  const action = "secretsmanager:UpdateSecretVersionStage";
  await send(clients.acting(), { place, action }, signal, async (client, options) =>
    client.updateSecretVersionStage(
      {
        SecretId: secretId,
        VersionStage: stage,
        ...(way.from === undefined ? {} : { RemoveFromVersionId: way.from }),
        ...(way.to === undefined ? {} : { MoveToVersionId: way.to }),
      },
      options,
    ),
  );
}

/** A refusal before anything was changed, that only a person can end. */
export function refused(
  code: string,
  problem: string,
  details: { evidence?: string; fix: string },
): EffectError {
  return new EffectError("refused", code, problem, { ...details, retryable: false });
}
