import { X509Certificate } from "node:crypto";
import type { CertificateFacts } from "../../../core/certificates/certificate.ts";
import { canonicalName } from "../../../core/certificates/server-name.ts";
import { epochSeconds, type Instant } from "../../../core/model/instant.ts";
import { certificateFacts } from "../tls/certificate.ts";
import { loadX509 } from "./library.ts";

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
/** More than any CA sends; each is parsed. */
const LONGEST_CHAIN = 20;

/** One certificate of a chain. */
export interface ChainLink {
  /** PEM with a newline at its end. */
  readonly pem: string;
  readonly der: Buffer;
  readonly facts: CertificateFacts;
}

/** A leaf with its issuers, in the order in which they are served. */
export interface CertificateChain {
  readonly leaf: ChainLink;
  readonly issuers: readonly ChainLink[];
}

/** What a chain must be to be handed to consumers. */
export interface WantedChain {
  /** Lower-case hex SHA-256 of the key's SubjectPublicKeyInfo; undefined: any. */
  readonly spki?: string;
  readonly names: readonly string[];
  readonly now: Instant;
}

/** The PEM blocks of certificates in a text, each with a newline at its end. */
export function certificatesIn(pem: string): readonly string[] {
  return (pem.match(BLOCK) ?? []).map((block) => `${block.replaceAll("\r\n", "\n")}\n`);
}

/** Reads a PEM chain, leaf first. Rejects where it holds none, too many, or something that is no certificate. */
export async function readChain(pem: string): Promise<CertificateChain> {
  const blocks = certificatesIn(pem);
  if (blocks.length > LONGEST_CHAIN) throw new Error(`${blocks.length} certificates`);
  const links = await Promise.all(blocks.map(readLink));
  const [leaf, ...issuers] = links;
  if (leaf === undefined) throw new Error("no certificate in PEM");
  return { leaf, issuers };
}

/** One certificate of a PEM text. Rejects with the parser's error where it is none. */
export async function readLink(pem: string): Promise<ChainLink> {
  const { raw } = new X509Certificate(pem);
  return { pem: pem.endsWith("\n") ? pem : `${pem}\n`, der: raw, facts: await certificateFacts(raw) };
}

/** Why a chain must not be handed to consumers, in words; undefined when it is as wanted. */
export function wrongWithChain({ leaf, issuers }: CertificateChain, wanted: WantedChain): string | undefined {
  if (wanted.spki !== undefined && leaf.facts.spki !== wanted.spki) {
    return "it is not for the key that was made";
  }
  if (leaf.facts.isAuthority) return "its first certificate is one of an authority";
  const names = new Set(wanted.names.map(canonicalName));
  const missing = [...names].filter((name) => !leaf.facts.names.includes(name));
  if (missing.length > 0) return `it lacks the names ${missing.join(", ")}`;
  const further = leaf.facts.names.filter((name) => !names.has(name));
  if (further.length > 0) return `it is also for ${further.join(", ")}, which nobody ordered`;
  for (const { facts } of [leaf, ...issuers]) {
    if (facts.notAfter <= wanted.now) return `${facts.subject || "its leaf"} has ended on ${facts.notAfter}`;
  }
  for (const [at, link] of [leaf, ...issuers].entries()) {
    const issuer = issuers[at];
    if (issuer === undefined) break;
    if (!isIssuedBy(link, issuer)) return `certificate ${at + 2} of it did not issue certificate ${at + 1}`;
  }
  return undefined;
}

/** Whether the second has signed the first. */
function isIssuedBy(link: ChainLink, issuer: ChainLink): boolean {
  const certificate = new X509Certificate(link.der);
  const authority = new X509Certificate(issuer.der);
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** The common name of whoever issued the last certificate: the root, which CAs do not send. */
export function rootName({ leaf, issuers }: CertificateChain): string {
  const { issuer } = (issuers.at(-1) ?? leaf).facts;
  return /(?:^|,\s*)CN=((?:\\.|[^,])*)/.exec(issuer)?.[1]?.replaceAll(/\\(.)/g, "$1") ?? issuer;
}

/** Seconds that a certificate is valid for. */
export function lifetimeSeconds({ notBefore, notAfter }: CertificateFacts): number {
  return epochSeconds(notAfter) - epochSeconds(notBefore);
}

/** What ARI calls a certificate (RFC 9773 4.1); undefined where it does not say who issued it. */
export async function renewalId(der: Uint8Array): Promise<string | undefined> {
  const x509 = await loadX509();
  const certificate = new x509.X509Certificate(Buffer.from(der));
  const authority = certificate.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
  if (authority === undefined) return undefined;
  // As DER has a positive number: the library gives it without the zero in front that tells its sign.
  const serial = certificate.serialNumber.replace(/^(00)+(?=.)/, "");
  const parts = [authority, /^[89a-f]/i.test(serial) ? `00${serial}` : serial];
  return parts.map((hex) => Buffer.from(hex, "hex").toString("base64url")).join(".");
}
