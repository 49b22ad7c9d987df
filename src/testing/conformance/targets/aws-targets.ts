import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SSM } from "@aws-sdk/client-ssm";
import { type AwsStandIn, startAwsStandIn } from "../../services/aws/aws-service.ts";
import type { Parts, Phase, Target, TargetContext } from "./target.ts";
import { type Manners, type Passing, startTargetFront, type TargetFront } from "./target-front.ts";

const SECRET = "prod/orders";
const PARAMETER = "/prod/orders/key";
/** How long ago people had put their value there, in milliseconds. */
const OLD = 90 * 86_400_000;
const TEMPLATE = "{accessKeyId} {secretAccessKey}";

interface Cloud {
  readonly time: { ago: number };
  readonly service: AwsStandIn;
  readonly front: TargetFront;
  /** Options of a client of somebody else. */
  readonly hand: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: AwsStandIn["admin"];
  };
  /** Nothing may be done to the resource any more. */
  deny(resource: string): void;
}

async function openCloud(
  { login, clock }: TargetContext,
  phaseOf: (action: string, body: string) => Phase | undefined,
): Promise<Cloud> {
  const time = { ago: OLD };
  const service = await startAwsStandIn({ clock: () => new Date(clock() - time.ago), admin: login });
  const { endpoint, region, admin } = service;
  const manners: Manners = {
    phaseOf: ({ headers, body }: Passing) =>
      phaseOf(String(headers["x-amz-target"] ?? "").split(".")[1] ?? "", body),
    refusal: { status: 400, body: '{"__type":"ValidationException","message":"as the test wants it"}' },
    error: { status: 500, body: '{"__type":"InternalServiceError","message":"as the test wants it"}' },
  };
  return {
    time,
    service,
    front: await startTargetFront(endpoint, manners),
    hand: { endpoint, region, credentials: admin },
    deny: (resource) =>
      service.attach(`arn:aws:iam::${service.account}:user/admin`, {
        Version: "2012-10-17",
        Statement: { Effect: "Deny", Action: "*", Resource: resource },
      }),
  };
}

/** A secret of Secrets Manager whose value people had put there, with a key of their own in it. */
export async function openSecretsManagerTarget(context: TargetContext): Promise<Target> {
  const { name, first } = context;
  const cloud = await openCloud(context, (action, body) => {
    if (action === "PutSecretValue") return "stage";
    if (action !== "UpdateSecretVersionStage") return undefined;
    const { VersionStage, MoveToVersionId } = JSON.parse(body);
    if (VersionStage === "AWSCURRENT") return "promote";
    return MoveToVersionId === undefined ? "abort" : undefined;
  });
  const people = new SecretsManager(cloud.hand);
  await people.createSecret({ Name: SECRET, SecretString: JSON.stringify({ owner: "orders", ...first }) });
  cloud.time.ago = 0;
  const holders = async () => {
    const { VersionIdsToStages: stages = {} } = await people.describeSecret({ SecretId: SECRET });
    const of = (label: string) => Object.entries(stages).find(([, labels]) => labels.includes(label))?.[0];
    return { current: of("AWSCURRENT"), previous: of("AWSPREVIOUS"), pending: of("AWSPENDING") };
  };
  const move = async (from: string | undefined, to: string | undefined) =>
    people.updateSecretVersionStage({
      SecretId: SECRET,
      VersionStage: "AWSCURRENT",
      RemoveFromVersionId: from,
      MoveToVersionId: to,
    });
  return {
    kind: "aws-secrets-manager",
    mentioned: SECRET,
    entry: `aws-secrets-manager: { connection: ${name}-secrets, secretId: ${SECRET} }`,
    connections: connection(`${name}-secrets`, cloud),
    secrets: {},
    current: async () => {
      const found = await people.getSecretValue({ SecretId: SECRET, VersionStage: "AWSCURRENT" });
      // `as`: written by the delivery or above.
      return JSON.parse(found.SecretString ?? "") as Parts;
    },
    attempts: async () => {
      const { current, pending } = await holders();
      return { current, pending };
    },
    disturb: (how) => {
      cloud.front.disturbance = how;
    },
    disturbed: () => cloud.front.disturbed,
    putBack: async () => {
      const { current, previous } = await holders();
      await move(current, previous);
    },
    spoil: async (how) => {
      // The stand-in deletes nothing: what it says of the secret is as AWS would.
      if (how === "scheduled for deletion") cloud.front.amend = deletedNow;
      else if (how === "no permission to read") cloud.deny(`arn:aws:secretsmanager:*:*:secret:${SECRET}-*`);
      else if (how === "a new version of somebody else") {
        await people.putSecretValue({ SecretId: SECRET, SecretString: "{}", VersionStages: ["AWSPENDING"] });
      } else throw new Error(`no way to spoil a secret: ${how}`);
    },
    mend: async () => {
      restoreRights(cloud);
      cloud.front.amend = undefined;
      const { current, pending } = await holders();
      if (pending === undefined || pending === current) return;
      await people.updateSecretVersionStage({
        SecretId: SECRET,
        VersionStage: "AWSPENDING",
        RemoveFromVersionId: pending,
      });
    },
    stop: async () => {
      people.destroy();
      await closeCloud(cloud);
    },
  };
}

