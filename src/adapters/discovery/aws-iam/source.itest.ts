import { IAM } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AwsStandIn, awsServices, startAwsStandIn } from "../../../testing/services/aws/aws-service.ts";
import { clientOf } from "../../../testing/suites/aws-bench.ts";
import {
  connectionText,
  credentialText,
  type DiscoveryWatch,
  discoveryPorts,
  exampleText,
  lookAt,
  problemsOf,
} from "../../../testing/suites/discovery-bench.ts";
import { type DiscoveryBench, describeDiscoverySource } from "../../../testing/suites/discovery-suite.ts";
import { listen } from "../../../testing/suites/webhook-bench.ts";
import { createAwsIamSource } from "./source.ts";

type Service = Pick<AwsStandIn, "endpoint" | "region" | "admin">;

const REGISTRY = ["deploy", "gone"]
  .map((user) =>
    credentialText(`${user}-key`, "api-key", `  provider: { aws-iam: { connection: prod, user: ${user} } }`),
  )
  .join("");

function watch({ endpoint, region, admin }: Service): DiscoveryWatch {
  return discoveryPorts({
    policies: connectionText("prod", `aws: { region: ${region}, endpoint: "${endpoint}" }`),
    registry: REGISTRY,
    secrets: { AWS_ACCESS_KEY_ID: admin.accessKeyId, AWS_SECRET_ACCESS_KEY: admin.secretAccessKey },
  });
}

/** Users `deploy` with two keys, one of them inactive, and `ci` with tags and one; `people` has none. */
async function seed(iam: IAM): Promise<{ readonly ids: string[]; readonly secrets: string[] }> {
  const ids: string[] = [];
  const secrets: string[] = [];
  for (const user of ["ci", "deploy", "people"]) await iam.createUser({ UserName: user });
  await iam.tagUser({
    UserName: "ci",
    Tags: [
      { Key: "Owner", Value: "shop" },
      { Key: "Stage", Value: "x" },
    ],
  });
  for (const user of ["ci", "deploy", "deploy"]) {
    const { AccessKey: key } = await iam.createAccessKey({ UserName: user });
    ids.push(key?.AccessKeyId ?? "");
    secrets.push(key?.SecretAccessKey ?? "");
  }
  await iam.updateAccessKey({ UserName: "deploy", AccessKeyId: ids[2] ?? "", Status: "Inactive" });
  return { ids, secrets };
}

async function openBench(): Promise<DiscoveryBench> {
  const aws = await startAwsStandIn();
  const iam = new IAM(clientOf(aws));
  const { ids, secrets } = await seed(iam);
  iam.destroy();
  return {
    open: async () => {
      const [part] = await createAwsIamSource(2).open({ connection: "prod" }, watch(aws).ports);
      if (part === undefined) throw new Error("no part");
      return part;
    },
    handles: [...ids, aws.admin.accessKeyId].toSorted(),
    sighted: ["identity of deploy-key"],
    covered: ["identity of deploy-key", "identity of gone-key"],
    secrets: [...secrets, aws.admin.secretAccessKey],
    steps: 2,
    state: async () => ["admin", "ci", "deploy", "people"].map((user) => structuredClone(aws.keys(user))),
    breakDown: async () => {
      aws.fail("iam:ListAccessKeys", "throttled", 999, 2);
      return /user \w+: .*throttl/;
    },
    mend: async () => aws.recover(),
    close: async () => aws.close(),
  };
}

describeDiscoverySource("aws-iam", openBench);

describe.each(awsServices())("keys of $name", ({ start }) => {
  test("are shown with their status, age, owner and last use", async () => {
    const aws = await start();
    const iam = new IAM(clientOf(aws));
    try {
      const { ids } = await seed(iam);
      const [part] = await createAwsIamSource(100).open({ connection: "prod" }, watch(aws).ports);
      if (part === undefined) throw new Error("no part");
      const { sightings, end } = await lookAt(part);
      await part.close();
      expect(end).toMatchObject({ complete: true, problems: [] });
      const found = new Map(sightings.map((sighting) => [sighting.handle, sighting]));
      expect(found.get(ids[0] ?? "")).toMatchObject({
        kind: "aws-access-key",
        place: `${aws.account}/ci`,
        live: true,
        createdAt: expect.stringMatching(/Z$/),
        detail: { status: "active", "last use": "never" },
        ownerHints: [{ source: "tag Owner", text: "shop" }],
      });
      expect(found.get(ids[2] ?? "")).toMatchObject({
        live: false,
        identity: "identity of deploy-key",
        detail: { user: "/deploy", status: "inactive" },
      });
      expect(found.get(aws.admin.accessKeyId)?.live).toBe(true);
    } finally {
      iam.destroy();
      await aws.close();
    }
  });
});

