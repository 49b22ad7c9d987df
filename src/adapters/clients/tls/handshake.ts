import type { X509Certificate } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import type { Endpoint } from "../../../core/certificates/endpoint.ts";
import { canonicalName } from "../../../core/certificates/server-name.ts";
import { failureFrom, ScanFailure } from "./scan-failure.ts";
import { startTls } from "./starttls.ts";

/** How long each part may take, in milliseconds. */
export interface HandshakeLimits {
  readonly connect: number;
  readonly handshake: number;
}

export interface Shown {
  /** As sent, the leaf first. */
  readonly chain: readonly X509Certificate[];
  /** The OCSP response that came with the handshake. */
  readonly stapled: Buffer | undefined;
}

/**
 * One context for every handshake: making one costs more than the handshake. It knows no roots, since trust is judged
 * afterwards, and takes what is old and weak, since that is what has to be found.
 */
export function scanContext(): SecureContext {
  return createSecureContext({ ca: [], ciphers: "DEFAULT:@SECLEVEL=0", minVersion: "TLSv1" });
}

/**
 * Connects to exactly this address, shakes hands whatever the certificate says, and hangs up: nothing is ever sent over
 * the connection. Rejects with a ScanFailure, or with the reason of the aborted signal.
 */
export async function shakeHands(
  endpoint: Endpoint,
  address: string,
  { context, limits, signal }: { context: SecureContext; limits: HandshakeLimits; signal: AbortSignal },
): Promise<Shown> {
  const tcp = await connected(address, endpoint.port, limits.connect, signal);
  const socket: { end: Socket } = { end: tcp };
  try {
    return await bounded(
      limits.handshake,
      () => new ScanFailure("handshake-timed-out", `no handshake within ${limits.handshake / 1000} s`),
      signal,
      async () => {
        if (endpoint.starttls !== undefined) await startTls(tcp, endpoint.starttls);
        return secured(tcp, endpoint, context);
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    throw failureFrom(error);
  } finally {
    socket.end.destroy();
  }
}

async function connected(address: string, port: number, limit: number, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host: address, port, family: isIP(address) });
  try {
    await bounded(
      limit,
      () => new ScanFailure("connect-timed-out", `no connection within ${limit / 1000} s`),
      signal,
      async () =>
        new Promise<void>((resolve, reject) => {
          socket.once("connect", resolve).once("error", reject);
        }),
    );
    // Whatever comes later is told by the handshake; an error without a listener would end the process.
    socket.on("error", () => undefined);
    return socket;
  } catch (error) {
    socket.on("error", () => undefined).destroy();
    signal.throwIfAborted();
    throw failureFrom(error);
  }
}

async function secured(tcp: Socket, endpoint: Endpoint, context: SecureContext): Promise<Shown> {
  const name = canonicalName(endpoint.serverName ?? endpoint.host);
  return new Promise((resolve, reject) => {
    let stapled: Buffer | undefined;
    const socket: TLSSocket = connect({
      socket: tcp,
      secureContext: context,
      requestOCSP: true,
      rejectUnauthorized: false,
      ...(isIP(name) === 0 ? { servername: name } : {}),
    });
    socket.on("OCSPResponse", (response: Buffer | null) => {
      stapled = response !== null && response.length > 0 ? response : undefined;
    });
    // Keys are agreed on right after the server has shown its certificates; nothing but this tells of it.
    let shown: readonly X509Certificate[] = [];
    socket.once("keylog", () => {
      shown = chainOf(socket);
    });
    socket.once("secureConnect", () => {
      const chain = chainOf(socket);
      socket.destroy();
      if (chain.length === 0) reject(new ScanFailure("no-certificate", "it shows no certificate"));
      else resolve({ chain, stapled });
    });
    // In TLS 1.2 a server that wants a certificate of the client ends the handshake after it has shown its own.
    const failed = (error: Error): void => {
      if (shown.length > 0 && isForCertificate(error)) resolve({ chain: shown, stapled });
      else reject(error);
    };
    const closed = (): void =>
      reject(new ScanFailure("closed", "the connection is closed before the handshake is done"));
    socket.on("error", failed).once("close", closed).once("end", closed);
    tcp.once("error", reject).once("close", closed);
  });
}

/** The alerts of a server that misses a certificate of the client. One whose own key does not fit ends with another. */
function isForCertificate({ reason = "" }: Error & { readonly reason?: string }): boolean {
  return /alert (handshake failure|bad certificate|no certificate|certificate unknown|access denied)$/.test(
    reason,
  );
}

/** What `getPeerCertificate` gives is linked by issuer and so loses what is out of order; this is the list as sent. */
function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined) {
    chain.push(certificate);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

async function bounded<T>(
  limit: number,
  late: () => Error,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { promise: end, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), limit);
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work(), end]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
