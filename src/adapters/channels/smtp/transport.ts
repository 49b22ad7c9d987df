import type { Transporter } from "nodemailer";
import type { Secret } from "../../../core/model/secret.ts";

/** The only hosts to which mail may go in the clear. */
export const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly tls: "starttls" | "implicit" | "none";
  /** PEM of the only authorities that its certificate may come from; undefined: those of the system. */
  readonly ca: string | undefined;
  readonly login: { readonly user: string; readonly password: Secret } | undefined;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;

/**
 * Connections to a mail server that are kept for the mails of a run. Nothing goes over one that is not secure unless
 * the settings say so, and nothing is sent twice by itself.
 */
export async function openTransport({ host, port, tls, ca, login }: MailServer): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  return createTransport({
    pool: true,
    maxConnections: 1,
    maxRequeues: 0,
    host,
    port,
    secure: tls === "implicit",
    requireTLS: tls === "starttls",
    ignoreTLS: tls === "none",
    tls: { rejectUnauthorized: true, minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) },
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password.reveal() } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
}
