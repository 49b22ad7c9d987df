import { randomBytes, randomUUID } from "node:crypto";
import { ACM } from "@aws-sdk/client-acm";
import { awsAcmDelivery } from "../../adapters/deliveries/aws-acm/delivery.ts";
import { awsSecretsManagerDelivery } from "../../adapters/deliveries/aws-secrets-manager/delivery.ts";
import { awsSsmDelivery } from "../../adapters/deliveries/aws-ssm/delivery.ts";
import { awsIamRotator } from "../../adapters/rotators/aws-iam/rotator.ts";
import { readSecretsManagerSecret } from "../../adapters/secret-stores/aws-secrets-manager.ts";
import { readParameterSecret } from "../../adapters/secret-stores/aws-ssm.ts";
import type { AwsConnection } from "../../core/documents/connection.ts";
import type { CredentialSpec } from "../../core/documents/credential.ts";
import { CreError } from "../../core/model/errors.ts";
import { instantOf } from "../../core/model/instant.ts";
import type { Consignment, DeliveryPorts, Held } from "../../core/ports/delivery.ts";
import type { BoundRotator, Issued, ObservedVersion } from "../../core/ports/rotator.ts";
import type { SecretSource } from "../../core/ports/runtime.ts";
import { fenceOn, markOf, soon } from "../services/aws-orders.ts";
import { importAsPeople, newAttempts } from "../suites/acm-bench.ts";
import { attemptId } from "../suites/aws-bench.ts";
import { consignmentOf, partsOf, pushing, staging } from "../suites/sample-consignment.ts";
import { type AwsEstate, putSecrets } from "./aws-estate.ts";

/** One thing that the product does at AWS, of several that follow each other. */
export interface Operation {
  readonly name: string;
  readonly act: () => Promise<unknown>;
}

export type Part = "rotation" | "secrets manager" | "parameter store" | "certificates" | "own secrets";

/** Where a part of a life ended before its end. */
export interface Stop {
  readonly part: Part;
  readonly operation: string;
  readonly code: string;
  readonly message: string;
  readonly evidence: string | undefined;
}

/** The rotator of a user, over the estate's connection. */
export async function bindRotator(
  estate: AwsEstate,
  user: string,
  change: { readonly secrets?: SecretSource; readonly connection?: Partial<AwsConnection> } = {},
): Promise<BoundRotator> {
  return awsIamRotator.bind(
    "orders-key",
    // `as`: the rotator reads only its own provider block.
    { provider: { "aws-iam": { connection: "prod-aws", user } } } as CredentialSpec,
    {
      ...portsOf(estate, change),
      random: { bytes: (length) => randomBytes(length), uuid: () => randomUUID() },
      progress: { warn: () => undefined },
      scanEndpoint: async () => [],
    },
    AbortSignal.timeout(20_000),
  );
}

/**
 * Everything that the product ever asks of AWS, once, for one new user and new targets. Each part goes on until an
 * operation of it fails; resolves with those that did.
 */
export async function live(estate: AwsEstate): Promise<readonly Stop[]> {
  const { user } = await estate.newUser();
  const rotator = await bindRotator(estate, user);
  const parts: Readonly<Record<Part, readonly Operation[]>> = {
    rotation: rotationOf(rotator),
    "secrets manager": await deliveryToSecret(estate),
    "parameter store": await deliveryToParameter(estate),
    certificates: await deliveryToCertificate(estate),
    "own secrets": ownSecrets(estate),
  };
  const stops: Stop[] = [];
  // `as`: the keys of a constant.
  for (const part of Object.keys(parts) as Part[]) {
    for (const { name, act } of parts[part]) {
      const failure = await failureOf(act);
      if (failure === undefined) continue;
      const { code, message, evidence } = failure;
      stops.push({ part, operation: name, code, message, evidence });
      break;
    }
  }
  await rotator.close();
  return stops;
}

async function failureOf(act: () => Promise<unknown>): Promise<CreError | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (error instanceof CreError) return error;
    throw error;
  }
}

function rotationOf(rotator: BoundRotator): readonly Operation[] {
  let old: ObservedVersion | undefined;
  let issued: Issued | undefined;
  const oldKey = async (): Promise<ObservedVersion> => {
    const versions = await rotator.observe(soon());
    old = versions.find(({ handle }) => handle === old?.handle) ?? old ?? versions[0];
    if (old === undefined) throw new Error("there is no key");
    return old;
  };
  const at = instantOf(Math.floor(Date.now() / 1000));
  return [
    { name: "preflight before adoption", act: async () => rotator.preflight(soon()) },
    { name: "adopt", act: async () => rotator.adopt(await oldKey(), markOf("adoption", 1), soon()) },
    { name: "preflight", act: async () => rotator.preflight(soon()) },
    {
      name: "issue",
      act: async () => {
        const versions = await rotator.observe(soon());
        issued = await rotator.issue?.(markOf("attempt-1", 2), versions, soon());
      },
    },
    { name: "verify", act: async () => issued && rotator.verify(issued, soon()) },
    { name: "in use", act: async () => rotator.inUse?.(await oldKey(), at, soon()) },
    {
      name: "deactivate",
      act: async () => rotator.deactivate?.(await oldKey(), fenceOn(await oldKey(), 3), soon()),
    },
    {
      name: "reactivate",
      act: async () => rotator.reactivate?.(await oldKey(), fenceOn(await oldKey(), 4), soon()),
    },
    { name: "revoke", act: async () => rotator.revoke(await oldKey(), fenceOn(await oldKey(), 5), soon()) },
    {
      name: "contain",
      act: async () => {
        const evidence = (await rotator.contain?.(await oldKey(), at, soon())) ?? [];
        const left = evidence.find(({ dead }) => !dead);
        if (left !== undefined) throw new CreError("not-contained", left.detail);
      },
    },
  ];
}

