import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AwsEstate, openAwsEstate, ROLES, roleNames } from "./aws-estate.ts";
import { live, type Part } from "./aws-life.ts";
import { type Right, rightsOf } from "./aws-policies.ts";

/** Of each right: what cannot be done without it, in which part of a life. */
const NEEDED_BY: Readonly<Record<string, readonly [part: Part, operation: string]>> = {
  "make-keys SeeKeysAndMarks iam:ListAccessKeys": ["rotation", "preflight before adoption"],
  "make-keys SeeKeysAndMarks iam:ListUserTags": ["rotation", "preflight before adoption"],
  "make-keys SeeKeysAndMarks iam:GetAccessKeyLastUsed": ["rotation", "preflight before adoption"],
  "make-keys MakeKeys iam:CreateAccessKey": ["rotation", "issue"],
  "make-keys MarkKeys iam:TagUser": ["rotation", "adopt"],
  "make-keys MarkKeys iam:UntagUser": ["rotation", "preflight before adoption"],
  "make-keys DeliverToSecretsManager secretsmanager:DescribeSecret": ["secrets manager", "preflight"],
  "make-keys DeliverToSecretsManager secretsmanager:GetSecretValue": ["secrets manager", "preflight"],
  "make-keys DeliverToSecretsManager secretsmanager:PutSecretValue": ["secrets manager", "stage"],
  "make-keys DeliverToSecretsManager secretsmanager:UpdateSecretVersionStage": ["secrets manager", "promote"],
  "make-keys DeliverToParameterStore ssm:GetParameterHistory": ["parameter store", "preflight"],
  "make-keys DeliverToParameterStore ssm:PutParameter": ["parameter store", "push"],
  "make-keys ReplaceCertificates acm:DescribeCertificate": ["certificates", "preflight"],
  "make-keys ReplaceCertificates acm:GetCertificate": ["certificates", "preflight"],
  "make-keys ReplaceCertificates acm:ListTagsForCertificate": ["certificates", "preflight"],
  "make-keys ReplaceCertificates acm:ImportCertificate": ["certificates", "preflight"],
  "make-keys MarkCertificates acm:AddTagsToCertificate": ["certificates", "push"],
  "end-keys EndKeys iam:UpdateAccessKey": ["rotation", "preflight before adoption"],
  "end-keys EndKeys iam:DeleteAccessKey": ["rotation", "preflight before adoption"],
  "end-keys MarkKeys iam:TagUser": ["rotation", "preflight"],
  "end-keys MarkKeys iam:UntagUser": ["rotation", "preflight before adoption"],
  "end-keys DenySessionsInAnEmergency iam:PutUserPolicy": ["rotation", "contain"],
  "read-own-secrets ReadOwnSecretsInSecretsManager secretsmanager:GetSecretValue": [
    "own secrets",
    "a secret",
  ],
  "read-own-secrets ReadOwnSecretsInTheParameterStore ssm:GetParameter": ["own secrets", "a parameter"],
};

const RIGHTS = rightsOf("make-keys-policy.json", "end-keys-policy.json", "read-own-secrets-policy.json");
const nameOf = ({ file, statement, action }: Right): string =>
  `${file.replace("-policy.json", "")} ${statement} ${action}`;

let estate: AwsEstate;
beforeAll(async () => {
  estate = await openAwsEstate("two accounts");
});
afterAll(async () => estate[Symbol.asyncDispose]());

test("every right of the files is in the list of what needs it", () => {
  expect(RIGHTS.map(nameOf)).toEqual(Object.keys(NEEDED_BY));
});

describe("a whole life", () => {
  test("works with the rights of the files, which allow what is called and nothing else", async () => {
    estate.take(undefined);
    const before = estate.aws.calls.length;
    expect(await live(estate)).toEqual([]);
    const calls = estate.aws.calls.slice(before);
    const errors = new Set(calls.flatMap(({ error }) => error ?? []));
    // Keys and a certificate that the preflights make up, and a parameter that is not there yet.
    expect([...errors].toSorted()).toEqual(["NoSuchEntity", "ParameterNotFound", "ValidationException"]);
    const called = calls
      // Nobody can be denied this one.
      .filter(({ action }) => action !== "sts:GetCallerIdentity")
      .flatMap(({ principal, action }) => {
        const role = /:assumed-role\/([^/]+)\//.exec(principal)?.[1];
        return role === undefined ? [] : [`${role} ${action}`];
      });
    const allowed = roleNames().flatMap((role) =>
      rightsOf(...ROLES[role]).map(({ action }) => `${role} ${action}`),
    );
    expect([...new Set(called)].toSorted()).toEqual([...new Set(allowed)].toSorted());
  });

  test.each(RIGHTS.map((right) => [nameOf(right), right] as const))(
    "without %s stops where that is needed, names it, and everything else goes on",
    async (name, right) => {
      estate.take(right);
      const stops = await live(estate);
      const [part, operation] = NEEDED_BY[name] ?? [];
      const role = roleNames().find((one) => ROLES[one].some((file) => file === right.file));
      const inEmergency = operation === "contain";
      expect(stops).toMatchObject([
        {
          part,
          operation,
          code: inEmergency ? "not-contained" : "permission-missing",
          message: expect.stringContaining(`may not ${right.action} at `),
        },
      ]);
      // A request that carried a secret is not quoted, and a lack in an emergency is told as a detail.
      const evidence = stops.map((stop) => stop.evidence).join("");
      const told = right.action.startsWith("iam:") && !inEmergency;
      expect(evidence.includes(`:assumed-role/${role}/`) || !told).toBe(true);
    },
  );
});
