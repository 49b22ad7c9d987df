import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { connect, type DetailedPeerCertificate } from "node:tls";
import type { AddressScan, Endpoint } from "../../../core/certificates/endpoint.ts";
import { certificateFacts } from "./certificate.ts";

/** How long a connection and a handshake may take, in seconds each. */
const LIMIT_SECONDS = 10;

/** Scans one endpoint; `mayScan` says which addresses may be connected to. */
export async function scanEndpoint(
  endpoint: Endpoint,
  mayScan: (endpoint: Endpoint, address: string) => boolean,
  signal: AbortSignal,
): Promise<readonly AddressScan[]> {
  const addresses = await lookup(endpoint.host, { all: true }).catch(() => []);
  if (addresses.length === 0) {
    return [{ address: "", failure: { code: "unresolved", message: `${endpoint.host} does not resolve` } }];
  }
  return Promise.all(
    addresses.map(async ({ address }) =>
      mayScan(endpoint, address)
        ? scanAddress(endpoint, address, signal)
        : { address, failure: { code: "not-allowed", message: `${address} is not public` } },
    ),
  );
}

async function scanAddress(endpoint: Endpoint, address: string, signal: AbortSignal): Promise<AddressScan> {
  const name = endpoint.serverName ?? endpoint.host;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_SECONDS * 1000)]);
  return new Promise((resolve) => {
    const socket = connect({
      host: address,
      port: endpoint.port,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      // Nothing is ever sent over it.
      rejectUnauthorized: false,
    });
    const fail = (code: string, message: string): void => {
      socket.destroy();
      resolve({ address, failure: { code, message } });
    };
    limit.addEventListener("abort", () => fail("timed-out", `no handshake within ${LIMIT_SECONDS} s`), {
      once: true,
    });
    socket.once("error", (error: NodeJS.ErrnoException) =>
      fail((error.code ?? "failed").toLowerCase(), error.message),
    );
    socket.once("secureConnect", () => {
      const chain = chainOf(socket.getPeerCertificate(true));
      socket.destroy();
      Promise.all(chain.map(certificateFacts)).then(
        (facts) => resolve({ address, chain: facts }),
        (error: unknown) => fail("unreadable", String(error)),
      );
    });
  });
}

function chainOf(leaf: DetailedPeerCertificate): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<string>();
  for (let at: DetailedPeerCertificate | undefined = leaf; at?.raw !== undefined; at = at.issuerCertificate) {
    if (seen.has(at.fingerprint256)) break;
    seen.add(at.fingerprint256);
    chain.push(at.raw);
  }
  return chain;
}
