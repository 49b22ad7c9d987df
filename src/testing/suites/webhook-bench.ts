import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createWebhookDelivery } from "../../adapters/deliveries/webhook/delivery.ts";
import type { CredentialSpec } from "../../core/documents/credential.ts";
import { CreError } from "../../core/model/errors.ts";
import { instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import type { BoundDelivery } from "../../core/ports/delivery.ts";
import type { TestCertificate } from "../services/certificates.ts";

/** The key that both sides have; the id is public. */
export const HOOK_KEY = { id: "k1", secret: "canary-hook-key" } as const;
/** Both clocks, in seconds. */
export const HOOK_TIME = 1_790_000_000;

export interface HookServer {
  readonly server: Server;
  readonly port: number;
  close(): Promise<void>;
}

export interface HookOptions {
  readonly keyId?: string;
  readonly ca?: string;
  readonly limitSeconds?: number;
  readonly seconds?: number;
  readonly triesPending?: boolean;
}

/** A real server on the loopback address; with a certificate it speaks TLS. */
export async function listen(listener: RequestListener, certificate?: TestCertificate): Promise<HookServer> {
  const server =
    certificate === undefined
      ? createHttpServer(listener)
      : createHttpsServer({ key: certificate.key, cert: certificate.certificate }, listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    // `as`: a server that listens on TCP has an AddressInfo.
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => {
        server.close(() => done());
      });
    },
  };
}

/** The product's webhook delivery of `orders-db`, bound to this address. */
export async function bindHook(url: string, options: HookOptions = {}): Promise<BoundDelivery> {
  const { keyId = HOOK_KEY.id, ca, limitSeconds = 20, seconds = HOOK_TIME, triesPending } = options;
  const key = { id: keyId, secret: { env: "ORDERS_HOOK_KEY" } };
  return createWebhookDelivery(limitSeconds).bind(
    "orders-db",
    // `as`: the delivery takes nothing from it.
    {} as CredentialSpec,
    {
      webhook: { connection: "orders-hook", ...(triesPending === undefined ? {} : { triesPending }) },
      consumer: "orders-api",
    },
    {
      clock: { now: () => instantOf(seconds) },
      secrets: { read: async () => new Secret(HOOK_KEY.secret), present: () => true },
      connection: () => ({ webhook: { url, key, ...(ca === undefined ? {} : { ca: "certs/hook.pem" }) } }),
      paths: [],
      pause: async () => undefined,
      commands: {},
      readFile: () => {
        if (ca === undefined) throw new CreError("file-missing", "no such file");
        return ca;
      },
    },
  );
}
