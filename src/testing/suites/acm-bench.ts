import { ACM } from "@aws-sdk/client-acm";
import { awsAcmDelivery } from "../../adapters/deliveries/aws-acm/delivery.ts";
import { Secret, type SecretParts } from "../../core/model/secret.ts";
import type { AwsTestService } from "../services/aws/aws-service.ts";
import { createAuthority, type TestCertificate } from "../services/certificates.ts";
import { bindAws, clientOf, withShortIds } from "./aws-bench.ts";
import { openFront } from "./aws-front.ts";
import type { PushBench } from "./push-suite.ts";
import { passwordOf, pushing } from "./sample-consignment.ts";

/** The certificates of a test's attempts, all of one authority: the same attempt has the same one. */
export interface Attempts {
  readonly ca: string;
  pair(attempt: string): TestCertificate;
  parts(attempt: string): SecretParts;
  /** The attempt whose certificate this PEM text is. */
  attemptOf(certificate: string | undefined): string | undefined;
}

export function newAttempts(names: readonly string[] = ["shop.example.com"]): Attempts {
  const authority = createAuthority();
  const pairs = new Map<string, TestCertificate>();
  const pair = (attempt: string): TestCertificate => {
    const known = pairs.get(attempt) ?? authority.issue(names);
    pairs.set(attempt, known);
    return known;
  };
  return {
    ca: authority.ca,
    pair,
    parts: (attempt) => {
      const { key, certificate } = pair(attempt);
      return new Map([
        ["privateKey", new Secret(key)],
        ["certificate", new Secret(certificate)],
        ["chain", new Secret(authority.ca)],
        ["fullchain", new Secret(certificate + authority.ca)],
      ]);
    },
    attemptOf: (certificate) =>
      [...pairs].find(([, known]) => known.certificate.trim() === certificate?.trim())?.[0],
  };
}

/** Imports what people had before us. Resolves with its ARN. */
export async function importAsPeople(people: ACM, attempts: Attempts): Promise<string> {
  const { key, certificate } = attempts.pair("people");
  const { CertificateArn: arn = "" } = await people.importCertificate({
    Certificate: Buffer.from(certificate),
    PrivateKey: Buffer.from(key),
    CertificateChain: Buffer.from(attempts.ca),
    Tags: [{ Key: "owner", Value: "web" }],
  });
  return arn;
}

/** A certificate that people imported. The parts of the suites are exchanged for a pair of the same attempt. */
export async function openCertificateBench(service: AwsTestService): Promise<PushBench> {
  const people = new ACM(clientOf(service));
  const attempts = newAttempts();
  const certificateArn = await importAsPeople(people, attempts);
  const front = await openFront(service.endpoint);
  const bound = pushing(
    withShortIds(
      await bindAws(
        awsAcmDelivery,
        { ...service, endpoint: front.endpoint },
        { "aws-acm": { connection: "prod-aws", certificateArn } },
      ),
    ),
  );
  return {
    delivery: {
      ...bound,
      push: async (parcel, parts, signal) =>
        bound.push(parcel, parts.size === 0 ? parts : attempts.parts(parcel.attempt), signal),
    },
    tells: true,
    inUse: async () => {
      const { Certificate: pem } = await people.getCertificate({ CertificateArn: certificateArn });
      const attempt = attempts.attemptOf(pem);
      return attempt === undefined ? undefined : passwordOf(attempt);
    },
    breakDown: async (how) => front.breakDown(how),
    close: async () => {
      people.destroy();
      await front.close();
    },
  };
}
