import { randomBytes, randomUUID } from "node:crypto";
import { IAM } from "@aws-sdk/client-iam";
import { STS } from "@aws-sdk/client-sts";
import { awsIamRotator } from "../../adapters/rotators/aws-iam/rotator.ts";
import type { AwsConnection } from "../../core/documents/connection.ts";
import type { CredentialSpec } from "../../core/documents/credential.ts";
import { instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import type { BoundRotator, Fence, Issued, Mark, ObservedVersion } from "../../core/ports/rotator.ts";
import type { Clock } from "../../core/ports/runtime.ts";
import type { AwsTestLogin, AwsTestService } from "./aws/aws-service.ts";

export interface AwsOrdersOptions {
  readonly clock?: Clock;
  /** What the runner signs in with; default: the account's admin. */
  readonly login?: AwsTestLogin & { readonly sessionToken?: string };
  readonly connection?: Partial<AwsConnection>;
  /** Hears of every wait, in seconds; nothing waits in fact. */
  readonly onPause?: (seconds: number) => void;
  /** How many keys the user has at first; default one. */
  readonly keys?: number;
}

/** An IAM user with its key, and the rotator bound to it. */
export interface AwsOrders {
  readonly user: string;
  readonly arn: string;
  /** The keys that the user had at the beginning. */
  readonly first: readonly AwsTestLogin[];
  readonly rotator: BoundRotator;
  /** The same credential in another process, so to speak: nothing in memory. */
  bind(change?: Pick<AwsOrdersOptions, "clock" | "login" | "connection">): Promise<BoundRotator>;
  observe(): Promise<readonly ObservedVersion[]>;
  versionOf(keyId: string): Promise<ObservedVersion>;
  /** Adopts what is there, as a first run does. */
  adopt(): Promise<void>;
  issue(attempt: string, epoch?: number): Promise<Issued>;
  /** Does this key sign in now? */
  works(login: AwsTestLogin): Promise<boolean>;
  /** IAM as the admin sees it. */
  readonly iam: IAM;
}

export const ROTATION = "01936f00-0000-7000-8000-00000000aaaa";

export function markOf(attempt: string, epoch: number): Mark {
  return { rotation: ROTATION, attempt, epoch };
}

/** The fence of an effect on a version as it was just seen. */
export function fenceOn(version: ObservedVersion, epoch: number): Fence {
  const own = version.mark ?? markOf("none", epoch);
  return { expected: version.mark, next: { ...own, epoch } };
}

/** A signal for calls that should be quick. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(20_000);
}

/** What a consumer signs in with after this version was delivered. */
export function loginOf({ parts }: Issued): AwsTestLogin {
  return {
    accessKeyId: parts.get("accessKeyId")?.reveal() ?? "",
    secretAccessKey: parts.get("secretAccessKey")?.reveal() ?? "",
  };
}

/** Creates a user of its own in the account. */
export async function createAwsOrders(
  service: AwsTestService,
  options: AwsOrdersOptions = {},
): Promise<AwsOrders> {
  const user = `orders-${randomBytes(4).toString("hex")}`;
  const { endpoint, region } = service;
  const iam = new IAM({ endpoint, region, credentials: service.admin, maxAttempts: 1 });
  await iam.createUser({ UserName: user });
  const first: AwsTestLogin[] = [];
  for (let made = 0; made < (options.keys ?? 1); made += 1) {
    const { AccessKey: key } = await iam.createAccessKey({ UserName: user });
    first.push({ accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" });
  }
  const bind: AwsOrders["bind"] = async (change = {}) => bindAwsIam(service, user, { ...options, ...change });
  const rotator = await bind();
  const observe = async (): Promise<readonly ObservedVersion[]> => rotator.observe(soon());
  return {
    user,
    arn: `arn:aws:iam::${service.account}:user/${user}`,
    first,
    rotator,
    bind,
    observe,
    iam,
    versionOf: async (keyId) => {
      const found = (await observe()).find(({ handle }) => handle === keyId);
      if (found === undefined) throw new Error(`${user} has no key ${keyId}`);
      return found;
    },
    adopt: async () => {
      for (const version of await observe()) await rotator.adopt(version, markOf("adoption", 1), soon());
    },
    issue: async (attempt, epoch = 2) => {
      if (rotator.issue === undefined) throw new Error("it makes keys beside each other");
      return rotator.issue(markOf(attempt, epoch), await observe(), soon());
    },
    works: async (login) => signsIn(service, login),
  };
}

/** Does this key sign in now? */
export async function signsIn({ endpoint, region }: AwsTestService, login: AwsTestLogin): Promise<boolean> {
  const sts = new STS({ endpoint, region, credentials: login, maxAttempts: 1 });
  try {
    await sts.getCallerIdentity({});
    return true;
  } catch (error) {
    if (error instanceof Error && /InvalidClientTokenId|SignatureDoesNotMatch/.test(error.name)) return false;
    throw error;
  } finally {
    sts.destroy();
  }
}

/** The rotator bound to a user that exists. */
export async function bindAwsIam(
  service: AwsTestService,
  user: string,
  { clock, login = service.admin, connection, onPause }: AwsOrdersOptions,
): Promise<BoundRotator> {
  const aws = { region: service.region, endpoint: service.endpoint, ...connection };
  const variables: Readonly<Record<string, string>> = {
    AWS_ACCESS_KEY_ID: login.accessKeyId,
    AWS_SECRET_ACCESS_KEY: login.secretAccessKey,
    ...(login.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: login.sessionToken }),
  };
  return awsIamRotator.bind(
    "orders-key",
    // `as`: the rotator reads only its own provider block.
    { provider: { "aws-iam": { connection: "prod-aws", user } } } as CredentialSpec,
    {
      clock: clock ?? { now: () => instantOf(Math.floor(Date.now() / 1000)) },
      random: { bytes: (length) => randomBytes(length), uuid: () => randomUUID() },
      commands: {},
      scanEndpoint: async () => [],
      progress: { warn: () => undefined },
      secrets: {
        read: async (reference) => new Secret("env" in reference ? (variables[reference.env] ?? "") : ""),
        present: (reference) => "env" in reference && variables[reference.env] !== undefined,
      },
      connection: () => ({ aws }),
      readFile: () => "",
      pause: async (seconds) => onPause?.(seconds),
    },
    soon(),
  );
}
