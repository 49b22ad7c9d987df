import { X509Certificate } from "node:crypto";
import pLimit from "p-limit";
import type { AddressScan, Endpoint, ScanEndpoint } from "../../../core/certificates/endpoint.ts";
import type { Clock } from "../../../core/ports/runtime.ts";
import { type LookupAll, systemLookup } from "./addresses.ts";
import { ChainReader } from "./chain-reader.ts";
import { publicFetch } from "./fetch-public.ts";
import { type HandshakeLimits, scanContext, shakeHands } from "./handshake.ts";
import { publicAddresses } from "./public-address.ts";
import { Revocations } from "./revocation/revocation.ts";
import { failureFrom, ScanFailure } from "./scan-failure.ts";
import { pemCertificates, trustStore } from "./trust-store.ts";

export interface ScannerOptions {
  /** Whether an address that is not public may be connected to, nevertheless. */
  readonly mayScan: (host: string, port: number, address: string) => boolean;
  /** PEM of roots that are trusted beside those of Node. */
  readonly roots?: string;
  /**
   * Issuers are asked for what a server left out, and for what they have revoked; what they say must not be over by this
   * clock. Absent: nobody is asked.
   */
  readonly issuers?: { readonly clock: Clock };
  /** Default: this host's resolver. */
  readonly lookup?: LookupAll;
  readonly limits?: HandshakeLimits;
}

export interface CertificateScanner {
  readonly scan: ScanEndpoint;
  /** The chain of a PEM text, the leaf first; a failure where it holds no certificate that can be read. No address. */
  readPem(text: string, signal: AbortSignal): Promise<AddressScan>;
}

const LIMITS: HandshakeLimits = { connect: 5_000, handshake: 10_000 };
/** Handshakes at the same time: more only makes them wait for each other. */
const CONCURRENCY = 64;
/** Addresses of one name; what has more of them has the same certificate on all. */
const MOST_ADDRESSES = 16;
const MOST_CERTIFICATES = 100;
const LOOKUP_MILLISECONDS = 10_000;
const FETCH_SECONDS = 10;

/** Scans endpoints and reads chains; what is shared between them is made once, so one scanner serves a whole run. */
export function certificateScanner(options: ScannerOptions): CertificateScanner {
  const { mayScan, roots, issuers, lookup = systemLookup, limits = LIMITS } = options;
  const isPublic = publicAddresses();
  const mayConnect = (host: string, port: number, address: string): boolean =>
    isPublic(address) || mayScan(host, port, address);
  const fetch = publicFetch({ mayConnect, lookup, seconds: FETCH_SECONDS });
  const reader = new ChainReader({
    store: trustStore(roots),
    ...(issuers === undefined
      ? {}
      : { outside: { fetch, revocations: new Revocations(fetch, issuers.clock) } }),
  });
  const context = scanContext();
  const limit = pLimit(CONCURRENCY);

  const scanAddress = async (
    endpoint: Endpoint,
    address: string,
    signal: AbortSignal,
  ): Promise<AddressScan> => {
    try {
      if (!mayConnect(endpoint.host, endpoint.port, address)) {
        throw new ScanFailure("not-allowed", "it is no public address, and `network.scan` does not name it");
      }
      const { chain, stapled } = await shakeHands(endpoint, address, { context, limits, signal });
      const leaf = chain[0]?.raw;
      const read = await reader.read(chain, stapled, signal);
      return { address, ...read, ...(leaf === undefined ? {} : { leaf }) };
    } catch (error) {
      signal.throwIfAborted();
      return failed(address, error);
    }
  };

  return {
    scan: async (endpoint, signal) => {
      signal.throwIfAborted();
      const addresses = await addressesOf(endpoint.host, lookup, signal);
      if (addresses.length === 0) {
        return [failed("", new ScanFailure("unresolved", "its name does not resolve"))];
      }
      return Promise.all(
        addresses.slice(0, MOST_ADDRESSES).map((address) => limit(scanAddress, endpoint, address, signal)),
      );
    },
    readPem: async (text, signal) => {
      try {
        const blocks = pemCertificates(text);
        if (blocks.length === 0) throw new ScanFailure("no-certificate", "it holds no certificate in PEM");
        if (blocks.length > MOST_CERTIFICATES) {
          throw new ScanFailure("chain-too-large", `it holds more than ${MOST_CERTIFICATES} certificates`);
        }
        return { address: "", ...(await reader.read(blocks.map(parsed), undefined, signal)) };
      } catch (error) {
        signal.throwIfAborted();
        return failed("", error);
      }
    },
  };
}

function parsed(pem: string, at: number): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new ScanFailure("unreadable", `certificate ${at + 1} cannot be read`);
  }
}

function failed(address: string, error: unknown): AddressScan {
  const { code, message } = failureFrom(error);
  return { address, failure: { code, message } };
}

/** None: the name does not resolve, or not in time. Rejects where the signal ends it: a lookup itself takes none. */
async function addressesOf(host: string, lookup: LookupAll, signal: AbortSignal): Promise<readonly string[]> {
  const { promise: end, resolve, reject } = Promise.withResolvers<readonly string[]>();
  const timer = setTimeout(() => resolve([]), LOOKUP_MILLISECONDS);
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([lookup(host).catch(() => []), end]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
