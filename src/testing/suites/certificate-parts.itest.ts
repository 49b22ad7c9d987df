import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACM } from "@aws-sdk/client-acm";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SSM } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createReceiver } from "../../../examples/webhook-receiver/receiver.ts";
import { awsAcmDelivery } from "../../adapters/deliveries/aws-acm/delivery.ts";
import { awsSecretsManagerDelivery } from "../../adapters/deliveries/aws-secrets-manager/delivery.ts";
import { awsSsmDelivery } from "../../adapters/deliveries/aws-ssm/delivery.ts";
import type { SecretParts } from "../../core/model/secret.ts";
import type { BoundDelivery } from "../../core/ports/delivery.ts";
import { type AwsStandIn, startAwsStandIn } from "../services/aws/aws-service.ts";
import { readDescription } from "../services/github/description.ts";
import { startGithub } from "../services/github/github-service.ts";
import { startStandIn } from "../services/kubernetes/stand-in.ts";
import { type LongChain, longChains, partsOfChain } from "../services/long-chain.ts";
import { attemptId, bindAws, clientOf } from "./aws-bench.ts";
import { openCommandBench } from "./command-bench.ts";
import { failureOf } from "./delivery-suite.ts";
import { bindEnvFile } from "./env-file-bench.ts";
import { bindGithub, GITHUB_SCOPES, withPlaces } from "./github-bench.ts";
import { openKubernetesBench } from "./kubernetes-bench.ts";
import { consignmentOf, pushing, staging } from "./sample-consignment.ts";
import { bindHook, HOOK_KEY, HOOK_TIME, listen } from "./webhook-bench.ts";

/*
 * A certificate of four, with a key of RSA 4096, is about as large and as many lines as a credential gets: it arrives
 * at every kind of target to the byte, or is refused before anything is changed.
 */
const { signal } = new AbortController();
const parcel = { ...consignmentOf("a1"), attempt: attemptId("a1") };
const BOTH = { "tls.crt": "{fullchain}", "tls.key": "{privateKey}" } as const;
let aws: AwsStandIn;
let issue: Awaited<ReturnType<typeof longChains>>;
let chain: LongChain;
let parts: SecretParts;

beforeAll(async () => {
  aws = await startAwsStandIn();
  issue = await longChains();
  chain = await issue(["shop.example.com", "www.example.com"]);
  parts = partsOfChain(chain);
});
afterAll(async () => aws.close());

async function deliver(delivery: BoundDelivery): Promise<void> {
  await delivery.preflight(signal);
  if (delivery.push !== undefined) {
    await delivery.push(parcel, parts, signal);
  } else {
    const target = staging(delivery);
    await target.stage(parcel, parts, signal);
    await target.promote(parcel, signal);
  }
  expect(await delivery.holds(signal)).toEqual({ current: parcel.attempt });
}

test("it is larger than a parameter, and the key has many lines", () => {
  expect(chain.fullchain.length).toBeGreaterThan(6000);
  expect(chain.privateKey.split("\n").length).toBeGreaterThan(50);
});

test("a Kubernetes Secret of the type for certificates", async () => {
  const server = await startStandIn();
  const bench = await openKubernetesBench(server, { name: "shop-tls", values: BOTH });
  try {
    await deliver(bench.delivery);
    expect(await bench.hand.values("shop-tls")).toEqual({
      "tls.crt": chain.fullchain,
      "tls.key": chain.privateKey,
    });
    expect((await bench.hand.secret("shop-tls"))?.["type"]).toBe("kubernetes.io/tls");
  } finally {
    await bench.close();
    await server.close();
  }
});

test("AWS Secrets Manager", async () => {
  const people = new SecretsManager(clientOf(aws));
  await people.createSecret({ Name: "shop/tls", SecretString: "{}" });
  const entry = { "aws-secrets-manager": { connection: "prod-aws", secretId: "shop/tls" } };
  await deliver(await bindAws(awsSecretsManagerDelivery, aws, entry));
  const { SecretString = "" } = await people.getSecretValue({ SecretId: "shop/tls" });
  people.destroy();
  expect(JSON.parse(SecretString)).toEqual(chain);
});

