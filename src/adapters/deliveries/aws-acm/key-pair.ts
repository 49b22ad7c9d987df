import { createPrivateKey, X509Certificate } from "node:crypto";
import { EffectError } from "../../../core/model/errors.ts";
import type { Secret, SecretParts } from "../../../core/model/secret.ts";

/** A certificate with its key and chain, looked at: the key fits, and the chain begins with the issuer. */
export interface KeyPair {
  /** Lower-case hex SHA-256 of the certificate. */
  readonly fingerprint: string;
  /** As ACM names it: `RSA_2048`, `EC_prime256v1`. */
  readonly algorithm: string;
  /** PEM text of the leaf alone. */
  readonly certificate: string;
  /** PEM texts of the others, if there are any. */
  readonly chain: string | undefined;
  readonly privateKey: Secret;
}

/** In bytes (API reference of ImportCertificate). */
const LARGEST_KEY = 5120;
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The pair of these parts: `privateKey`, and `certificate` with `chain`, or `fullchain`. Throws an EffectError, refused
 * for good, where they are no pair that ACM could take.
 */
export function keyPairOf(place: string, parts: SecretParts): KeyPair {
  const privateKey = partOf(place, parts, "privateKey");
  const whole = parts.get("certificate") ?? partOf(place, parts, "fullchain");
  const [leaf, ...others] = blocksOf(place, whole);
  if (leaf === undefined) {
    throw refused("aws-acm-certificate", `${place}: the new version has no certificate that can be read`);
  }
  const chain = others.length > 0 ? others : blocksOf(place, parts.get("chain"));
  const [issuer] = chain;
  if (issuer !== undefined && !leaf.checkIssued(issuer)) {
    throw refused("aws-acm-chain", `${place}: the chain does not begin with the issuer of the certificate`, {
      evidence: `the certificate is of ${nameOf(leaf.issuer)}, the chain begins with ${nameOf(issuer.subject)}`,
      fix: "deliver the intermediate certificates in order, the one that signed the certificate first",
    });
  }
  checkKey(place, leaf, privateKey);
  return {
    fingerprint: fingerprintOf(leaf),
    algorithm: algorithmOf(leaf),
    certificate: leaf.toString(),
    chain: chain.length === 0 ? undefined : chain.map(String).join(""),
    privateKey,
  };
}

/** What ImportCertificate takes of a pair. */
export function importOf({ certificate, chain, privateKey }: KeyPair): {
  Certificate: Uint8Array;
  PrivateKey: Uint8Array;
  CertificateChain?: Uint8Array;
} {
  return {
    Certificate: Buffer.from(certificate),
    PrivateKey: Buffer.from(privateKey.reveal()),
    ...(chain === undefined ? {} : { CertificateChain: Buffer.from(chain) }),
  };
}

/** Fingerprint of the first certificate of a PEM text; undefined where it has none. */
export function fingerprintIn(pem: string | undefined): string | undefined {
  const [block] = pem?.match(BLOCK) ?? [];
  return block === undefined ? undefined : fingerprintOf(new X509Certificate(block));
}

function checkKey(place: string, leaf: X509Certificate, secret: Secret): void {
  const pem = secret.reveal();
  const size = Buffer.byteLength(pem);
  if (size > LARGEST_KEY) {
    throw refused("aws-acm-key", `${place}: the private key is too large for ACM`, {
      evidence: `${size} bytes; ACM takes ${LARGEST_KEY}`,
    });
  }
  let fits: boolean;
  try {
    fits = leaf.checkPrivateKey(createPrivateKey(pem));
  } catch {
    // The error of the parser is left out: it may quote the key.
    throw refused("aws-acm-key", `${place}: the private key cannot be read`, {
      fix: "deliver an unencrypted key in PEM",
    });
  }
  if (!fits) throw refused("aws-acm-key", `${place}: the private key is not the certificate's own`);
}

function partOf(place: string, parts: SecretParts, name: string): Secret {
  const part = parts.get(name);
  if (part !== undefined) return part;
  throw refused("aws-acm-part", `${place} needs the part ${name}, which this credential does not publish`, {
    fix: "publish privateKey, certificate and chain (or privateKey and fullchain)",
  });
}

function blocksOf(place: string, part: Secret | undefined): X509Certificate[] {
  const blocks = part?.reveal().match(BLOCK) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw refused("aws-acm-certificate", `${place}: a certificate of the new version cannot be read`);
  }
}

function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(":", "").toLowerCase();
}

function algorithmOf({ publicKey }: X509Certificate): string {
  const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
  if (namedCurve !== undefined) return `EC_${namedCurve}`;
  return modulusLength === undefined ? (publicKey.asymmetricKeyType ?? "unknown") : `RSA_${modulusLength}`;
}

function nameOf(distinguished: string): string {
  return distinguished.replaceAll("\n", ", ");
}

function refused(
  code: string,
  problem: string,
  details: { evidence?: string; fix?: string } = {},
): EffectError {
  return new EffectError("refused", code, problem, { ...details, retryable: false });
}
