import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { ACM } from "@aws-sdk/client-acm";
import { IAM } from "@aws-sdk/client-iam";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { EffectError } from "../../../core/model/errors.ts";
import { Secret, type SecretParts } from "../../../core/model/secret.ts";
import { type AwsStandIn, startAwsStandIn } from "../../../testing/services/aws/aws-service.ts";
import type { AwsFault } from "../../../testing/services/aws/faults.ts";
import { createAuthority } from "../../../testing/services/certificates.ts";
import { type Attempts, importAsPeople, newAttempts } from "../../../testing/suites/acm-bench.ts";
import { type AwsDoor, attemptId, bindAws, clientOf } from "../../../testing/suites/aws-bench.ts";
import { type AwsFront, openFront } from "../../../testing/suites/aws-front.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import { consignmentOf, type PushDelivery, pushing } from "../../../testing/suites/sample-consignment.ts";
import { awsAcmDelivery } from "./delivery.ts";

const QUESTIONS = ["acm:DescribeCertificate", "acm:GetCertificate", "acm:ListTagsForCertificate"];
const TAG = "acm:AddTagsToCertificate";
const IMPORT = "acm:ImportCertificate";
const FAULTS: readonly AwsFault[] = ["denied", "throttled", "error500", "drop", "dropAfter", "error500After"];

const { signal } = new AbortController();
let aws: AwsStandIn;
let people: ACM;
let front: AwsFront;
let attempts: Attempts;
let arn: string;
let target: PushDelivery;

beforeAll(async () => {
  aws = await startAwsStandIn();
  people = new ACM(clientOf(aws));
});
afterAll(async () => {
  people.destroy();
  await aws.close();
});
beforeEach(async () => {
  attempts = newAttempts();
  arn = await importAsPeople(people, attempts);
  front = await openFront(aws.endpoint);
  target = await bind();
});
afterEach(async () => {
  aws.recover();
  await front.close();
});

async function bind(certificateArn = arn, door: AwsDoor = {}): Promise<PushDelivery> {
  const entry: DeliverEntry = { "aws-acm": { connection: "prod-aws", certificateArn } };
  return pushing(await bindAws(awsAcmDelivery, { ...aws, endpoint: front.endpoint }, entry, door));
}

async function push(attempt: string, parts: SecretParts = attempts.parts(attempt)): Promise<void> {
  await target.push({ ...consignmentOf(attempt), attempt: attemptId(attempt) }, parts, signal);
}

/** The failure of a push, which never shows a line of the key. */
async function failureOfPush(attempt: string, parts: SecretParts = attempts.parts(attempt)) {
  const failure = await failureOf(push(attempt, parts));
  const said = inspect(failure, { depth: 10, showHidden: true }) + failure.describe();
  for (const line of parts.get("privateKey")?.reveal().trim().split("\n").slice(1, -1) ?? []) {
    expect(said).not.toContain(line);
  }
  return failure;
}

async function served(): Promise<string | undefined> {
  return attempts.attemptOf((await people.getCertificate({ CertificateArn: arn })).Certificate);
}

async function held() {
  return target.holds(signal);
}

const importsOf = () => aws.calls.filter(({ action }) => action === IMPORT).length;
const current = (attempt: string) => ({ current: attemptId(attempt) });
const withParts = (attempt: string, more: Readonly<Record<string, string>>): SecretParts =>
  new Map([...attempts.parts(attempt), ...Object.entries(more).map(([k, v]) => [k, new Secret(v)] as const)]);

describe("what became of an import is told by the certificate that is there", () => {
  test.each(FAULTS)("%s", async (fault) => {
    await push("a1");
    aws.fail(IMPORT, fault);
    const failure = await failureOfPush("a2");
    const happened = fault === "dropAfter" || fault === "error500After";
    const expected = happened ? "a2" : "a1";
    expect(failure.outcome).toBe(fault === "denied" || fault === "throttled" ? "refused" : "unknown");
    expect(await served()).toBe(expected);
    expect(await held()).toEqual(current(expected));
    await push("a3");
    expect(await held()).toEqual(current("a3"));
  });

  test.each(FAULTS)("when the tag before it fails, nothing was imported: %s", async (fault) => {
    await push("a1");
    const before = importsOf();
    aws.fail(TAG, fault);
    expect((await failureOfPush("a2")).outcome).toBe("refused");
    expect(importsOf()).toBe(before);
    expect(await held()).toEqual(current("a1"));
  });

  test.each(QUESTIONS)("when %s cannot be asked nothing is changed", async (action) => {
    await push("a1");
    const before = importsOf();
    aws.fail(action, "denied", 9);
    const failure = await failureOfPush("a2");
    expect(failure).toMatchObject({ outcome: "refused", code: "permission-missing", retryable: false });
    expect((await failureOf(target.preflight(signal))).message).toContain(action);
    expect(await held()).toEqual(action === "acm:DescribeCertificate" ? current("a1") : "unknown");
    expect(importsOf()).toBe(before);
  });

  test("an import that hangs and is interrupted is unknown, and asked for", async () => {
    aws.fail(IMPORT, "hangAfter");
    const parcel = { ...consignmentOf("a1"), attempt: attemptId("a1") };
    const failure = await failureOf(target.push(parcel, attempts.parts("a1"), AbortSignal.timeout(300)));
    expect(failure.outcome).toBe("unknown");
    expect(await held()).toEqual(current("a1"));
  });
});

