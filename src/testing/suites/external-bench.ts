import type { RequestListener } from "node:http";
import { createRotatorServer } from "../../../examples/external-rotator/server.ts";
import { openTokenService, type TokenService } from "../../../examples/external-rotator/token-service.ts";
import { createExternalRotator } from "../../adapters/rotators/external/rotator.ts";
import { systemRandom } from "../../adapters/runtime/random.ts";
import type { CredentialSpec, DeliverEntry } from "../../core/documents/credential.ts";
import { instantOf } from "../../core/model/instant.ts";
import { Secret } from "../../core/model/secret.ts";
import type { BoundRotator } from "../../core/ports/rotator.ts";
import type { TestCertificate } from "../services/certificates.ts";
import { listen } from "./webhook-bench.ts";

/** The key that both sides have; the id is public. */
export const ROTATOR_KEY = { id: "k1", secret: "canary-rotator-key" } as const;
/** Where both clocks begin, in seconds. */
export const ROTATOR_TIME = 1_790_000_000;

export interface ExternalOptions {
  readonly keyId?: string;
  readonly ca?: string;
  readonly limitSeconds?: number;
  /** The runner's clock, in seconds. */
  readonly clock?: () => number;
  readonly object?: string;
  readonly deliver?: readonly DeliverEntry[];
  /** How many times the rotator paused. */
  readonly onPause?: () => void;
  /** Ends what the rotator asks when it is bound. */
  readonly signal?: AbortSignal;
}

/** The product's external rotator of `orders-api-key`, bound to this address. */
export async function bindExternal(url: string, options: ExternalOptions = {}): Promise<BoundRotator> {
  const { keyId = ROTATOR_KEY.id, ca, limitSeconds = 20, clock = () => ROTATOR_TIME } = options;
  const key = { id: keyId, secret: { env: "ROTATOR_KEY" } };
  const external = { url, key, ...(ca === undefined ? {} : { ca: "certs/rotator.pem" }) };
  const spec: Partial<CredentialSpec> = {
    provider: { external: { connection: "tokens", object: options.object ?? "orders" } },
    ...(options.deliver === undefined ? {} : { deliver: [...options.deliver] }),
  };
  const now = { now: () => instantOf(clock()) };
  return createExternalRotator({ question: limitSeconds, effect: limitSeconds }).bind(
    "orders-api-key",
    // `as`: the rotator takes nothing else from it.
    spec as CredentialSpec,
    {
      clock: now,
      random: systemRandom(now),
      secrets: { read: async () => new Secret(ROTATOR_KEY.secret), present: () => true },
      pause: async () => options.onPause?.(),
      commands: {},
      scanEndpoint: async () => [],
      progress: { warn: () => undefined },
      connection: () => ({ external }),
      readFile: () => ca ?? "",
    },
    options.signal ?? AbortSignal.timeout(20_000),
  );
}

export interface TokenPlatform {
  readonly service: TokenService;
  readonly url: string;
  /** What the server wrote into its log. */
  readonly lines: readonly string[];
  /** Logs in with a token as a consumer does. */
  whoami(token: string): Promise<boolean>;
  close(): Promise<void>;
}

/** The reference server with its token service on a loopback port, with one object `orders` that has no token yet. */
export async function startTokenPlatform(
  options: {
    readonly clock?: () => number;
    readonly path?: string;
    readonly certificate?: TestCertificate;
    /** Sees each request first; true: it has answered. */
    readonly before?: (...heard: Parameters<RequestListener>) => boolean;
  } = {},
): Promise<TokenPlatform> {
  const { clock = () => ROTATOR_TIME, path, certificate, before } = options;
  const milliseconds = (): number => clock() * 1000;
  const service = await openTokenService({
    clock: milliseconds,
    ...(path === undefined ? {} : { path }),
  });
  await service.addObject("orders");
  const lines: string[] = [];
  const rotate = createRotatorServer({
    keys: new Map([[ROTATOR_KEY.id, ROTATOR_KEY.secret]]),
    backend: service,
    clock: milliseconds,
    log: (line) => lines.push(line),
  });
  const server = await listen((request, response) => {
    if (before?.(request, response) === true) return;
    if (request.url === "/whoami") service.whoami(request, response);
    else rotate(request, response);
  }, certificate);
  const origin = `${certificate === undefined ? "http" : "https"}://127.0.0.1:${server.port}`;
  return {
    service,
    url: `${origin}/rotate`,
    lines,
    whoami: async (token) => {
      const headers = { authorization: `Bearer ${token}`, connection: "close" };
      return (await fetch(`${origin}/whoami`, { headers })).ok;
    },
    close: async () => server.close(),
  };
}
