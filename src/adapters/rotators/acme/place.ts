import { type ChainLink, readLink, renewalId } from "../../clients/x509/chain.ts";

/**
 * Where a certificate can be had again, which is the slot of its version: the CA's address of it, with what ARI calls
 * it behind `#`; or, for one that was there before us, the certificate itself as a `data:` URL (RFC 2397, RFC 2585).
 * Without that a leaked certificate could not be revoked by a run that did not order it.
 */
export interface Place {
  readonly url?: string;
  readonly der?: Buffer;
  readonly renewalId?: string;
}

const DATA = "data:application/pkix-cert;base64,";

/** Of a certificate that the CA has at this address. */
export async function slotAt(url: string, leaf: ChainLink): Promise<string> {
  const id = await renewalId(leaf.der);
  return id === undefined ? url : `${url}#${id}`;
}

/** Of a certificate that we only know as it is. */
export function slotOf(der: Uint8Array): string {
  return `${DATA}${Buffer.from(der).toString("base64")}`;
}

/** What a slot says; nothing for one that is neither. */
export async function placeOf(slot: string): Promise<Place> {
  if (slot.startsWith(DATA)) {
    const der = Buffer.from(slot.slice(DATA.length), "base64");
    const id = await renewalId(der).catch(() => undefined);
    return { der, ...(id === undefined ? {} : { renewalId: id }) };
  }
  const url = URL.parse(slot);
  if (url === null || !url.protocol.startsWith("http")) return {};
  const id = url.hash.slice(1);
  url.hash = "";
  return { url: url.href, ...(id === "" ? {} : { renewalId: id }) };
}

/** The public handle of a certificate. */
export function handleOf(fingerprint: string): string {
  return `SHA256:${fingerprint}`;
}

/** A certificate of one PEM block. */
export async function linkOf(der: Buffer): Promise<ChainLink> {
  const lines = der.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return readLink(`-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`);
}