test("the certificate of people is replaced under its ARN, with its chain, and keeps their tags", async () => {
  expect(await held()).toEqual({});
  await push("a1");
  const { Certificate, CertificateChain } = await people.getCertificate({ CertificateArn: arn });
  expect([Certificate, CertificateChain]).toEqual([attempts.pair("a1").certificate, attempts.ca]);
  const { Tags: tags = [] } = await people.listTagsForCertificate({ CertificateArn: arn });
  expect(tags).toContainEqual({ Key: "owner", Value: "web" });
});

test("a push that is there already imports nothing, and a lost tag is put again", async () => {
  await push("a1");
  const before = importsOf();
  await push("a1");
  await people.removeTagsFromCertificate({ CertificateArn: arn, Tags: [{ Key: "cre" }] });
  expect(await held()).toEqual({});
  await push("a1");
  expect(await held()).toEqual(current("a1"));
  expect(importsOf()).toBe(before);
  const tagged = aws.calls.filter(({ action }) => action === TAG).length;
  await push("a1");
  expect(aws.calls.filter(({ action }) => action === TAG).length).toBe(tagged);
});

test("a certificate that somebody else imports is not taken for ours", async () => {
  await push("a1");
  const { key, certificate } = attempts.pair("theirs");
  await people.importCertificate({
    CertificateArn: arn,
    Certificate: Buffer.from(certificate),
    PrivateKey: Buffer.from(key),
  });
  expect(await held()).toEqual({});
});

test("a certificate with its chain in one part, and one without a chain, are imported", async () => {
  const { key, certificate } = attempts.pair("a1");
  await push(
    "a1",
    new Map([
      ["privateKey", new Secret(key)],
      ["fullchain", new Secret(certificate + attempts.ca)],
    ]),
  );
  expect((await people.getCertificate({ CertificateArn: arn })).CertificateChain).toBe(attempts.ca);
  const alone = attempts.pair("a2");
  const parts = [
    ["privateKey", alone.key],
    ["certificate", alone.certificate],
    ["chain", ""],
  ] as const;
  await push("a2", new Map(parts.map(([name, text]) => [name, new Secret(text)])));
  expect((await people.getCertificate({ CertificateArn: arn })).CertificateChain).toBeUndefined();
  expect(await held()).toEqual(current("a2"));
});

