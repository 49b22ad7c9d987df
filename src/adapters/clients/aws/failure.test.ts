import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { awsFailure } from "./failure.ts";

function answer(name: string, message: string, status: number): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

const call = { place: "secret prod/orders of aws prod", action: "secretsmanager:PutSecretValue" } as const;

describe("a right that is missing at the key of a value", () => {
  test.each([
    [
      "User: arn:aws:iam::111122223333:user/cre is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:eu-central-1:111122223333:key/1 because no identity-based policy allows it",
      "kms:GenerateDataKey",
    ],
    ["Access to KMS is not allowed", "kms:Decrypt or kms:GenerateDataKey"],
  ])("is told by its name: %s", (message, action) => {
    const failure = awsFailure(answer("AccessDeniedException", message, 400), call);
    expect(failure).toMatchObject({
      outcome: "refused",
      code: "permission-missing",
      retryable: false,
      message: `the runner may not ${action}, which secretsmanager:PutSecretValue needs, at secret prod/orders of aws prod`,
    });
    expect(failure.fix).toContain(`allow ${action} to`);
    expect(failure.evidence).toContain(message.slice(0, 100));
  });

  test("is told without the message when the request carried a secret", () => {
    const message = "kms:Decrypt is not allowed: canary-1 kms:Decryptcanary-1";
    const failure = awsFailure(answer("AccessDeniedException", message, 400), {
      ...call,
      carriesSecret: true,
    });
    expect(failure.message).toContain("kms:Decrypt");
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain("canary");
  });
});

test("a missing right of the action itself is told as that", () => {
  const failure = awsFailure(answer("AccessDeniedException", "no", 400), call);
  expect(failure.message).toBe(
    "the runner may not secretsmanager:PutSecretValue at secret prod/orders of aws prod",
  );
});

test("a sentence of AWS ends where the fix begins, and what refuses is AWS", () => {
  const failure = awsFailure(answer("SignatureDoesNotMatch", "Check your key.", 403), call);
  expect(failure.message).toBe(
    "AWS does not know the runner's login, so secretsmanager:PutSecretValue at secret prod/orders of aws prod was refused",
  );
  expect(failure.evidence).toBe("SignatureDoesNotMatch: Check your key");
});

test.each([
  ["a throttled call", answer("ThrottlingException", "Rate exceeded", 400), "refused", "throttled"],
  ["an error of the service", answer("InternalServiceError", "oops", 500), "unknown", "no-answer"],
  [
    "a lost answer",
    Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
    "unknown",
    "no-answer",
  ],
  [
    "a host that is not there",
    Object.assign(new Error("no"), { code: "ENOTFOUND" }),
    "refused",
    "unreachable",
  ],
  [
    "a way that breaks off in the middle",
    Object.assign(new Error("no"), { code: "EHOSTUNREACH", syscall: "read" }),
    "unknown",
    "no-answer",
  ],
  ["a request that timed out", answer("RequestTimeout", "slow", 408), "unknown", "no-answer"],
])("%s is %s", (_, error, outcome, code) => {
  expect(awsFailure(error, call)).toMatchObject({ outcome, code });
});
