import type { Order } from "acme-client";
import { type CertificateChain, readChain, rootName } from "../../clients/x509/chain.ts";
import { StrangeAnswer } from "./failure.ts";
import type { Site } from "./site.ts";

/** The chain that the CA has at this address; of several the one whose root is preferred, if there is one. */
export async function download(site: Site, url: string, signal: AbortSignal): Promise<CertificateChain> {
  const { preferredChain } = site.provider;
  return site.ca.act("take the certificate", signal, async ({ client }) => {
    // `as`: nothing but the address is looked at.
    const order = { status: "valid", certificate: url } as Order;
    const chain = await read(await client.getCertificate(order, preferredChain));
    if (preferredChain !== undefined && rootName(chain) !== preferredChain) {
      site.ports.progress.warn(
        `${site.credential}: ${site.ca.label} offers no chain to ${preferredChain}; it ends at ${rootName(chain)}`,
      );
    }
    return chain;
  });
}

async function read(pem: unknown): Promise<CertificateChain> {
  if (typeof pem !== "string") throw new StrangeAnswer("the certificate is no PEM text");
  try {
    return await readChain(pem);
  } catch (error) {
    throw new StrangeAnswer(`the certificate cannot be read: ${error instanceof Error ? error.message : ""}`);
  }
}
