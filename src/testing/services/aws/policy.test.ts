import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, like, type PolicyContext, type PolicyDocument, parsePolicy, trusts } from "./policy.ts";

const question = (
  action: string,
  resource = "arn:aws:iam::111122223333:user/shop",
  context: PolicyContext = {},
) => ({ action, resource, context });

const statement = (more: object): PolicyDocument =>
  parsePolicy(JSON.stringify({ Statement: { Effect: "Allow", Action: "*", Resource: "*", ...more } }));

describe("a policy", () => {
  test("allows nothing that it does not name", () => {
    expect(decide([], question("iam:GetUser"))).toBe("not-allowed");
    expect(decide([statement({ Action: "iam:Get*" })], question("iam:CreateUser"))).toBe("not-allowed");
    expect(decide([statement({ Action: "iam:Get*" })], question("iam:GetUser"))).toBe("allowed");
  });

  test("compares actions without case, resources with it", () => {
    expect(decide([statement({ Action: "IAM:getuser" })], question("iam:GetUser"))).toBe("allowed");
    const resource = "arn:aws:iam::111122223333:user/Shop";
    expect(decide([statement({ Resource: resource })], question("iam:GetUser"))).toBe("not-allowed");
  });

  test("that denies wins over all that allow, in whatever order they come", () => {
    const policies = [statement({}), statement({ Effect: "Deny", Action: "iam:Delete*" }), statement({})];
    fc.assert(
      fc.property(fc.shuffledSubarray(policies, { minLength: 3 }), (order) => {
        expect(decide(order, question("iam:DeleteAccessKey"))).toBe("denied");
        expect(decide(order, question("iam:GetUser"))).toBe("allowed");
      }),
    );
  });

  test("says what it does not mean by NotAction and NotResource", () => {
    const allBut = statement({ Action: undefined, NotAction: "iam:*" });
    expect(decide([allBut], question("iam:GetUser"))).toBe("not-allowed");
    expect(decide([allBut], question("ssm:GetParameter"))).toBe("allowed");
    const elsewhere = statement({ Resource: undefined, NotResource: "arn:aws:iam::*:user/shop" });
    expect(decide([elsewhere], question("iam:GetUser"))).toBe("not-allowed");
  });

  test("fills in what is known of who asks, and matches nothing where it is not known", () => {
    const own = statement({ Resource: "arn:aws:iam::*:user/${aws:username}" });
    expect(decide([own], question("iam:GetUser", undefined, { "aws:username": "shop" }))).toBe("allowed");
    expect(decide([own], question("iam:GetUser", undefined, { "aws:username": "web" }))).toBe("not-allowed");
    expect(decide([own], question("iam:GetUser"))).toBe("not-allowed");
  });

  test.each<[string, object, PolicyContext, boolean]>([
    ["an equal text", { StringEquals: { "aws:x": "a" } }, { "aws:x": "a" }, true],
    ["another text", { StringEquals: { "aws:x": "a" } }, { "aws:x": "b" }, false],
    ["one of several texts", { StringEquals: { "aws:x": ["b", "a"] } }, { "aws:x": "a" }, true],
    ["a key in another case", { StringEquals: { "AWS:X": "a" } }, { "aws:x": "a" }, true],
    ["no text", { StringEquals: { "aws:x": "a" } }, {}, false],
    ["no text, if it exists", { StringEqualsIfExists: { "aws:x": "a" } }, {}, true],
    ["another text, if it exists", { StringEqualsIfExists: { "aws:x": "a" } }, { "aws:x": "b" }, false],
    ["no text, where it must differ", { StringNotEquals: { "aws:x": "a" } }, {}, true],
    [
      "a text that must differ from two",
      { StringNotEquals: { "aws:x": ["a", "b"] } },
      { "aws:x": "b" },
      false,
    ],
    ["a pattern", { StringLike: { "aws:x": "a*" } }, { "aws:x": "abc" }, true],
    [
      "an ARN",
      { ArnLike: { "aws:x": "arn:aws:iam::*:role/cre-*" } },
      { "aws:x": "arn:aws:iam::1:role/cre-a" },
      true,
    ],
    [
      "a date before",
      { DateLessThan: { "aws:x": "2026-11-25T10:00:00Z" } },
      { "aws:x": "2026-11-25T09:59:59Z" },
      true,
    ],
    [
      "the date itself",
      { DateLessThan: { "aws:x": "2026-11-25T10:00:00Z" } },
      { "aws:x": "2026-11-25T10:00:00Z" },
      false,
    ],
    ["no date", { DateLessThan: { "aws:x": "2026-11-25T10:00:00Z" } }, {}, false],
    ["a yes", { Bool: { "aws:x": "true" } }, { "aws:x": "true" }, true],
    ["a JSON yes", { Bool: { "aws:x": true } }, { "aws:x": "true" }, true],
    ["what must not be there", { Null: { "aws:x": "true" } }, {}, true],
    ["what must not be there, and is", { Null: { "aws:x": "true" } }, { "aws:x": "a" }, false],
    ["all of them", { "ForAllValues:StringEquals": { "aws:x": ["a", "b"] } }, { "aws:x": ["a", "b"] }, true],
    ["not all of them", { "ForAllValues:StringEquals": { "aws:x": ["a"] } }, { "aws:x": ["a", "b"] }, false],
    ["all of none", { "ForAllValues:StringEquals": { "aws:x": ["a"] } }, {}, true],
    ["any of them", { "ForAnyValue:StringEquals": { "aws:x": ["a"] } }, { "aws:x": ["a", "b"] }, true],
    ["any of none", { "ForAnyValue:StringEquals": { "aws:x": ["a"] } }, {}, false],
    [
      "two conditions, one of them false",
      { StringEquals: { "aws:x": "a", "aws:y": "b" } },
      { "aws:x": "a" },
      false,
    ],
  ])("asks conditions: %s", (_, Condition, context, expected) => {
    const decision = decide([statement({ Condition })], question("iam:GetUser", undefined, context));
    expect(decision).toBe(expected ? "allowed" : "not-allowed");
  });

  test.each([
    ["no JSON", "{"],
    ["no object", "null"],
    ["no statement", "{}"],
    ["no effect", '{"Statement":[{"Action":"*","Resource":"*"}]}'],
    ["no action", '{"Statement":[{"Effect":"Allow","Resource":"*"}]}'],
    [
      "a condition that is not understood here",
      '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}',
    ],
  ])("is refused with %s", (_, document) => {
    expect(() => parsePolicy(document)).toThrow(
      expect.objectContaining({ code: "MalformedPolicyDocument", status: 400 }),
    );
  });
});

