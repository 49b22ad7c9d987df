import { IAM } from "@aws-sdk/client-iam";
import { instantOf } from "../../core/model/instant.ts";
import type { VersionFact } from "../../core/state/status.ts";
import { type StandInKey, startAwsStandIn } from "../services/aws/aws-service.ts";
import { clientOf } from "../suites/aws-bench.ts";
import { connectionText, credentialText } from "../suites/discovery-bench.ts";
import { inUse, named, type Planted } from "./planted.ts";

const REGISTERED = 200;
const STRAY = 60;
const WITHOUT_KEYS = 39;
const ABSENT = 10;
const SECOND_KEY = 5;
const DISABLED = 5;

/** An AWS account with 300 users, one of them the runner's own. */
export async function plantAws(): Promise<Planted> {
  // Everything was made an hour ago, so that what is on record is older than the look.
  const aws = await startAwsStandIn({ clock: () => new Date(Date.now() - 3_600_000) });
  const users = named("user", REGISTERED);
  const absent = named("absent", ABSENT);
  const doubled = users.slice(0, SECOND_KEY);
  const disabled = users.slice(SECOND_KEY, SECOND_KEY + DISABLED);
  const recorded = new Map<string, VersionFact>();
  for (const user of users) {
    const [first] = aws.addUser(user, doubled.includes(user) ? 2 : 1);
    if (first !== undefined) recorded.set(`key-of-${user}`, versionOf(first));
  }
  const iam = new IAM(clientOf(aws));
  for (const user of disabled) {
    await iam.updateAccessKey({
      UserName: user,
      AccessKeyId: aws.keys(user)[0]?.id ?? "",
      Status: "Inactive",
    });
  }
  iam.destroy();
  const stray = named("stray", STRAY).flatMap((user) => aws.addUser(user, 1));
  for (const user of named("person", WITHOUT_KEYS)) aws.addUser(user, 0);
  for (const user of absent) {
    recorded.set(`key-of-${user}`, inUse(`AKIA${user.replace("-", "").toUpperCase()}00000`));
  }
  return {
    policies: connectionText("account", `aws: { region: ${aws.region}, endpoint: "${aws.endpoint}" }`),
    registry: [
      ...[...users, ...absent].map((user) =>
        credentialText(
          name(user),
          "api-key",
          `  provider: { aws-iam: { connection: account, user: ${user} } }`,
        ),
      ),
      // Known by its handle alone, and of the day that the document says.
      credentialText(
        "runner-key",
        "api-key",
        `  handle: ${aws.admin.accessKeyId}\n  rotatedAt: ${aws.keys("admin")[0]?.createdAt.toISOString().slice(0, 10)}`,
      ),
    ].join(""),
    source: "{ name: account, aws-iam: { connection: account } }",
    recorded,
    secrets: {
      AWS_ACCESS_KEY_ID: aws.admin.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.admin.secretAccessKey,
    },
    files: {},
    truth: {
      managed: [...users.map(name), "runner-key"],
      unmanaged: stray.map(({ id }) => id),
      ghosts: absent.map(name),
      drifted: [...doubled, ...disabled].map(name),
      shared: [],
      scanned: REGISTERED + STRAY + WITHOUT_KEYS + 1,
      sightings: REGISTERED + SECOND_KEY + STRAY + 1,
    },
    canaries: [aws.admin.secretAccessKey, ...stray.map(({ secret }) => secret)],
    close: async () => aws.close(),
  };
}

function versionOf({ id, createdAt }: StandInKey): VersionFact {
  return inUse(id, { createdAt: instantOf(createdAt.getTime() / 1000), declared: false });
}

function name(user: string): string {
  return `key-of-${user}`;
}