/** A parameter that people had made. One value holds the whole key: nobody reads half of it. */
export async function openParameterTarget(context: TargetContext): Promise<Target> {
  const { name, first } = context;
  const cloud = await openCloud(context, (action) => (action === "PutParameter" ? "push" : undefined));
  const people = new SSM(cloud.hand);
  const put = async (value: string, type: "String" | "SecureString" = "SecureString") =>
    people.putParameter({ Name: PARAMETER, Value: value, Type: type, Overwrite: true });
  await put(valueOf(first));
  cloud.time.ago = 0;
  return {
    kind: "aws-ssm",
    mentioned: PARAMETER,
    entry: `aws-ssm: { connection: ${name}-parameters, values: { ${PARAMETER}: "${TEMPLATE}" } }`,
    connections: connection(`${name}-parameters`, cloud),
    secrets: {},
    current: async () => {
      const found = await people.getParameter({ Name: PARAMETER, WithDecryption: true });
      return keyIn(found.Parameter?.Value);
    },
    attempts: async () => {
      const { Parameters: versions = [] } = await people.getParameterHistory({ Name: PARAMETER });
      return {
        current: /\[cre:([^:]+):\d+\]$/.exec(versions.at(-1)?.Description ?? "")?.[1],
        pending: undefined,
      };
    },
    disturb: (how) => {
      cloud.front.disturbance = how;
    },
    disturbed: () => cloud.front.disturbed,
    putBack: async (before) => void (await put(valueOf(before))),
    spoil: async (how) => {
      if (how === "no permission to read") cloud.deny(`arn:aws:ssm:*:*:parameter${PARAMETER}`);
      else if (how === "a plain parameter") {
        await people.deleteParameter({ Name: PARAMETER });
        await put(valueOf(first), "String");
      } else throw new Error(`no way to spoil a parameter: ${how}`);
    },
    mend: async () => {
      restoreRights(cloud);
      await people.deleteParameter({ Name: PARAMETER });
      await put(valueOf(first));
    },
    stop: async () => {
      people.destroy();
      await closeCloud(cloud);
    },
  };
}

/** The key as one value. */
export function valueOf(parts: Parts): string {
  return `${parts["accessKeyId"]} ${parts["secretAccessKey"]}`;
}

/** The key in such a value. */
export function keyIn(value: string | undefined): Parts {
  const [accessKeyId = "", secretAccessKey = ""] = (value ?? "").split(" ");
  return { accessKeyId, secretAccessKey };
}

function deletedNow({ headers }: Passing, answer: string): string {
  if (!String(headers["x-amz-target"]).endsWith(".DescribeSecret")) return answer;
  return JSON.stringify({ ...JSON.parse(answer), DeletedDate: 1_780_000_000 });
}

function connection(name: string, { front, service }: Cloud): Readonly<Record<string, string>> {
  return { [name]: `aws: { region: ${service.region}, endpoint: "${front.url}" }` };
}

function restoreRights({ service }: Cloud): void {
  const admin = `arn:aws:iam::${service.account}:user/admin`;
  service.detachAll(admin);
  service.attach(admin, {
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Action: "*", Resource: "*" },
  });
}

async function closeCloud({ front, service }: Cloud): Promise<void> {
  await front.close();
  await service.close();
}