describe("an account that does not show all", () => {
  let aws: AwsStandIn;
  const seen = async (page = 100) => {
    const watched = watch(aws);
    const [part] = await createAwsIamSource(page).open({ connection: "prod" }, watched.ports);
    if (part === undefined) throw new Error("no part");
    const looked = await lookAt(part);
    await part.close();
    return { ...looked, watched };
  };
  beforeAll(async () => {
    aws = await startAwsStandIn();
    const iam = new IAM(clientOf(aws));
    await seed(iam);
    iam.destroy();
  });
  afterAll(async () => aws.close());
  beforeEach(() => aws.recover());

  test("that denies the list of users shows nothing, and names the right", async () => {
    aws.fail("iam:ListUsers", "denied");
    const looked = await seen();
    expect(looked).toMatchObject({ sightings: [], end: { complete: false, covered: [] } });
    expect(problemsOf(looked)).toContain("allow iam:ListUsers to the login");
  });

  test("that denies the keys of one user shows the others, and does not take that user's to be gone", async () => {
    aws.fail("iam:ListAccessKeys", "denied", 1, 2);
    const looked = await seen();
    expect(looked.sightings).toHaveLength(2);
    expect(looked.end).toMatchObject({ complete: false, covered: ["identity of gone-key"] });
    expect(problemsOf(looked)).toMatch(/user deploy: .*iam:ListAccessKeys/);
  });

  test("and was left off there is not whole either when a later look goes on from there", async () => {
    aws.fail("iam:ListAccessKeys", "denied", 1, 2);
    const ports = watch(aws).ports;
    const [part] = await createAwsIamSource(3).open({ connection: "prod" }, ports);
    if (part === undefined) throw new Error("no part");
    const first = await lookAt(part, { enough: () => true });
    const { end } = await lookAt(part, { cursor: first.end.cursor ?? "" });
    await part.close();
    expect(end).toMatchObject({ complete: false, covered: ["identity of gone-key"] });
    expect(end.problems.join()).toContain("deploy");
  });

  test("that denies last uses, tags and the report is whole without them", async () => {
    for (const action of ["GetAccessKeyLastUsed", "ListUserTags", "GenerateCredentialReport"]) {
      aws.fail(`iam:${action}`, "denied", 99);
    }
    const looked = await seen();
    expect(looked.end.complete).toBe(true);
    expect(looked.sightings).toHaveLength(4);
    expect(looked.end.problems).toHaveLength(3);
    expect(problemsOf(looked)).toContain("iam:GetAccessKeyLastUsed");
  });

  test("that is asked too often is asked again after a while", async () => {
    aws.fail("iam:ListUsers", "throttled", 2);
    const { end, watched } = await seen();
    expect(end.complete).toBe(true);
    expect(watched.pauses).toEqual([1, 2]);
  });

  test("that closes the connection is asked once more, and then left off", async () => {
    aws.fail("iam:ListUsers", "drop", 9);
    const looked = await seen();
    expect(looked.end.complete).toBe(false);
    expect(problemsOf(looked)).toContain("did not answer to iam:ListUsers");
    expect(looked.watched.pauses).toEqual([1]);
  });
});

describe("the policy of the example", () => {
  const {
    Statement: [statement],
  } = JSON.parse(exampleText("examples/discovery/aws-policy.json")) as {
    Statement: readonly [{ readonly Action: readonly string[] }];
  };
  let aws: AwsStandIn;
  beforeAll(async () => {
    aws = await startAwsStandIn();
    aws.addUser("reader", 1);
    aws.addUser("stray", 1);
    aws.addUser("deploy", 1);
  });
  afterAll(async () => aws.close());

  /** A look by somebody who may just this. */
  const lookWith = async (actions: readonly string[]) => {
    const arn = `arn:aws:iam::${aws.account}:user/reader`;
    aws.detachAll(arn);
    aws.attach(arn, {
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: [...actions], Resource: "*" },
    });
    const [key] = aws.keys("reader");
    const admin = { accessKeyId: key?.id ?? "", secretAccessKey: key?.secret ?? "" };
    const [part] = await createAwsIamSource(100).open({ connection: "prod" }, watch({ ...aws, admin }).ports);
    if (part === undefined) throw new Error("no part");
    const looked = await lookAt(part);
    await part.close();
    return looked;
  };

  test("is enough to see everything, and is for looking alone", async () => {
    const from = aws.calls.length;
    // A key that is younger than the report is asked about itself.
    aws.addUser("young", 1);
    expect((await lookWith(statement.Action)).end).toMatchObject({ complete: true, problems: [] });
    aws.addUser("younger", 1);
    expect((await lookWith(statement.Action)).end).toMatchObject({ complete: true, problems: [] });
    const called = new Set(aws.calls.slice(from).map(({ action }) => action));
    called.delete("sts:GetCallerIdentity");
    expect([...called].toSorted()).toEqual(statement.Action.toSorted());
    expect(
      statement.Action.filter((action) => !/:(List|Get|GenerateCredentialReport$)/.test(action)),
    ).toEqual([]);
  });

  test.each(statement.Action)("has nothing in it that is not needed: %s", async (action) => {
    const looked = await lookWith(statement.Action.filter((other) => other !== action));
    expect(problemsOf(looked)).toContain(action);
  });
});

test("an account whose pages never end is left off", async () => {
  let asked = 0;
  const server = await listen((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const action = new URLSearchParams(body).get("Action") ?? "";
      const inner =
        action === "GetCallerIdentity"
          ? "<Account>111122223333</Account>"
          : `<Users/><IsTruncated>true</IsTruncated><Marker>m${(asked += 1)}</Marker>`;
      const isKnown = action === "GetCallerIdentity" || action === "ListUsers";
      response.writeHead(isKnown ? 200 : 403, { "content-type": "text/xml" });
      response.end(
        isKnown
          ? `<${action}Response><${action}Result>${inner}</${action}Result></${action}Response>`
          : "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
      );
    });
  });
  const admin = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "none" };
  const endpoint = `http://127.0.0.1:${server.port}`;
  const { ports } = watch({ endpoint, region: "eu-central-1", admin });
  const [part] = await createAwsIamSource(100).open({ connection: "prod" }, ports);
  if (part === undefined) throw new Error("no part");
  const looked = await lookAt(part);
  await part.close();
  await server.close();
  expect(looked.end.complete).toBe(false);
  expect(looked.end.cursor).toBeUndefined();
  expect(problemsOf(looked)).toContain("more than 200 pages");
  expect(asked).toBeLessThan(300);
});
