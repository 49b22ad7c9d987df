import { IAM } from "@aws-sdk/client-iam";
import { STS } from "@aws-sdk/client-sts";
import { type AwsStandIn, startAwsStandIn } from "../../services/aws/aws-service.ts";
import type { OverlapProvider } from "./overlap-provider.ts";

/** Calls of the runner that change something. */
const WRITES = /^iam:(TagUser|UntagUser|CreateAccessKey|UpdateAccessKey|DeleteAccessKey|PutUserPolicy)$/;

/** How old the first key is: due. */
const OLD_DAYS = 90;

/** The runner signs in to every account with the same login. */
const ADMIN = { accessKeyId: "AKIACONFORMANCE00000", secretAccessKey: "the-login-of-the-conformance-suite" };

/** What a story can do at AWS besides. */
export interface AwsIamProvider extends OverlapProvider {
  readonly service: AwsStandIn;
  readonly iam: IAM;
  readonly user: string;
}

/** An IAM user with one key, and beside it a stranger with a key and a tag. */
export async function openAwsIamProvider(
  name: string,
  clock: () => number,
  ageInDays = OLD_DAYS,
): Promise<AwsIamProvider> {
  const time = { ago: ageInDays * 86_400_000 };
  const service = await startAwsStandIn({ clock: () => new Date(clock() - time.ago), admin: ADMIN });
  const { endpoint, region, admin } = service;
  const iam = new IAM({ endpoint, region, credentials: admin });
  const user = `${name}-user`;
  await iam.createUser({ UserName: user });
  await iam.tagUser({ UserName: user, Tags: [{ Key: "team", Value: "payments" }] });
  const { AccessKey: key } = await iam.createAccessKey({ UserName: user });
  await iam.createUser({ UserName: "stranger" });
  await iam.createAccessKey({ UserName: "stranger" });
  await iam.tagUser({ UserName: "stranger", Tags: [{ Key: "team", Value: "others" }] });
  time.ago = 0;
  return {
    service,
    iam,
    user,
    provider: `aws-iam: { connection: ${name}-cloud, user: ${user} }`,
    connection: `aws: { region: ${region}, endpoint: "${endpoint}" }`,
    object: user,
    secrets: {
      AWS_ACCESS_KEY_ID: admin.accessKeyId,
      AWS_SECRET_ACCESS_KEY: admin.secretAccessKey,
    },
    first: { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" },
    secretPart: "secretAccessKey",
    signIn: async ({ accessKeyId = "", secretAccessKey = "" }) => {
      const sts = new STS({
        endpoint,
        region,
        credentials: { accessKeyId, secretAccessKey },
        maxAttempts: 1,
      });
      try {
        await sts.getCallerIdentity({});
      } finally {
        sts.destroy();
      }
    },
    versions: async () =>
      service.keys(user).map(({ id, status }) => ({ handle: id, live: status === "Active" })),
    strangers: async () => ({
      keys: service.keys("stranger").map(({ id, status }) => ({ id, status })),
      tags: (await iam.listUserTags({ UserName: "stranger" })).Tags,
      team: (await iam.listUserTags({ UserName: user })).Tags?.find(({ Key }) => Key === "team"),
    }),
    listen: (hear) =>
      service.listen(
        hear === undefined
          ? undefined
          : ({ action }, side) => (WRITES.test(action) ? hear(action, side) : undefined),
      ),
    stop: async () => {
      iam.destroy();
      await service.close();
    },
  };
}
