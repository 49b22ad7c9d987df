import { isIP } from "node:net";
import type { Client, ConnectConfig } from "ssh2";
import type { SshPlace } from "./failure.ts";
import { fingerprintOf, type HostPins } from "./host-pin.ts";

/** How long a host may take to let us in, in seconds. */
const LOGIN_SECONDS = 20;

const ED25519 = ["ssh-ed25519"];
const ECDSA = ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"];
const RSA = ["rsa-sha2-512", "rsa-sha2-256"];

/** The kinds of host keys to ask for, one after the other. */
export function orderOf(kinds: readonly string[] | undefined): readonly (readonly string[])[] {
  const families = [ED25519, ECDSA, RSA];
  if (kinds === undefined) return families;
  const known = (family: readonly string[]): boolean =>
    family === RSA ? kinds.includes("ssh-rsa") : family.some((kind) => kinds.includes(kind));
  return families.filter(known);
}

export interface Attempt {
  readonly algorithms: readonly string[];
  readonly privateKey: string;
  readonly place: SshPlace;
  readonly pins: HostPins;
  /** Fingerprints that the host showed and that no pin has. */
  readonly seen: string[];
}

/** Resolves with the local port once signed in. */
export async function connect(client: Client, attempt: Attempt, signal: AbortSignal): Promise<number> {
  const { algorithms, privateKey, place, pins, seen } = attempt;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LOGIN_SECONDS * 1000)]);
  const config = {
    host: place.host,
    port: place.port,
    username: place.user,
    privateKey,
    // Nothing else is ever offered: no password, no agent.
    authHandler: ["publickey"],
    readyTimeout: LOGIN_SECONDS * 1000,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 2,
    ...(isIP(place.host) === 6 ? { forceIPv6: true } : {}),
    hostVerifier: (key: Buffer): boolean => {
      const shown = fingerprintOf(key);
      const known = pins.trusted.includes(shown) && !pins.revoked.includes(shown);
      if (!known) seen.push(shown);
      return known;
    },
    algorithms: { serverHostKey: [...algorithms] },
    // `as`: the library's types lack the kinds of newer servers.
  } as ConnectConfig;
  return new Promise((resolve, reject) => {
    let port = 0;
    const stop = (): void =>
      reject(Object.assign(new Error("no answer in time"), { level: "client-timeout" }));
    limit.addEventListener("abort", stop, { once: true });
    client.on("connect", () => {
      // Every request is small and waits for its answer.
      client.setNoDelay(true);
      port = localPortOf(client);
    });
    client.once("ready", () => {
      limit.removeEventListener("abort", stop);
      resolve(port);
    });
    // Also keeps what comes later from ending the process: whoever waits for an answer is told by its `close`.
    client.on("error", (error) => reject(error));
    client.once("close", () =>
      reject(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" })),
    );
    try {
      client.connect(config);
    } catch (error) {
      reject(error);
    }
  });
}

function localPortOf(client: Client): number {
  const socket: unknown = "_sock" in client ? client._sock : undefined;
  const port = typeof socket === "object" && socket !== null && "localPort" in socket ? socket.localPort : 0;
  return typeof port === "number" ? port : 0;
}
