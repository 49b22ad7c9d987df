import { X509Certificate } from "node:crypto";
import { getCACertificates } from "node:tls";

/** The roots that are trusted here: those of Node (with `NODE_EXTRA_CA_CERTS`), and those given. */
export interface TrustStore {
  has(certificate: X509Certificate): boolean;
  /** Roots of that name, as node:crypto writes a subject. */
  named(subject: string): readonly X509Certificate[];
}

/** What stands in a PEM bundle beside certificates is passed over; a certificate that cannot be read is an error. */
export function trustStore(bundle: string | undefined): TrustStore {
  const roots = new Map<string, X509Certificate[]>();
  const known = new Set<string>();
  for (const pem of [...getCACertificates("default"), ...pemCertificates(bundle ?? "")]) {
    const root = new X509Certificate(pem);
    if (known.has(root.fingerprint256)) continue;
    known.add(root.fingerprint256);
    const same = roots.get(root.subject);
    if (same === undefined) roots.set(root.subject, [root]);
    else same.push(root);
  }
  return {
    has: ({ fingerprint256 }) => known.has(fingerprint256),
    named: (subject) => roots.get(subject) ?? [],
  };
}

const PEM =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/** The certificates of a text, in its order; keys and words between them are never looked at. */
export function pemCertificates(text: string): readonly string[] {
  return (text.match(PEM) ?? []).map((pem) => pem.replaceAll(/(X509|TRUSTED) CERTIFICATE/g, "CERTIFICATE"));
}
