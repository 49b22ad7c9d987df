import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { Secret, type SecretParts } from "../../core/model/secret.ts";

/** The parts of a certificate as its providers publish them, as texts. */
export interface LongChain {
  readonly privateKey: string;
  readonly certificate: string;
  readonly chain: string;
  readonly fullchain: string;
}

const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 4096,
} as const;
const DAY = 86_400_000;

/**
 * Makes certificates about as large as they get: a leaf and three intermediates of RSA 4096, below a root that is not
 * in them. All share one key, because making one takes seconds.
 */
export async function longChains(): Promise<(names: readonly string[]) => Promise<LongChain>> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  return async (names) => issue(names, keys);
}

async function issue(names: readonly string[], keys: webcrypto.CryptoKeyPair): Promise<LongChain> {
  const titles = [names[0] ?? "", "Intermediate 3", "Intermediate 2", "Intermediate 1", "Root"].map(
    (cn) => `CN=${cn}`,
  );
  const certificates: X509Certificate[] = [];
  for (const [at, subject] of titles.slice(0, -1).entries()) {
    certificates.push(
      await X509CertificateGenerator.create({
        subject,
        issuer: titles[at + 1] ?? subject,
        serialNumber: `4${at}`,
        notBefore: new Date(Date.now() - DAY),
        notAfter: new Date(Date.now() + 90 * DAY),
        publicKey: keys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions:
          at === 0
            ? [new SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns" as const, value })))]
            : [new BasicConstraintsExtension(true)],
      }),
    );
  }
  const [certificate = "", ...others] = certificates.map((one) => `${one.toString("pem")}\n`);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const chain = others.join("");
  return {
    privateKey: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replaceAll(/.{64}(?=.)/g, "$&\n")}\n-----END PRIVATE KEY-----\n`,
    certificate,
    chain,
    fullchain: certificate + chain,
  };
}

export function partsOfChain(chain: LongChain): SecretParts {
  return new Map(Object.entries(chain).map(([name, text]) => [name, new Secret(text)]));
}