async function deliveryToSecret(estate: AwsEstate): Promise<readonly Operation[]> {
  const name = `prod/${randomUUID()}`;
  await putSecrets(estate.aws, adminOfUsers(estate), name);
  const entry = { "aws-secrets-manager": { connection: "prod-aws", secretId: `${name}/orders` } };
  const delivery = staging(
    // `as`: the delivery takes nothing from it.
    await awsSecretsManagerDelivery.bind("orders-key", {} as CredentialSpec, entry, portsOf(estate)),
  );
  const stage = async (attempt: string) => delivery.stage(parcel(attempt), partsOf(attempt), soon());
  return [
    { name: "preflight", act: async () => delivery.preflight(soon()) },
    { name: "stage", act: async () => stage("a1") },
    { name: "promote", act: async () => delivery.promote(parcel("a1"), soon()) },
    { name: "stage the next", act: async () => stage("a2") },
    { name: "abort", act: async () => delivery.abort(parcel("a2"), soon()) },
    { name: "holds", act: async () => known(await delivery.holds(soon())) },
  ];
}

async function deliveryToParameter(estate: AwsEstate): Promise<readonly Operation[]> {
  const entry = {
    "aws-ssm": { connection: "prod-aws", values: { [`/prod/${randomUUID()}/password`]: "{password}" } },
  };
  // `as`: the delivery takes nothing from it.
  const delivery = pushing(
    await awsSsmDelivery.bind("orders-key", {} as CredentialSpec, entry, portsOf(estate)),
  );
  const push = async (attempt: string) => delivery.push(consignmentOf(attempt), partsOf(attempt), soon());
  return [
    { name: "preflight", act: async () => delivery.preflight(soon()) },
    { name: "push", act: async () => push("a1") },
    { name: "push the next", act: async () => push("a2") },
    { name: "holds", act: async () => known(await delivery.holds(soon())) },
  ];
}

async function deliveryToCertificate(estate: AwsEstate): Promise<readonly Operation[]> {
  const { endpoint, region } = estate.aws;
  const people = new ACM({ endpoint, region, credentials: { ...adminOfUsers(estate) } });
  const attempts = newAttempts();
  const certificateArn = await importAsPeople(people, attempts);
  people.destroy();
  const entry = { "aws-acm": { connection: "prod-aws", certificateArn } };
  // `as`: of the credential the delivery takes only what its provider says of the key.
  const delivery = pushing(
    await awsAcmDelivery.bind("orders-tls", {} as CredentialSpec, entry, portsOf(estate)),
  );
  const push = async (attempt: string) =>
    delivery.push(consignmentOf(attempt), attempts.parts(attempt), soon());
  return [
    { name: "preflight", act: async () => delivery.preflight(soon()) },
    { name: "push", act: async () => push("a1") },
    { name: "push the next", act: async () => push("a2") },
    { name: "holds", act: async () => known(await delivery.holds(soon())) },
  ];
}

function parcel(attempt: string): Consignment {
  return { ...consignmentOf(attempt), attempt: attemptId(attempt) };
}

function ownSecrets(estate: AwsEstate): readonly Operation[] {
  const { region, endpoint = "" } = estate.connection;
  const door = { connectionName: "own-aws", connection: { region, endpoint }, secrets: estate.job() };
  return [
    {
      name: "a secret",
      act: async () => readSecretsManagerSecret({ ...door, secretId: "cre/orders" }, soon()),
    },
    { name: "a parameter", act: async () => readParameterSecret({ ...door, name: "/cre/orders" }, soon()) },
  ];
}

function known(held: Held | "unknown"): void {
  if (held === "unknown") throw new CreError("held-unknown", "it cannot be told what the target holds");
}

function portsOf(
  estate: AwsEstate,
  change: { readonly secrets?: SecretSource; readonly connection?: Partial<AwsConnection> } = {},
): DeliveryPorts {
  return {
    clock: { now: () => instantOf(Math.floor(Date.now() / 1000)) },
    secrets: change.secrets ?? estate.job(),
    connection: () => ({ aws: { ...estate.connection, ...change.connection } }),
    readFile: () => "",
    paths: [],
    commands: {},
    pause: async () => undefined,
  };
}

function adminOfUsers({ aws, places }: AwsEstate) {
  return places.ACCOUNT === aws.account ? aws.admin : aws.adminOf(places.ACCOUNT);
}
