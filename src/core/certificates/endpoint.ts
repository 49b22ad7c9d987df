import type { CertificateFacts } from "./certificate.ts";
import type { PathFacts, Revoked } from "./path-facts.ts";

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
      /** As served: the leaf first, the rest in the order in which the server sent it. */
      readonly chain: readonly CertificateFacts[];
      /** The leaf itself (DER), for who may have to revoke it once nobody serves it any more. */
      readonly leaf?: Uint8Array;
      /** Where its signatures lead. */
      readonly path?: PathFacts;
      /**
       * Certificates of the path that their issuers have revoked; empty: everybody says that none is. Absent: nobody says
       * that any is, and not everybody was asked or has answered.
       */
      readonly revoked?: readonly Revoked[];
    }
  | { readonly address: string; readonly failure: { readonly code: string; readonly message: string } };

/**
 * A handshake with every address of an endpoint, without credentials and whatever the certificate says of itself; the
 * connection is used for nothing else. Resolves with one entry for each address, or with one failure without an
 * address (empty text) where the name does not resolve or may not be scanned. Never rejects but for an aborted signal.
 */
export type ScanEndpoint = (endpoint: Endpoint, signal: AbortSignal) => Promise<readonly AddressScan[]>;

/** An entry of `endpoints` in a document, which its schema has checked: `host:port`, `[v6]:port`, or the parts. */
export function endpointOf(entry: string | Endpoint): Endpoint {
  if (typeof entry !== "string") return entry;
  const colon = entry.lastIndexOf(":");
  return { host: entry.slice(0, colon).replace(/^\[(.*)\]$/, "$1"), port: Number(entry.slice(colon + 1)) };
}

/** For people, and the endpoint's name on record. */
export function endpointLabel({ host, port, serverName, starttls }: Endpoint): string {
  const name = host.includes(":") ? `[${host}]` : host;
  const as = serverName === undefined || serverName === host ? "" : ` as ${serverName}`;
  return `${name}:${port}${as}${starttls === undefined ? "" : ` (${starttls})`}`;
}