describe("a pattern", () => {
  test("is a text that matches itself and nothing else, whatever characters it has", () => {
    const plain = fc.string().filter((value) => !/[*?]/.test(value));
    fc.assert(
      fc.property(plain, plain, (pattern, value) => {
        expect(like(pattern, value)).toBe(pattern === value);
      }),
    );
  });

  test("takes any text for a star, and one character for a question mark", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.string({ minLength: 1, maxLength: 1 }),
        (before, rest, one) => {
          expect(like("*", before + rest)).toBe(true);
          fc.pre(!/[*?]/.test(before));
          expect(like(`${before}*`, before + rest)).toBe(true);
          expect(like(`${before}?`, before + one)).toBe(true);
          expect(like(`${before}?`, before)).toBe(false);
        },
      ),
    );
  });
});

describe("a trust policy", () => {
  const asked = { action: "sts:AssumeRole", context: {} };
  const itself = ["arn:aws:iam::111122223333:user/runner"];
  const account = ["111122223333", "arn:aws:iam::111122223333:root"];
  const trust = (...statements: readonly object[]): PolicyDocument =>
    parsePolicy(
      JSON.stringify({
        Statement: statements.map((more) =>
          Object.assign({ Effect: "Allow", Action: "sts:AssumeRole" }, more),
        ),
      }),
    );

  test.each([
    ["the principal itself", { AWS: itself }, "named"],
    ["its account", { AWS: "111122223333" }, "account"],
    ["everybody", "*", "named"],
    ["another kind of principal", { Federated: itself[0] }, "no"],
    ["another account", { AWS: "444455556666" }, "no"],
  ] as const)("that names %s", (_, Principal, expected) => {
    expect(trusts(trust({ Principal }), "AWS", { itself, account }, asked)).toBe(expected);
  });

  test("does not trust whom it denies", () => {
    const both = trust({ Principal: "*" }, { Effect: "Deny", Principal: { AWS: itself } });
    expect(trusts(both, "AWS", { itself, account }, asked)).toBe("no");
  });
});