describe("is refused before anything is changed, for good", () => {
  const encrypted = () =>
    generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" },
    }).privateKey;

  test.each([
    [
      "a key of another certificate",
      "aws-acm-key",
      () => withParts("a2", { privateKey: attempts.pair("a3").key }),
    ],
    ["an encrypted key", "aws-acm-key", () => withParts("a2", { privateKey: encrypted() })],
    [
      "a key that is too large",
      "aws-acm-key",
      () => withParts("a2", { privateKey: attempts.pair("a2").key + "\n".repeat(5000) }),
    ],
    [
      "a chain of another authority",
      "aws-acm-chain",
      () => withParts("a2", { chain: createAuthority("other").ca }),
    ],
    ["no certificate", "aws-acm-certificate", () => withParts("a2", { certificate: "none" })],
    [
      "a broken certificate",
      "aws-acm-certificate",
      () => withParts("a2", { certificate: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----" }),
    ],
    ["no key", "aws-acm-part", () => new Map([["fullchain", new Secret(attempts.ca)]])],
  ])("%s", async (_, code, parts) => {
    await push("a1");
    const before = aws.calls.length;
    expect(await failureOfPush("a2", parts())).toMatchObject({ outcome: "refused", code, retryable: false });
    expect(aws.calls.length).toBe(before);
    expect(await held()).toEqual(current("a1"));
  });

  test("a certificate that ACM issues itself", async () => {
    const { CertificateArn: issued = "" } = await people.requestCertificate({
      DomainName: "shop.example.com",
    });
    target = await bind(issued);
    expect(await failureOfPush("a1")).toMatchObject({ code: "aws-acm-issued", retryable: false });
    expect(await failureOf(target.preflight(signal))).toMatchObject({ code: "aws-acm-issued" });
    expect(await held()).toBe("unknown");
  });

  test("a certificate that is not there, or in another region", async () => {
    target = await bind(`${arn.slice(0, -4)}0000`);
    expect(await failureOf(target.preflight(signal))).toMatchObject({ code: "aws-acm-missing" });
    target = await bind(arn.replace("eu-central-1", "us-east-1"));
    expect(await failureOfPush("a1")).toMatchObject({ code: "aws-acm-region", outcome: "refused" });
  });

  test("a key of another type: ACM could not change it", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const other = createAuthority().issue(["shop.example.com"], { pair: rsa });
    const parts = new Map([
      ["privateKey", new Secret(other.key)],
      ["certificate", new Secret(other.certificate)],
    ]);
    const failure = await failureOfPush("a1", parts);
    expect(failure).toMatchObject({ code: "aws-acm-algorithm", retryable: false });
    expect(failure.evidence).toBe("it has EC_prime256v1, the new one RSA_2048");
  });
});

test.each([
  [undefined, "passes"],
  ["ecdsa-p256", "passes"],
  ["ecdsa-p384", "it has EC_prime256v1, the new one EC_secp384r1"],
  ["rsa-3072", "it has EC_prime256v1, the new one RSA_3072"],
] as const)(
  "a provider that makes keys of the type %s is told before anything is issued",
  async (keyType, told) => {
    const acme = {
      connection: "lets-encrypt",
      names: ["shop.example.com"],
      challenge: {},
      ...(keyType === undefined ? {} : { keyType }),
    };
    const bound = await bind(arn, { provider: { acme } });
    const said = await bound.preflight(signal).then(
      () => "passes",
      (error: unknown) => (error instanceof EffectError ? error.evidence : error),
    );
    expect(said).toBe(told);
  },
);

describe("the words of AWS are told without what they might quote", () => {
  test("of an error that is of no kind that is known", async () => {
    front.refuse(
      "ImportCertificate",
      "ConflictException",
      `no: ${attempts.pair("a1").key.replaceAll("\n", " ")}`,
    );
    expect(await failureOfPush("a1")).toMatchObject({ code: "refused", evidence: "ConflictException" });
  });

  test("a quota of imports that is used up", async () => {
    front.refuse("ImportCertificate", "LimitExceededException", "quota");
    const failure = await failureOfPush("a1");
    expect(failure).toMatchObject({ outcome: "refused", code: "aws-acm-limit", retryable: false });
    expect(failure.fix).toContain("365 days");
  });

  test.each([
    ["Extended Key Usage cannot be removed", "lacks an Extended Key Usage"],
    ["The Key Usage extension values cannot be removed.", "lacks a Key Usage"],
    ["Could not validate the certificate with the certificate chain.", "does not lead"],
    ["The certificate is not in effect yet", "not valid yet"],
    ["The certificate has expired", "past its end"],
    ["canary-1", "does not say why"],
  ])("%s", async (message, told) => {
    front.refuse("ImportCertificate", "ValidationException", `${message} canary-2`);
    const failure = await failureOfPush("a1");
    expect(failure).toMatchObject({ outcome: "refused", code: "aws-acm-refused", retryable: false });
    expect(failure.evidence).toContain(told);
  });
});

test("whether it may import is asked before, and nothing changes", async () => {
  const iam = new IAM(clientOf(aws));
  await iam.createUser({ UserName: "reader" });
  const { AccessKey: key } = await iam.createAccessKey({ UserName: "reader" });
  iam.destroy();
  aws.attach(`arn:aws:iam::${aws.account}:user/reader`, {
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Action: QUESTIONS, Resource: arn },
  });
  const login = { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
  const reader = await bind(arn, { login });
  const failure = await failureOf(reader.preflight(signal));
  expect(failure).toMatchObject({ code: "permission-missing", retryable: false });
  expect(failure.message).toContain(IMPORT);
  await target.preflight(signal);
  aws.fail(IMPORT, "throttled");
  await target.preflight(signal);
  expect(await served()).toBe("people");
});
