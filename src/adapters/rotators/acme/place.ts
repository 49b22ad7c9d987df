import type { CertificateFacts } from "../../../core/certificates/certificate.ts";
import { type ChainLink, readLink } from "../../clients/x509/chain.ts";

const DATA = "data:application/pkix-cert;base64,";

/**
 * The slot of a version is its certificate, as a URL (RFC 2397, RFC 2585): it is public, no two versions share it, and
 * whoever has to revoke it or asks when it should be renewed needs it whole. CAs give back nothing that is revoked, and
 * what was there before us they never gave us.
 */
export function slotOf(der: Uint8Array): string {
  return `${DATA}${Buffer.from(der).toString("base64")}`;
}

/** The certificate in a slot; undefined where there is none that can be read. */
export async function certificateIn(slot: string): Promise<ChainLink | undefined> {
  if (!slot.startsWith(DATA)) return undefined;
  const lines = slot.slice(DATA.length).replaceAll(/.{64}/g, "$&\n").trimEnd();
  return readLink(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`).catch(
    () => undefined,
  );
}

/** The public handle of a certificate. */
export function handleOf({ fingerprint }: Pick<CertificateFacts, "fingerprint">): string {
  return `SHA256:${fingerprint}`;
}
