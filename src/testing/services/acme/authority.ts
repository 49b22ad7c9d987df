import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 86_400_000;

/** A root, an intermediate below it, and a second root that has signed the same intermediate. */
export interface CertificateAuthority {
  readonly roots: readonly [x509.X509Certificate, x509.X509Certificate];
  /** The certificate that a request asks for, as PEM chains: by the first root, and by the second. */
  issue(request: x509.Pkcs10CertificateRequest, from: Date, until: Date): Promise<IssuedLeaf>;
}

export interface IssuedLeaf {
  readonly serial: string;
  readonly leaf: x509.X509Certificate;
  readonly chains: readonly [string, string];
}

/** An authority of its own, whose certificates begin long before any test's clock. */
export async function createCertificateAuthority(name: string): Promise<CertificateAuthority> {
  const keys = await Promise.all([makeKeys(), makeKeys(), makeKeys()]);
  const [rootKeys, otherKeys, issuerKeys] = keys;
  const root = await rootOf(`CN=${name} Root 1`, rootKeys);
  const other = await rootOf(`CN=${name} Root 2`, otherKeys);
  const issuerName = `CN=${name} Intermediate`;
  const below = async (by: x509.X509Certificate, signer: webcrypto.CryptoKeyPair) =>
    x509.X509CertificateGenerator.create({
      ...common(by.subject, issuerName),
      publicKey: issuerKeys.publicKey,
      signingKey: signer.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        await x509.SubjectKeyIdentifierExtension.create(issuerKeys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(by.publicKey),
      ],
    });
  const [first, second] = [await below(root, rootKeys), await below(other, otherKeys)];
  return {
    roots: [root, other],
    issue: async (request, from, until) => {
      const names = requestedNames(request);
      const serial = `40${randomBytes(15).toString("hex")}`;
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: serial,
        subject: "",
        issuer: issuerName,
        notBefore: from,
        notAfter: until,
        publicKey: request.publicKey,
        signingKey: issuerKeys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.SubjectAlternativeNameExtension(names),
          await x509.AuthorityKeyIdentifierExtension.create(issuerKeys.publicKey),
        ],
      });
      const pem = (by: x509.X509Certificate): string => `${leaf.toString("pem")}\n${by.toString("pem")}\n`;
      return { serial, leaf, chains: [pem(first), pem(second)] };
    },
  };
}

/** The names that a request asks for. */
export function requestedNames(request: x509.Pkcs10CertificateRequest): x509.JsonGeneralNames {
  const found = request.extensions.find((one) => one instanceof x509.SubjectAlternativeNameExtension);
  return found?.names.toJSON() ?? [];
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function rootOf(subject: string, keys: webcrypto.CryptoKeyPair): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    ...common(subject, subject),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

function common(issuer: string, subject: string) {
  return {
    serialNumber: `40${randomBytes(15).toString("hex")}`,
    issuer,
    subject,
    notBefore: new Date(Date.now() - 3650 * DAY),
    notAfter: new Date(Date.now() + 3650 * DAY),
  };
}
