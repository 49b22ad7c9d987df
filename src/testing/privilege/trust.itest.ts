import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { soon } from "../services/aws-orders.ts";
import { type AwsEstate, openAwsEstate, SUBJECT } from "./aws-estate.ts";
import { bindRotator } from "./aws-life.ts";

let estate: AwsEstate;
let user: string;
beforeAll(async () => {
  estate = await openAwsEstate("two accounts");
  ({ user } = await estate.newUser());
});
afterAll(async () => estate[Symbol.asyncDispose]());

const AUDIENCE = "sts.amazonaws.com";

async function preflight(change: Parameters<typeof bindRotator>[2]): Promise<unknown> {
  const rotator = await bindRotator(estate, user, change);
  try {
    return await rotator.preflight(soon());
  } finally {
    await rotator.close();
  }
}

test("a job in the environment of the repository is let in, with its name in every call", async () => {
  const from = estate.aws.calls.length;
  await preflight({ secrets: estate.job({ aud: AUDIENCE, sub: SUBJECT }) });
  const who = estate.aws.calls.slice(from).map(({ principal }) => principal);
  const session = (account: string, role: string) =>
    `arn:aws:sts::${account}:assumed-role/${role}/cre-orders-key`;
  const { ACCOUNT, RUNNER_ACCOUNT } = estate.places;
  expect([...new Set(who)].toSorted()).toEqual(
    [
      "anonymous",
      session(RUNNER_ACCOUNT, "cre-runner"),
      session(ACCOUNT, "cre-end-keys"),
      session(ACCOUNT, "cre-make-keys"),
    ].toSorted(),
  );
});

describe("nobody else is", () => {
  test.each([
    ["another repository", { sub: "repo:acme/shop:environment:rotation" }],
    ["a repository whose name begins so", { sub: "repo:acme/rotation-fork:environment:rotation" }],
    ["a repository of another owner", { sub: "repo:evil/rotation:environment:rotation" }],
    ["another environment", { sub: "repo:acme/rotation:environment:preview" }],
    ["an environment whose name begins so", { sub: `${SUBJECT}-test` }],
    ["a branch without the environment", { sub: "repo:acme/rotation:ref:refs/heads/main" }],
    ["a pull request", { sub: "repo:acme/rotation:pull_request" }],
    [
      "a branch that is called like the environment",
      { sub: "repo:acme/rotation:ref:refs/heads/environment:rotation" },
    ],
    ["the same in other letters", { sub: SUBJECT.toUpperCase() }],
    ["a token for another audience", { aud: "https://github.com/acme" }],
  ])("%s", async (_, claims) => {
    const secrets = estate.job({ aud: AUDIENCE, sub: SUBJECT, ...claims });
    const from = estate.aws.calls.length;
    await expect(preflight({ secrets })).rejects.toMatchObject({
      code: "permission-missing",
      message: expect.stringContaining("sts:AssumeRoleWithWebIdentity"),
      fix: expect.stringContaining("trust"),
    });
    expect(estate.aws.calls.slice(from).map(({ action }) => action)).toEqual(
      estate.aws.calls.slice(from).map(() => "sts:AssumeRoleWithWebIdentity"),
    );
  });

  test.each([
    ["of another issuer", { iss: "https://token.example.com" }, "login-refused"],
    ["that has expired", { exp: 1_790_000_000 }, "session-expired"],
  ])("a token %s", async (_, claims, code) => {
    const secrets = estate.job({ aud: AUDIENCE, sub: SUBJECT, ...claims });
    await expect(preflight({ secrets })).rejects.toMatchObject({
      code,
      message: expect.stringContaining("sts:AssumeRoleWithWebIdentity"),
    });
  });

  test.each([
    ["no external id", { externalId: undefined }],
    ["another external id", { externalId: "guessed" }],
  ])("the runner with %s", async (_, connection) => {
    const { externalId: _id, ...rest } = estate.connection;
    const change = connection.externalId === undefined ? rest : { ...rest, ...connection };
    const bound = { ...estate, connection: change };
    const rotator = await bindRotator(bound, user);
    await expect(rotator.preflight(soon())).rejects.toMatchObject({
      code: "permission-missing",
      message: expect.stringContaining("may not sts:AssumeRole at"),
    });
    await rotator.close();
  });
});
