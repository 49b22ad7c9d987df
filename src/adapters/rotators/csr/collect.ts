import type { Instant } from "../../../core/model/instant.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { Collected } from "../../../core/ports/rotator.ts";
import { type CertificateChain, readChain, wrongWithChain } from "../../clients/x509/chain.ts";
import { requestedKey } from "../../clients/x509/signing-request.ts";
import type { CertificateSource } from "./source.ts";

/**
 * The certificate that was made for a signing request, checked: of this key, for these names, valid now, its chain in
 * order. Whatever is wrong with what is there is told as what is waited for, since only people can mend it.
 */
export async function collect(
  source: CertificateSource,
  names: readonly string[],
  request: string,
  now: Instant,
  signal: AbortSignal,
): Promise<Collected> {
  const found = await source.read(request, signal);
  if ("none" in found) return { kind: "waiting", detail: found.none };
  const chain = await chainIn(found.pem);
  if (typeof chain === "string") return wrong(source, chain);
  const spki = await requestedKey(request);
  const { facts } = chain.leaf;
  if (facts.spki !== spki) {
    return wrong(
      source,
      `the certificate there (serial ${facts.serial}, of ${facts.notBefore}) is of another key`,
    );
  }
  const fault = wrongWithChain(chain, { spki, names, now });
  if (fault !== undefined) return wrong(source, `the certificate there cannot be used: ${fault}`);
  if (facts.notBefore > now) return wrong(source, `the certificate there begins on ${facts.notBefore}`);
  const issuers = chain.issuers.map(({ pem }) => pem).join("");
  return {
    kind: "ready",
    parts: new Map([
      ["certificate", new Secret(chain.leaf.pem)],
      ["chain", new Secret(issuers)],
      ["fullchain", new Secret(`${chain.leaf.pem}${issuers}`)],
    ]),
    notBefore: facts.notBefore,
    expiresAt: facts.notAfter,
    detail: `a certificate is there: serial ${facts.serial}, until ${facts.notAfter}`,
  };
}

/** A PEM chain, or what is wrong with the text. */
export async function chainIn(pem: string): Promise<CertificateChain | string> {
  if (pem.includes("PRIVATE KEY")) {
    return "there is a private key: take it out of git, and treat whatever uses it as compromised";
  }
  return readChain(pem).catch((error: unknown) =>
    error instanceof Error
      ? `what is there cannot be read: ${error.message}`
      : "what is there cannot be read",
  );
}

function wrong({ label }: CertificateSource, what: string): Collected {
  return { kind: "waiting", detail: `${label}: ${what}` };
}
