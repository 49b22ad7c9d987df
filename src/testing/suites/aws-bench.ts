import { randomUUID } from "node:crypto";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SSM } from "@aws-sdk/client-ssm";
import { awsSecretsManagerDelivery } from "../../adapters/deliveries/aws-secrets-manager/delivery.ts";
import { awsSsmDelivery } from "../../adapters/deliveries/aws-ssm/delivery.ts";
import type { AwsConnection } from "../../core/documents/connection.ts";
import type { CredentialSpec } from "../../core/documents/credential.ts";
import type { DeliverEntry } from "../../core/documents/deliver.ts";
import { CreError } from "../../core/model/errors.ts";
import { instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import type { BoundDelivery, Consignment, Delivery, DeliveryPorts, Held } from "../../core/ports/delivery.ts";
import type { SecretSource } from "../../core/ports/runtime.ts";
import type { AwsTestLogin, AwsTestService } from "../services/aws/aws-service.ts";
import { openFront } from "./aws-front.ts";
import type { DeliveryBench } from "./delivery-suite.ts";
import type { PushBench } from "./push-suite.ts";
import { pushing, staging } from "./sample-consignment.ts";

/** How the runner reaches a test service. */
export interface AwsDoor {
  readonly login?: AwsTestLogin;
  readonly connection?: Partial<AwsConnection>;
  readonly pause?: DeliveryPorts["pause"];
  readonly provider?: CredentialSpec["provider"];
}

/** The ids that AWS wants are attempt ids; those of the suites are shorter, so that people can read them. */
export function attemptId(short: string): string {
  return `0199f0f0-0000-7000-8000-${Buffer.from(short).toString("hex").padStart(12, "0")}`;
}

function shortOf(id: string): string | undefined {
  const [, hex = ""] = /^0199f0f0-0000-7000-8000-(?:00)*([0-9a-f]+)$/.exec(id) ?? [];
  return hex === "" ? undefined : Buffer.from(hex, "hex").toString();
}

/** The product's delivery of `orders-db` over the connection `prod-aws`, with ids as they are. */
export async function bindAws(
  delivery: Delivery,
  service: Pick<AwsTestService, "endpoint" | "region" | "admin">,
  entry: DeliverEntry,
  { login = service.admin, connection = {}, pause = async () => undefined, provider }: AwsDoor = {},
): Promise<BoundDelivery> {
  const { endpoint, region } = service;
  return delivery.bind(
    "orders-db",
    // `as`: the deliveries take at most this from it.
    { provider } as CredentialSpec,
    { ...entry, consumer: "orders-api" },
    {
      clock: { now: () => instantOf(0) },
      secrets: secretsOf(login),
      connection: () => ({ aws: { region, endpoint, ...connection } }),
      paths: [],
      pause,
      commands: {},
      readFile: () => {
        throw new CreError("none", "AWS needs no file");
      },
    },
  );
}

/** The runner's environment with this login in it. */
export function secretsOf({ accessKeyId, secretAccessKey }: AwsTestLogin): SecretSource {
  const variables: Readonly<Record<string, string>> = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  return {
    present: (reference) => "env" in reference && variables[reference.env] !== undefined,
    read: async (reference) => new Secret(("env" in reference && variables[reference.env]) || ""),
  };
}

/** Options of a client of the SDK for a test itself. */
export function clientOf({ endpoint, region, admin }: AwsTestService) {
  return { endpoint, region, credentials: { ...admin } };
}

/** The secret that exists before us has a key of people, and no version of ours. */
export async function openSecretBench(service: AwsTestService): Promise<DeliveryBench> {
  const secretId = `prod/orders-${randomUUID()}`;
  const people = new SecretsManager(clientOf(service));
  await people.createSecret({ Name: secretId, SecretString: '{"owner":"orders"}' });
  const front = await openFront(service.endpoint);
  const bound = await bindAws(
    awsSecretsManagerDelivery,
    { ...service, endpoint: front.endpoint },
    { "aws-secrets-manager": { connection: "prod-aws", secretId } },
  );
  return {
    delivery: withShortIds(bound),
    inUse: async () => {
      const found = await people.getSecretValue({ SecretId: secretId, VersionStage: "AWSCURRENT" });
      // `as`: written by the delivery or above.
      return (JSON.parse(found.SecretString ?? "") as { password?: string }).password;
    },
    breakDown: async (how) => front.breakDown(how),
    close: async () => {
      people.destroy();
      await front.close();
    },
  };
}

/** Two parameters: a person's, which has a value already, and one that is not there yet. */
export async function openParameterBench(service: AwsTestService): Promise<PushBench> {
  const name = `/prod/orders-${randomUUID()}`;
  const people = new SSM(clientOf(service));
  await people.putParameter({ Name: `${name}/password`, Value: "of people", Type: "SecureString" });
  const front = await openFront(service.endpoint);
  const bound = await bindAws(
    awsSsmDelivery,
    { ...service, endpoint: front.endpoint },
    {
      "aws-ssm": {
        connection: "prod-aws",
        values: { [`${name}/url`]: "db://{username}:{password:uri}@db", [`${name}/password`]: "{password}" },
      },
    },
  );
  return {
    delivery: withShortIds(bound),
    tells: true,
    inUse: async () => {
      const found = await people.getParameter({ Name: `${name}/password`, WithDecryption: true });
      return found.Parameter?.Value;
    },
    breakDown: async (how) => front.breakDown(how),
    close: async () => {
      people.destroy();
      await front.close();
    },
  };
}

/** The delivery with the ids of the suites; versions that people made are nothing to them. */
export function withShortIds(bound: BoundDelivery): BoundDelivery {
  const holds = async (signal: AbortSignal): Promise<Held | "unknown"> => {
    const held = await bound.holds(signal);
    if (held === "unknown") return held;
    return { ...short(held.current, "current"), ...short(held.pending, "pending") };
  };
  if (bound.push !== undefined) {
    const target = pushing(bound);
    return {
      ...target,
      holds,
      push: async (parcel, parts, signal) => target.push(long(parcel), parts, signal),
    };
  }
  const target = staging(bound);
  return {
    ...target,
    holds,
    stage: async (parcel, parts, signal) => target.stage(long(parcel), parts, signal),
    promote: async (parcel, signal) => target.promote(long(parcel), signal),
    abort: async (parcel, signal) => target.abort(long(parcel), signal),
  };
}

function long(consignment: Consignment): Consignment {
  return { ...consignment, attempt: attemptId(consignment.attempt) };
}

function short(id: string | undefined, key: keyof Held): Held {
  const found = id === undefined ? undefined : shortOf(id);
  return found === undefined ? {} : { [key]: found };
}
