import type { ParameterHistory, SSM } from "@aws-sdk/client-ssm";
import { EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import { isAwsError } from "../../clients/aws/failure.ts";
import { send, type TwoClients } from "../../clients/aws/sending.ts";
import { attemptOf, marked } from "./mark.ts";

/** The parameters of one credential, and how the runner reaches them. */
export interface Store {
  readonly connectionName: string;
  readonly region: string;
  readonly clients: TwoClients<SSM>;
}

/** The newest version of a parameter; no value. */
export interface Newest {
  readonly version: number;
  readonly type: string | undefined;
  readonly tier: string;
  /** The attempt whose value it has. */
  readonly holds: ReturnType<typeof attemptOf>;
  /** What the next version takes over: AWS would set it back to its defaults. */
  readonly kept: Pick<ParameterHistory, "KeyId" | "AllowedPattern" | "DataType" | "Description" | "Tier">;
}

export function placeOf({ connectionName, region }: Store, name: string): string {
  return `parameter ${name} of aws ${connectionName} (${region})`;
}

/** The newest version as the history shows it, without asking for its value in the clear; undefined if there is none. */
export async function newestOf(store: Store, name: string, signal: AbortSignal): Promise<Newest | undefined> {
  const call = { place: placeOf(store, name), action: "ssm:GetParameterHistory" };
  let newest: ParameterHistory | undefined;
  let page: string | undefined;
  do {
    const { Parameters: versions = [], NextToken: next } = await send(
      store.clients.asking(),
      call,
      signal,
      async (client, options) => {
        const request = { Name: name, WithDecryption: false, MaxResults: 50 };
        try {
          return await client.getParameterHistory(
            page === undefined ? request : { ...request, NextToken: page },
            options,
          );
        } catch (error) {
          if (!isAwsError(error, "ParameterNotFound")) throw error;
          return { Parameters: [], NextToken: undefined };
        }
      },
    );
    // Only the newest is kept: the others are of no use, and a page may hold fifty.
    for (const version of versions) if ((version.Version ?? 0) > (newest?.Version ?? 0)) newest = version;
    page = next === "" ? undefined : next;
  } while (page !== undefined);
  return newest === undefined ? undefined : factsOf(newest);
}

function factsOf({
  Version,
  Type,
  Tier,
  Description,
  KeyId,
  AllowedPattern,
  DataType,
}: ParameterHistory): Newest {
  const version = Version ?? 0;
  return {
    version,
    type: Type,
    tier: Tier ?? "Standard",
    holds: attemptOf(Description, version),
    kept: {
      ...(Description === undefined ? {} : { Description }),
      ...(KeyId === undefined ? {} : { KeyId }),
      ...(AllowedPattern === undefined ? {} : { AllowedPattern }),
      ...(DataType === undefined ? {} : { DataType }),
      ...(Tier === undefined ? {} : { Tier }),
    },
  };
}

/** Puts the value as the next version. Resolves with the version that it became. */
export async function putValue(
  store: Store,
  name: string,
  what: {
    readonly attempt: string;
    readonly value: Secret;
    readonly version: number;
    readonly kept: Newest["kept"];
  },
  signal: AbortSignal,
): Promise<number> {
  const { attempt, value, version, kept } = what;
  const call = { place: placeOf(store, name), action: "ssm:PutParameter", carriesSecret: true } as const;
  const { Version } = await send(store.clients.acting(), call, signal, async (client, options) =>
    client.putParameter(
      {
        ...kept,
        Name: name,
        Type: "SecureString",
        Value: value.reveal(),
        Description: marked(kept.Description, attempt, version),
        Overwrite: version > 1,
      },
      options,
    ),
  );
  return Version ?? version;
}

/** A value that is too large is refused before anything is changed. */
export function checkSize(store: Store, name: string, value: Secret, tier: string): void {
  const size = Buffer.byteLength(value.reveal());
  const largest = tier === "Advanced" ? 8192 : 4096;
  if (size <= largest) return;
  throw refused("aws-ssm-too-large", `${placeOf(store, name)}: the new value is too large`, {
    evidence: `${size} bytes; a parameter of tier ${tier} takes ${largest}`,
    fix: "deliver it to AWS Secrets Manager, or let somebody make the parameter Advanced",
  });
}

/** A plain parameter would show the secret to everybody who may list parameters. */
export function checkType(store: Store, name: string, newest: Newest | undefined): void {
  if (newest === undefined || newest.type === "SecureString") return;
  throw refused("aws-ssm-plain", `${placeOf(store, name)} is a ${newest.type ?? "plain parameter"}`, {
    evidence: "it would hold the secret unencrypted",
    fix: `delete it and let the runner make it anew: aws ssm delete-parameter --region ${store.region} --name ${name}`,
  });
}

/** A refusal before anything was changed, that only a person can end. */
function refused(code: string, problem: string, details: { evidence?: string; fix: string }): EffectError {
  return new EffectError("refused", code, problem, { ...details, retryable: false });
}
