import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SSM } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ConnectionSpec } from "../../core/documents/connection.ts";
import { Secret } from "../../core/model/secret.ts";
import type { LocalSecretSource } from "../../core/ports/runtime.ts";
import { type AwsStandIn, startAwsStandIn } from "../../testing/services/aws/aws-service.ts";
import { withStores } from "./stored-secrets.ts";

let service: AwsStandIn;
let connection: ConnectionSpec;
let local: LocalSecretSource;

beforeAll(async () => {
  service = await startAwsStandIn();
  const { endpoint, region, admin } = service;
  connection = { aws: { endpoint, region } };
  const host: Readonly<Record<string, string>> = {
    AWS_ACCESS_KEY_ID: admin.accessKeyId,
    AWS_SECRET_ACCESS_KEY: admin.secretAccessKey,
    HERE: "from this host",
  };
  local = {
    present: (reference) => "env" in reference && host[reference.env] !== undefined,
    read: async (reference) => new Secret(("env" in reference ? host[reference.env] : undefined) ?? ""),
  };
  const options = { endpoint, region, credentials: admin };
  await new SecretsManager(options).createSecret({
    Name: "prod/login",
    SecretString: JSON.stringify({ password: "canary-one" }),
  });
  await new SSM(options).putParameter({ Name: "/prod/hook", Value: "canary-two", Type: "SecureString" });
});
afterAll(async () => service?.close());

test("a connection's secret is read from its store once, told to the redactor, and the host's own as before", async () => {
  const kept: string[] = [];
  const source = withStores(local, {
    connection: () => connection,
    keepOut: (secret) => void kept.push(secret.reveal()),
  });
  const stored = {
    "aws-secrets-manager": { connection: "prod-aws", secretId: "prod/login", key: "password" },
  };
  expect((await source.read(stored)).reveal()).toBe("canary-one");
  expect((await source.read(stored)).reveal()).toBe("canary-one");
  const parameter = { "aws-ssm": { connection: "prod-aws", name: "/prod/hook" } };
  expect((await source.read(parameter)).reveal()).toBe("canary-two");
  expect((await source.read({ env: "HERE" })).reveal()).toBe("from this host");
  expect(kept).toEqual(["canary-one", "canary-one", "canary-two"]);
  const asked = service.calls.map(({ action }) => action).filter((action) => action.includes(":Get"));
  expect(asked).toEqual(["secretsmanager:GetSecretValue", "ssm:GetParameter"]);
  expect(source.present(stored)).toBe(true);
  expect(source.present({ env: "ELSEWHERE" })).toBe(false);
});

test("a store that could not be asked is asked again the next time", async () => {
  const source = withStores(local, { connection: () => connection, keepOut: () => undefined });
  const parameter = { "aws-ssm": { connection: "prod-aws", name: "/prod/hook" } };
  service.fail("ssm:GetParameter", "denied", 1);
  await expect(source.read(parameter)).rejects.toMatchObject({ code: "permission-missing" });
  expect((await source.read(parameter)).reveal()).toBe("canary-two");
});

test("a store that cannot be read is told by the name of the secret, never its value", async () => {
  const source = withStores(local, { connection: () => connection, keepOut: () => undefined });
  const missing = { "aws-ssm": { connection: "prod-aws", name: "/prod/none" } };
  await expect(source.read(missing)).rejects.toMatchObject({
    message: expect.stringContaining("parameter /prod/none of aws prod-aws"),
  });
  const wrong = withStores(local, {
    connection: () => ({ webhook: { url: "https://a.internal", key: { id: "k", secret: { env: "K" } } } }),
    keepOut: () => undefined,
  });
  await expect(wrong.read(missing)).rejects.toMatchObject({ code: "connection-kind" });
});
