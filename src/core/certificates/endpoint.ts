import type { CertificateFacts } from "./certificate.ts";

/** Where a certificate is served. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Name asked for in the handshake (SNI) and looked for in the certificate; absent: `host`. */
  readonly serverName?: string;
  /** Protocol that is spoken in the clear until TLS starts. */
  readonly starttls?: "smtp" | "imap" | "postgresql" | "ldap";
}

/** What one address of an endpoint showed. */
export type AddressScan =
  | {
      readonly address: string;
      /** As served: the leaf first. */
      readonly chain: readonly CertificateFacts[];
    }
  | { readonly address: string; readonly failure: { readonly code: string; readonly message: string } };

/**
 * A handshake with every address of an endpoint, without credentials and whatever the certificate says of itself; the
 * connection is used for nothing else. Resolves with one entry for each address, or with one failure without an
 * address (empty text) where the name does not resolve or may not be scanned. Never rejects but for an aborted signal.
 */
export type ScanEndpoint = (endpoint: Endpoint, signal: AbortSignal) => Promise<readonly AddressScan[]>;

/** `host:port` or `[v6]:port` of a document, which its schema has checked. */
export function endpointOf(text: string): Endpoint {
  const colon = text.lastIndexOf(":");
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), port: Number(text.slice(colon + 1)) };
}

/** For people. */
export function endpointLabel({ host, port, serverName, starttls }: Endpoint): string {
  const name = host.includes(":") ? `[${host}]` : host;
  const as = serverName === undefined || serverName === host ? "" : ` as ${serverName}`;
  return `${name}:${port}${as}${starttls === undefined ? "" : ` (${starttls})`}`;
}
