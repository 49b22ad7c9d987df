import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { createSecureContext, createServer as createTlsServer } from "node:tls";
import { createReceiver, type Receiver } from "../../../../examples/webhook-receiver/receiver.ts";
import type {
  Beginning,
  ConsumerTally,
  ConsumerWorld,
  HeldDelivery,
  LoginCount,
  LoginKind,
  Parts,
} from "./consumer-world.ts";
import { signIn } from "./sign-in.ts";

/** Between two sign-ins with one credential, in milliseconds. */
const EVERY = 1000;

export interface ApplicationOptions {
  /** Default: loopback, at free ports. */
  readonly host?: string;
  readonly port?: number;
  readonly tlsPort?: number;
  /** Places that it sees at another address than whoever tells it of them. */
  readonly elsewhere?: (world: ConsumerWorld) => ConsumerWorld;
}

export interface Application {
  readonly port: number;
  readonly tlsPort: number;
  readonly close: () => Promise<void>;
}

/**
 * The application that uses the credentials of the story: it takes new ones by the webhook of the documentation, signs
 * in with each once a second, and serves its certificate. `/control/` is for the test alone: it installs the
 * application, moves its clock, keeps a delivery waiting, and asks for its count.
 */
export async function openApplication(options: ApplicationOptions = {}): Promise<Application> {
  const { host = "127.0.0.1", port = 0, tlsPort = 0, elsewhere = (world) => world } = options;
  let life: Life | undefined;
  let ahead = 0;
  const clock = (): number => Date.now() + ahead * 1000;
  const control: Readonly<Record<string, (body: unknown) => unknown>> = {
    begin: async (body) => {
      await life?.stop();
      // `as`: the test's own message, here and below.
      const { world, ...rest } = body as Beginning;
      life = await beginLife({ ...rest, world: elsewhere(world) }, clock);
    },
    clock: (body) => {
      ({ ahead } = body as { ahead: number });
    },
    hold: (body) => life?.hold(body as HeldDelivery),
    arrived: () => ({ arrived: life?.arrived() === true }),
    go: () => life?.go(),
    tally: () => life?.tally(),
  };
  const server = createServer((request, response) => {
    const [, action] = /^\/control\/(\w+)$/.exec(request.url ?? "") ?? [];
    if (action !== undefined) answerControl(control[action], request, response);
    else if (life === undefined) response.writeHead(503).end();
    else life.take(request, response);
  });
  const pair = (): { readonly key: string; readonly cert: string } => {
    const { privateKey: key = "", fullchain: cert = "" } = life?.certificate() ?? {};
    return { key, cert };
  };
  // Reloads with each connection, as a server that watches its files: by name here, and without one below.
  const tls = createTlsServer({ SNICallback: (_, done) => done(null, createSecureContext(pair())) });
  tls.on("tlsClientError", () => undefined);
  tls.on("connection", () => {
    if (life !== undefined) tls.setSecureContext(pair());
  });
  await Promise.all([listening(server, port, host), listening(tls, tlsPort, host)]);
  return {
    port: portOf(server),
    tlsPort: portOf(tls),
    close: async () => {
      await life?.stop();
      server.closeAllConnections();
      await Promise.all([server, tls].map((one) => new Promise((done) => one.close(done))));
    },
  };
}

/** The application between its installation and the next one. */
interface Life {
  take(request: IncomingMessage, response: ServerResponse): void;
  certificate(): Parts;
  hold(delivery: HeldDelivery): void;
  arrived(): boolean;
  go(): void;
  tally(): ConsumerTally;
  stop(): Promise<void>;
}

async function beginLife({ world, key, installed }: Beginning, clock: () => number): Promise<Life> {
  const names = Object.keys(installed);
  const receiver = await createReceiver({
    keys: new Map([[key.id, key.secret]]),
    clock,
    initial: Object.fromEntries(Object.entries(installed).map(([name, { parts }]) => [name, parts])),
  });
  const seen = new Map<string, Parts>();
  const counts: Record<string, LoginCount> = {};
  const stopped = new AbortController();
  const customers = Object.entries(installed).map(async ([name, { kind }]) => {
    counts[name] = { logins: 0, failures: 0, lastError: null };
    if (kind === undefined) return;
    await keepSigningIn({ name, kind, world, receiver, stopped, count: counts[name] });
  });
  let held: (HeldDelivery & { readonly gone: PromiseWithResolvers<void>; arrived: boolean }) | undefined;
  return {
    take: (request, response) => {
      // The first piece has the phase and the name; the receiver reads it again.
      request.once("readable", () => {
        const piece: Buffer | null = request.read();
        if (piece !== null) request.unshift(piece);
        const [, phase, credential] =
          /"phase":"(\w+)","credential":"([\w-]+)"/.exec(piece?.toString("latin1") ?? "") ?? [];
        const waits = held?.phase === phase && held?.credential === credential ? held : undefined;
        if (waits === undefined) return receiver.handle(request, response);
        waits.arrived = true;
        void waits.gone.promise.then(() => receiver.handle(request, response));
      });
      response.on("finish", () => remember(receiver, names, seen));
    },
    certificate: () => {
      const name = names.find((one) => installed[one]?.kind === undefined);
      return receiver.credentials(name ?? "").current?.parts ?? {};
    },
    hold: (delivery) => {
      held = { ...delivery, gone: Promise.withResolvers(), arrived: false };
    },
    arrived: () => held?.arrived === true,
    go: () => {
      held?.gone.resolve();
      held = undefined;
    },
    tally: () => ({
      counts,
      handles: Object.fromEntries(
        names.map((name) => {
          const { current, pending } = receiver.credentials(name);
          return [name, { current: current?.handle ?? null, pending: pending?.handle ?? null }];
        }),
      ),
      versions: Object.fromEntries(seen),
    }),
    stop: async () => {
      stopped.abort();
      held?.gone.resolve();
      await Promise.all(customers);
    },
  };
}

interface Customer {
  readonly name: string;
  readonly kind: LoginKind;
  readonly world: ConsumerWorld;
  readonly receiver: Receiver;
  readonly stopped: AbortController;
  readonly count: LoginCount;
}

async function keepSigningIn({ name, kind, world, receiver, stopped, count }: Customer): Promise<void> {
  const { signal } = stopped;
  while (!signal.aborted) {
    try {
      await receiver.withFallback(
        name,
        async (parts) => {
          const { accepted, words } = await signIn(kind, parts, world);
          if (!accepted) throw new Error(words);
        },
        () => true,
      );
      count.logins += 1;
    } catch (error) {
      count.failures += 1;
      count.lastError = error instanceof Error ? error.message : String(error);
    }
    await pause(EVERY, undefined, { signal }).catch(() => undefined);
  }
}

/** What it was handed at any time, by handle. */
function remember(receiver: Receiver, names: readonly string[], seen: Map<string, Parts>): void {
  for (const name of names) {
    const { current, pending } = receiver.credentials(name);
    for (const version of [current, pending]) {
      if (typeof version?.handle === "string") seen.set(`${name} ${version.handle}`, version.parts);
    }
  }
}

function answerControl(
  action: ((body: unknown) => unknown) | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const text = Buffer.concat(chunks).toString();
    Promise.resolve(action?.(text === "" ? undefined : JSON.parse(text)))
      .then((answer) => response.end(JSON.stringify(answer ?? {})))
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
}

async function listening(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, "listening");
}

function portOf(server: Server): number {
  // `as`: a server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}
