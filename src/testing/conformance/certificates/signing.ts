import "reflect-metadata";
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { Pkcs10CertificateRequest } from "@peculiar/x509";
import { createAuthority } from "../../services/certificates.ts";

export const AUTHORITY = createAuthority("a CA of the house");
const DAY = 86_400_000;

/** What a CA makes of a signing request in PEM. */
export function signed(request: string, names: readonly string[], days = 90): string {
  const { publicKey } = new Pkcs10CertificateRequest(request);
  const key = createPublicKey({ key: Buffer.from(publicKey.rawData), format: "der", type: "spki" });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const notAfter = new Date(Date.now() + days * DAY);
  return AUTHORITY.issue(names, { notAfter, pair: { publicKey: key, privateKey } }).certificate;
}

/** Whether key and certificate of these parts belong together. */
export function isPair({ privateKey = "", fullchain = "" }: Readonly<Record<string, string>>): boolean {
  return new X509Certificate(fullchain).checkPrivateKey(createPrivateKey(privateKey));
}
