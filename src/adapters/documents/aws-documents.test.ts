import { expect, test } from "vitest";
import { readDocuments } from "./read-documents.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const ROLE = (account: string) => `assumeRole: "arn:aws:iam::${account}:role/cre"`;

function aws(name: string, fields: string): string {
  return `apiVersion: cre/v1
kind: Connection
metadata: { name: ${name} }
spec:
  aws: { region: eu-west-1${fields === "" ? "" : `, ${fields}`} }
  allow: { services: [orders-api], objects: ["*"] }
`;
}

function manual(name: string, deliver: string): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: api-key
  service: orders-api
  owner: { team: orders, contact: orders@example.com }
  createdAt: 2026-01-15
  method: manual
  deliver: [ ${deliver} ]
  access: []
`;
}

/** Codes of what is wrong with one secret that is delivered through each of two connections with these fields. */
function problemsOf(one: string, other: string, ...more: readonly string[]): readonly string[] {
  const deliver = (connection: string) =>
    `{ aws-secrets-manager: { connection: ${connection}, secretId: prod/orders, values: { k: "{value}" } } }`;
  const { problems } = readDocuments([
    {
      path: "registry/a.yaml",
      bytes: bytes([manual("first", deliver("a")), manual("second", deliver("b"))].join("---\n")),
    },
    { path: "policies/a.yaml", bytes: bytes([aws("a", one), aws("b", other), ...more].join("---\n")) },
  ]);
  return problems.map(({ code }) => code);
}

test.each([
  ["through one role", ROLE("111122223333"), ROLE("111122223333")],
  ["by the runner's own login", "", ""],
  ["by one profile", "profile: prod", "profile: prod"],
])("one secret that two credentials reach %s is shared", (_, one, other) => {
  expect(problemsOf(one, other)).toEqual(["target-shared"]);
});

test.each([
  ["accounts", ROLE("111122223333"), ROLE("444455556666")],
  ["logins", "profile: prod", "profile: staging"],
  ["partitions' endpoints", 'endpoint: "https://a.internal"', 'endpoint: "https://b.internal"'],
])("secrets of one name in different %s are two", (_, one, other) => {
  expect(problemsOf(one, other)).toEqual([]);
});

/** What is told of a credential with this delivery. */
function toldOf(deliver: string): readonly string[] {
  const { problems } = readDocuments([
    { path: "registry/a.yaml", bytes: bytes(manual("first", deliver)) },
    { path: "policies/a.yaml", bytes: bytes(aws("a", "")) },
  ]);
  return problems.map(({ code, column }) => `${code} at ${column}`);
}

// Fixes put these names into commands that people copy.
const NAMES = [
  ["secretId", "prod/orders", true],
  ["secretId", "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:prod/orders-AbCdEf", true],
  ["secretId", "prod orders", false],
  ["secretId", "prod/orders;id", false],
  ["secretId", "$(id)", false],
  ["secretId", "arn:aws:s3:::orders", false],
  ["secretId", "örders", false],
  ["values", "/prod/orders/url", true],
  ["values", "orders.url", true],
  ["values", "/prod/$(id)", false],
  ["values", "prod/orders", false],
  ["values", "/prod//url", false],
  ["values", "arn:aws:ssm:eu-west-1:111122223333:parameter/prod/url", false],
  ["values", `/${"a/".repeat(20)}b`, false],
] as const;

test.each(NAMES)("%s %s is a name at AWS: %s", (field, name, isName) => {
  const deliver =
    field === "secretId"
      ? `{ aws-secrets-manager: { connection: a, secretId: "${name}" } }`
      : `{ aws-ssm: { connection: a, values: { "${name}": "{value}" } } }`;
  expect(toldOf(deliver)).toHaveLength(isName ? 0 : 1);
});

test.each([
  ["region: eu-west-1", true],
  ["region: us-gov-west-1", true],
  ['region: "eu west"', false],
  ['region: "evil.internal/#"', false],
  ['region: eu-west-1, assumeRole: "arn:aws-us-gov:iam::111122223333:role/cre/make"', true],
  ['region: eu-west-1, assumeRole: "arn:aws:iam::111122223333:user/cre"', false],
  ['region: eu-west-1, revokeRole: "cre-revoke"', false],
])("a connection with { %s } is one to AWS: %s", (fields, isSound) => {
  const text = aws("a", "").replace("region: eu-west-1", fields);
  const { problems } = readDocuments([{ path: "policies/a.yaml", bytes: bytes(text) }]);
  expect(problems.map(({ code }) => code)).toEqual(isSound ? [] : ["form-invalid"]);
});
