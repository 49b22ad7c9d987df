import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { canonicalName } from "../../../core/certificates/server-name.ts";
import type { CertificateKey } from "./key-pair.ts";
import { loadX509 } from "./library.ts";

const CURVES = { "ecdsa-p256": "P-256", "ecdsa-p384": "P-384" } as const;

/**
 * A request (PKCS #10, DER) for a certificate with these DNS names and addresses, in the form in which certificates have
 * them, and this key. Without a subject names stand in the extension alone (RFC 5280 4.2.1.6; public CAs ignore or refuse
 * anything else).
 */
export async function signingRequest(
  names: readonly string[],
  key: CertificateKey,
  subject: readonly Readonly<Record<string, string>>[] = [],
): Promise<Buffer> {
  const x509 = await loadX509();
  const algorithm = algorithmOf(key);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys: {
      privateKey: key.privateKey.toCryptoKey(algorithm, false, ["sign"]),
      // It stands in the request, so it has to be readable.
      publicKey: key.publicKey.toCryptoKey(algorithm, true, ["verify"]),
    },
    signingAlgorithm: algorithm,
    ...(subject.length === 0
      ? {}
      : { name: subject.map((part) => Object.fromEntries(Object.entries(part).map(([k, v]) => [k, [v]]))) }),
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map(canonicalName).map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
      ),
    ],
  });
  return Buffer.from(request.rawData);
}

/** A request in PEM, as people paste it into the form of a CA. */
export function requestText(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE REQUEST-----", ...lines, "-----END CERTIFICATE REQUEST-----", ""].join(
    "\n",
  );
}

/** Lower-case hex SHA-256 of the key that a request in PEM is for. Rejects where its signature is not that key's. */
export async function requestedKey(pem: string): Promise<string> {
  const x509 = await loadX509();
  const request = new x509.Pkcs10CertificateRequest(pem);
  if (!(await request.verify())) throw new Error("the signing request is not signed by its own key");
  return createHash("sha256").update(Buffer.from(request.publicKey.rawData)).digest("hex");
}

function algorithmOf({ type }: CertificateKey) {
  if (type === "ecdsa-p256" || type === "ecdsa-p384") {
    return {
      name: "ECDSA",
      namedCurve: CURVES[type],
      hash: type === "ecdsa-p256" ? "SHA-256" : "SHA-384",
    };
  }
  return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
}
