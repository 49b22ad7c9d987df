/** Why an address showed no certificate. The message is the same each time for the same cause, since it goes on record. */
export class ScanFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "ScanFailure";
    this.code = code;
  }
}

const CAUSES: Readonly<Record<string, readonly [code: string, message: string]>> = {
  ECONNREFUSED: ["refused", "the connection is refused: nothing listens there"],
  ENETUNREACH: ["no-route", "this host has no route to it"],
  EHOSTUNREACH: ["no-route", "this host has no route to it"],
  EADDRNOTAVAIL: ["no-route", "this host has no route to it"],
  ETIMEDOUT: ["connect-timed-out", "the connection is not answered"],
  ECONNRESET: ["closed", "the connection is closed before the handshake is done"],
  EPIPE: ["closed", "the connection is closed before the handshake is done"],
  ERR_SSL_EXCESSIVE_MESSAGE_SIZE: ["chain-too-large", "it sends more than 100 KiB of certificates"],
  ERR_SSL_WRONG_VERSION_NUMBER: ["not-tls", "what answers there does not speak TLS"],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ["not-tls", "what answers there does not speak TLS"],
  ERR_SSL_HTTP_REQUEST: ["not-tls", "what answers there does not speak TLS"],
  ERR_SSL_UNSUPPORTED_PROTOCOL: ["protocol-too-old", "it offers nothing newer than SSL 3"],
  ERR_SSL_ENCODED_LENGTH_TOO_LONG: ["not-tls", "what answers there does not speak TLS"],
  ERR_SSL_RECORD_LAYER_FAILURE: ["not-tls", "what answers there does not speak TLS"],
};

/** A failed connection or handshake in stable words. OpenSSL's own text is not told: it holds addresses of memory. */
export function failureFrom(error: unknown): ScanFailure {
  if (error instanceof ScanFailure) return error;
  const { code = "", reason } = error as { code?: string; reason?: string };
  const cause = CAUSES[code];
  if (cause !== undefined) return new ScanFailure(...cause);
  if (!code.startsWith("ERR_SSL_")) {
    return new ScanFailure("failed", `it fails with ${code || "an unknown error"}`);
  }
  const words = reason ?? code.slice("ERR_SSL_".length).toLowerCase().replaceAll("_", " ");
  return new ScanFailure("handshake-failed", `the handshake fails: ${words.slice(0, 80)}`);
}
