import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STS } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { Secret } from "../../../core/model/secret.ts";
import type { LocalSecretSource } from "../../../core/ports/runtime.ts";
import { type AwsStandIn, startAwsStandIn } from "../../../testing/services/aws/aws-service.ts";
import { awsClientOptions } from "./client-options.ts";

let service: AwsStandIn;
let folder: string;
beforeAll(async () => {
  service = await startAwsStandIn();
  folder = await mkdtemp(join(tmpdir(), "cre-aws-login-"));
});
afterAll(async () => {
  await service?.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => vi.unstubAllEnvs());

function host(variables: Readonly<Record<string, string>>): LocalSecretSource {
  return {
    present: (reference) => "env" in reference && variables[reference.env] !== undefined,
    read: async (reference) => new Secret(("env" in reference ? variables[reference.env] : undefined) ?? ""),
  };
}

/** Who the runner is with these variables. */
async function whoIs(variables: Readonly<Record<string, string>>, profile?: string): Promise<string> {
  const { endpoint, region } = service;
  const connection = { endpoint, region, ...(profile === undefined ? {} : { profile }) };
  const login = { name: "prod-aws", connection, secrets: host(variables), credential: "orders-key" };
  const sts = new STS(await awsClientOptions(login, "effect"));
  try {
    return (await sts.getCallerIdentity({})).Arn ?? "";
  } finally {
    sts.destroy();
  }
}

test("the runner signs in with the variables that it was given", async () => {
  const { accessKeyId, secretAccessKey } = service.admin;
  const arn = await whoIs({ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
  expect(arn).toBe(`arn:aws:iam::${service.account}:user/admin`);
});

test("with a profile of its configuration, whatever the variables say", async () => {
  const { accessKeyId, secretAccessKey } = service.admin;
  const path = join(folder, "credentials");
  await writeFile(
    path,
    `[rotator]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", path);
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "none"));
  const other = { AWS_ACCESS_KEY_ID: "AKIAOTHER00000000000", AWS_SECRET_ACCESS_KEY: "wrong" };
  expect(await whoIs(other, "rotator")).toBe(`arn:aws:iam::${service.account}:user/admin`);
});
