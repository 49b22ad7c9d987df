import { randomUUID } from "node:crypto";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SSM } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CreError } from "../../core/model/errors.ts";
import { type AwsTestService, awsServices } from "../../testing/services/aws/aws-service.ts";
import { clientOf, secretsOf } from "../../testing/suites/aws-bench.ts";
import { expectNoCanary } from "../../testing/suites/delivery-suite.ts";
import { readSecretsManagerSecret } from "./aws-secrets-manager.ts";
import { readParameterSecret } from "./aws-ssm.ts";

const { signal } = new AbortController();

async function refusalOf(reading: Promise<unknown>): Promise<CreError> {
  const error = await reading.then(
    () => new Error("it was read"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CreError);
  expectNoCanary(error);
  // `as`: asserted just before.
  return error as CreError;
}

describe.each(awsServices())("AWS of $name", ({ start }) => {
  let aws: AwsTestService;
  let manager: SecretsManager;
  let ssm: SSM;

  beforeAll(async () => {
    aws = await start();
    manager = new SecretsManager(clientOf(aws));
    ssm = new SSM(clientOf(aws));
  });
  afterAll(async () => {
    manager.destroy();
    ssm.destroy();
    await aws.close();
  });

  const door = (login = aws.admin) => ({
    connectionName: "prod-aws",
    connection: { region: aws.region, endpoint: aws.endpoint },
    secrets: secretsOf(login),
  });

  async function secret(value: { SecretString: string } | { SecretBinary: Uint8Array }): Promise<string> {
    const secretId = `cre/hook-${randomUUID()}`;
    await manager.createSecret({ Name: secretId, ...value });
    return secretId;
  }

  async function read(secretId: string, key?: string) {
    return readSecretsManagerSecret({ ...door(), secretId, ...(key === undefined ? {} : { key }) }, signal);
  }

  test("the whole text, or one key of it", async () => {
    const secretId = await secret({ SecretString: '{"hook":"canary-1","other":2}' });
    expect((await read(secretId)).reveal()).toBe('{"hook":"canary-1","other":2}');
    expect((await read(secretId, "hook")).reveal()).toBe("canary-1");
  });

  test("the version that is current, whatever waits beside it", async () => {
    const secretId = await secret({ SecretString: "canary-old" });
    await manager.putSecretValue({
      SecretId: secretId,
      SecretString: "canary-new",
      VersionStages: ["AWSPENDING"],
    });
    expect((await read(secretId)).reveal()).toBe("canary-old");
    const { VersionIdsToStages: stages = {} } = await manager.describeSecret({ SecretId: secretId });
    const idOf = (stage: string) => Object.keys(stages).find((id) => stages[id]?.includes(stage));
    await manager.updateSecretVersionStage({
      SecretId: secretId,
      VersionStage: "AWSCURRENT",
      RemoveFromVersionId: idOf("AWSCURRENT"),
      MoveToVersionId: idOf("AWSPENDING"),
    });
    expect((await read(secretId)).reveal()).toBe("canary-new");
  });

  test.each([
    ["a key that is not there", '{"hook":"canary-1"}', "other", 'it has no key "other"'],
    ["a key of every object", '{"hook":"canary-1"}', "constructor", 'it has no key "constructor"'],
    ["a key of a text", "canary-1", "hook", 'it is no JSON object, so it has no key "hook"'],
    ["a key of a list", '["canary-1"]', "0", 'it is no JSON object, so it has no key "0"'],
    ["a key that is no text", '{"hook":{"a":"canary-1"}}', "hook", 'its key "hook" is no text'],
  ])("%s is told by its name, never by a value", async (_, text, key, evidence) => {
    const secretId = await secret({ SecretString: text });
    const error = await refusalOf(read(secretId, key));
    expect(error).toMatchObject({ code: "stored-secret-unusable", evidence });
    expect(error.message).toContain(secretId);
  });

  test("a binary secret, and one that is not there", async () => {
    const secretId = await secret({ SecretBinary: Buffer.from("canary-1") });
    expect((await refusalOf(read(secretId))).evidence).toBe("it is binary");
    expect((await refusalOf(read("cre/nothing"))).message).toContain("secret cre/nothing of aws prod-aws");
  });

  test("a SecureString is read in the clear, and a plain parameter is refused", async () => {
    const name = `/cre/hook-${randomUUID()}`;
    await ssm.putParameter({ Name: name, Value: "canary-1", Type: "SecureString" });
    expect((await readParameterSecret({ ...door(), name }, signal)).reveal()).toBe("canary-1");
    await ssm.putParameter({ Name: `${name}/plain`, Value: "canary-1", Type: "String" });
    const error = await refusalOf(readParameterSecret({ ...door(), name: `${name}/plain` }, signal));
    expect(error).toMatchObject({ code: "stored-secret-unusable" });
    const missing = await refusalOf(readParameterSecret({ ...door(), name: `${name}/none` }, signal));
    expect(missing.message).toContain(`parameter ${name}/none of aws prod-aws`);
  });

  test("a login that AWS does not know is told without its secret", async () => {
    const wrong = door({ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "canary-key" });
    const secretId = await secret({ SecretString: "canary-1" });
    // moto answers in a form that no client of these services reads.
    const code = aws.name === "moto" ? "refused" : "login-refused";
    expect(await refusalOf(readSecretsManagerSecret({ ...wrong, secretId }, signal))).toMatchObject({ code });
    expect(await refusalOf(readParameterSecret({ ...wrong, name: "/cre/hook" }, signal))).toMatchObject({
      code,
    });
  });

  test("an interrupted run reads nothing", async () => {
    const interrupted = AbortSignal.abort();
    const reading = readSecretsManagerSecret({ ...door(), secretId: "cre/any" }, interrupted);
    expect((await refusalOf(reading)).code).toBe("interrupted");
    expect((await refusalOf(readParameterSecret({ ...door(), name: "/any" }, interrupted))).code).toBe(
      "interrupted",
    );
  });
});
