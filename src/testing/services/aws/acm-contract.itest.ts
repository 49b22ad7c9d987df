import { ACM } from "@aws-sdk/client-acm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientOf } from "../../suites/aws-bench.ts";
import { createAuthority, type TestCertificate } from "../certificates.ts";
import { type AwsTestService, awsServices } from "./aws-service.ts";

/*
 * The same questions about certificates to the stand-in and to moto 5.2.1. moto looks neither at whether a key fits nor
 * at what a new certificate may not change, and adds a root of its own to every chain.
 */
describe.each(awsServices())("ACM by $name", ({ start }) => {
  const authority = createAuthority();
  let aws: AwsTestService;
  let acm: ACM;
  beforeAll(async () => {
    aws = await start();
    acm = new ACM({ ...clientOf(aws), maxAttempts: 1 });
  });
  afterAll(async () => {
    acm.destroy();
    await aws.close();
  });

  const imports = async ({ key, certificate }: TestCertificate, arn?: string): Promise<string> => {
    const { CertificateArn: made = "" } = await acm.importCertificate({
      ...(arn === undefined ? { Tags: [{ Key: "owner", Value: "web" }] } : { CertificateArn: arn }),
      Certificate: Buffer.from(certificate),
      PrivateKey: Buffer.from(key),
      CertificateChain: Buffer.from(authority.ca),
    });
    return made;
  };

  test("a certificate is imported and described", async () => {
    const pair = authority.issue(["shop.example.com"]);
    const arn = await imports(pair);
    expect(arn).toMatch(new RegExp(`^arn:aws:acm:${aws.region}:${aws.account}:certificate/[0-9a-f-]{36}$`));
    const { Certificate: found } = await acm.describeCertificate({ CertificateArn: arn });
    expect(found).toMatchObject({ Type: "IMPORTED", Status: "ISSUED", KeyAlgorithm: "EC_prime256v1" });
    expect((await acm.getCertificate({ CertificateArn: arn })).Certificate?.trim()).toBe(
      pair.certificate.trim(),
    );
  });

  test("one that is imported again has the same ARN and tags, and the new certificate", async () => {
    const arn = await imports(authority.issue(["shop.example.com"]));
    const next = authority.issue(["shop.example.com"]);
    await acm.addTagsToCertificate({ CertificateArn: arn, Tags: [{ Key: "cre", Value: "a1=0 a2=1" }] });
    expect(await imports(next, arn)).toBe(arn);
    expect((await acm.getCertificate({ CertificateArn: arn })).Certificate?.trim()).toBe(
      next.certificate.trim(),
    );
    const { Tags: tags } = await acm.listTagsForCertificate({ CertificateArn: arn });
    expect(tags).toEqual([
      { Key: "owner", Value: "web" },
      { Key: "cre", Value: "a1=0 a2=1" },
    ]);
  });

  test("what is no certificate, or past its end, is refused, and the one before stays", async () => {
    const first = authority.issue(["shop.example.com"]);
    const arn = await imports(first);
    const junk = { ...first, certificate: "none" };
    const old = authority.issue(["shop.example.com"], { notAfter: new Date(Date.now() - 1000) });
    for (const pair of [junk, old]) {
      await expect(imports(pair, arn)).rejects.toMatchObject({ name: "ValidationException" });
    }
    expect((await acm.getCertificate({ CertificateArn: arn })).Certificate?.trim()).toBe(
      first.certificate.trim(),
    );
  });

  test("one that is deleted is not found by any question", async () => {
    const arn = await imports(authority.issue(["shop.example.com"]));
    await acm.deleteCertificate({ CertificateArn: arn });
    const CertificateArn = arn;
    for (const ask of [
      async () => acm.describeCertificate({ CertificateArn }),
      async () => acm.getCertificate({ CertificateArn }),
      async () => acm.listTagsForCertificate({ CertificateArn }),
      async () => imports(authority.issue(["shop.example.com"]), arn),
    ]) {
      await expect(ask()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    }
  });
});