describe("the Parameter Store", () => {
  const bind = async (values: Readonly<Record<string, string>>) =>
    pushing(await bindAws(awsSsmDelivery, aws, { "aws-ssm": { connection: "prod-aws", values } }));

  test("takes the key, and in the tier Advanced the chain", async () => {
    const people = new SSM(clientOf(aws));
    const old = { Name: "/shop/chain", Value: "old", Type: "SecureString", Tier: "Advanced" } as const;
    await people.putParameter(old);
    await deliver(await bind({ "/shop/key": "{privateKey}", "/shop/chain": "{chain}" }));
    const { Parameters: found = [] } = await people.getParameters({
      Names: ["/shop/key", "/shop/chain"],
      WithDecryption: true,
    });
    people.destroy();
    expect(found.map(({ Value }) => Value)).toEqual([chain.privateKey, chain.chain]);
  });

  test("refuses a chain that is too large, with its size, before the key is changed", async () => {
    const target = await bind({ "/web/key": "{privateKey}", "/web/chain": "{fullchain}" });
    const failure = await failureOf(target.push(parcel, parts, signal));
    expect(failure).toMatchObject({ code: "aws-ssm-too-large", outcome: "refused", retryable: false });
    expect(failure.evidence).toBe(`${chain.fullchain.length} bytes; a parameter of tier Standard takes 4096`);
    expect(await target.holds(signal)).toEqual({});
  });
});

test("ACM", async () => {
  const people = new ACM(clientOf(aws));
  const first = await issue(["shop.example.com"]);
  const { CertificateArn: certificateArn = "" } = await people.importCertificate({
    Certificate: Buffer.from(first.certificate),
    PrivateKey: Buffer.from(first.privateKey),
    CertificateChain: Buffer.from(first.chain),
  });
  await deliver(
    await bindAws(awsAcmDelivery, aws, { "aws-acm": { connection: "prod-aws", certificateArn } }),
  );
  const found = await people.getCertificate({ CertificateArn: certificateArn });
  people.destroy();
  expect([found.Certificate, found.CertificateChain]).toEqual([chain.certificate, chain.chain]);
});

test("secrets of GitHub", async () => {
  const github = withPlaces(await startGithub({ description: readDescription() }));
  try {
    await deliver(
      await bindGithub(github, "repository", { values: { CHAIN: "{fullchain}", KEY: "{privateKey}" } }),
    );
    const { place } = GITHUB_SCOPES.repository;
    expect([github.seen(place, "CHAIN"), github.seen(place, "KEY")]).toEqual([
      chain.fullchain,
      chain.privateKey,
    ]);
  } finally {
    await github.close();
  }
});

test("a webhook", async () => {
  const receiver = await createReceiver({
    keys: new Map([[HOOK_KEY.id, HOOK_KEY.secret]]),
    clock: () => HOOK_TIME * 1000,
  });
  const hook = await listen(receiver.handle);
  try {
    await deliver(await bindHook(`http://127.0.0.1:${hook.port}/`));
    expect(receiver.credentials("orders-db").current?.parts).toEqual(chain);
  } finally {
    await hook.close();
  }
});

test("a command", async () => {
  const bench = await openCommandBench();
  try {
    await deliver(bench.delivery);
    expect(bench.partsInUse()).toEqual(chain);
  } finally {
    await bench.close();
  }
});

describe("an env file", () => {
  test("refuses a part of many lines before it is there, and takes it percent-encoded", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cre-parts-"));
    const path = join(folder, "tls.env");
    try {
      const plain = await bindEnvFile(path, folder, { values: { TLS_KEY: "{privateKey}" } });
      const failure = await failureOf(plain.stage(parcel, parts, signal));
      expect(failure).toMatchObject({ code: "env-file-value", outcome: "refused", retryable: false });
      expect(await readdir(folder)).toEqual([]);

      const values = { TLS_KEY: "{privateKey:uri}", TLS_CHAIN: "{fullchain:uri}" };
      await deliver(await bindEnvFile(path, folder, { values }));
      const lines = Object.fromEntries(
        (await readFile(path, "utf8"))
          .split("\n")
          .filter((line) => line.startsWith("TLS_"))
          .map((line) => [
            line.slice(0, line.indexOf("=")),
            decodeURIComponent(line.slice(line.indexOf("=") + 1)),
          ]),
      );
      expect(lines).toEqual({ TLS_KEY: chain.privateKey, TLS_CHAIN: chain.fullchain });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
