import { type ChildProcess, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createAuthority } from "../certificates.ts";
import { freePort } from "../free-port.ts";
import type { AcmeService, AcmeServiceOptions } from "./acme-service.ts";
import type { PebbleBinaries } from "./binaries.ts";
import { directoryAnswers } from "./directory-answers.ts";

const READY_MILLISECONDS = 30_000;
const NO_CHALLENGES = ["-http01", "", "-https01", "", "-tlsalpn01", ""];
const PROFILES = {
  default: { description: "Ninety days", validityPeriod: 7_776_000 },
  shortlived: { description: "Six days", validityPeriod: 518_400 },
};

/**
 * A real Pebble of its own on 127.0.0.1, strict, with its challenge server as its DNS: every name leads to this
 * machine. Gone without a trace after `stop`.
 */
export async function startPebble(
  binaries: PebbleBinaries,
  options: AcmeServiceOptions & { readonly isNew?: boolean } = {},
): Promise<AcmeService> {
  const { badNonces = 0, externalAccounts, validity, isNew = false } = options;
  const folder = await mkdtemp(join(tmpdir(), "cre-pebble-"));
  const [port, managed, dns, records, httpPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const tls = createAuthority("pebble of a test");
  const own = tls.issue(["localhost", "127.0.0.1"]);
  const config = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managed}`,
    certificate: join(folder, "tls.crt"),
    privateKey: join(folder, "tls.key"),
    httpPort,
    tlsPort: 1,
    ocspResponderURL: "",
    externalAccountBindingRequired: externalAccounts !== undefined,
    ...(externalAccounts === undefined ? {} : { externalAccountMACKeys: externalAccounts }),
    ...(isNew
      ? { profiles: PROFILES, retryAfter: { authz: 1, order: 1 } }
      : { certificateValidityPeriod: validity ?? 7_776_000 }),
  };
  await writeFile(join(folder, "tls.crt"), own.certificate);
  await writeFile(join(folder, "tls.key"), own.key, { mode: 0o600 });
  await writeFile(join(folder, "pebble.json"), JSON.stringify({ pebble: config }));
  const running = [
    start(binaries.challtestsrv, [
      ...(isNew ? ["-dnsserver", `127.0.0.1:${dns}`, "-doh", ""] : ["-dns01", `127.0.0.1:${dns}`]),
      "-management",
      `127.0.0.1:${records}`,
      "-defaultIPv6",
      "",
      ...NO_CHALLENGES,
    ]),
    start(
      binaries.pebble,
      ["-config", join(folder, "pebble.json"), "-strict", "-dnsserver", `127.0.0.1:${dns}`],
      {
        PEBBLE_VA_NOSLEEP: "1",
        PEBBLE_WFE_NONCEREJECT: String(badNonces),
        PEBBLE_AUTHZREUSE: "0",
        PEBBLE_ALTERNATE_ROOTS: "1",
      },
    ),
  ];
  const place = {
    directory: `https://127.0.0.1:${port}/dir`,
    management: `https://127.0.0.1:${managed}`,
    records: `http://127.0.0.1:${records}`,
    ca: tls.ca,
    httpPort,
  };
  const stop = async (): Promise<void> => {
    await Promise.all(running.map(end));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(place.directory, tls.ca, running);
    return await pebbleAt(place, isNew ? "a newer Pebble" : "Pebble", stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where a Pebble and its challenge server answer. */
export interface PebblePlace {
  readonly directory: string;
  /** Pebble's management address, and its challenge server's. */
  readonly management: string;
  readonly records: string;
  /** PEM of the authority that vouches for Pebble's own TLS. */
  readonly ca: string;
  readonly httpPort: number;
}

/** A Pebble that runs, as the tests see an ACME server. */
export async function pebbleAt(
  { directory, management, records, ca, httpPort }: PebblePlace,
  name: string,
  stop: () => Promise<void>,
): Promise<AcmeService> {
  const other = new X509Certificate((await fetched(`${management}/roots/1`, ca)).body);
  // `as`: Pebble's own directory.
  const { meta } = JSON.parse((await fetched(directory, ca)).body) as { meta: { profiles?: object } };
  return {
    name,
    directory,
    ca,
    httpPort,
    alternateRoot: /CN=(.*)/.exec(other.subject)?.[1],
    profiles: Object.keys(meta.profiles ?? {}),
    hasRenewalInfo: meta.profiles !== undefined,
    setRecord: async (record, values) => {
      const host = `${record}.`;
      await told(records, "clear-txt", { host });
      for (const value of values) await told(records, "set-txt", { host, value });
    },
    revocationOf: async (serial) => {
      const { status, body } = await fetched(
        `${management}/cert-status-by-serial/${serial.replace(/^0+/, "")}`,
        ca,
      );
      if (status !== 200) throw new Error(`pebble knows no certificate ${serial}: ${body}`);
      const { Status: state, Reason: reason } = JSON.parse(body) as { Status: string; Reason?: number };
      return state === "Revoked" ? (reason ?? 0) : undefined;
    },
    stop,
  };
}

function start(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(program, args, { env: { ...env, PATH: "/usr/bin:/bin" }, stdio: "ignore" });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

async function untilReady(directory: string, ca: string, running: readonly ChildProcess[]): Promise<void> {
  const deadline = Date.now() + READY_MILLISECONDS;
  for (;;) {
    if (await directoryAnswers(directory, ca)) return;
    const ended = running.some(({ exitCode }) => exitCode !== null);
    if (ended || Date.now() > deadline) throw new Error("pebble does not start");
    await setTimeout(30);
  }
}

async function fetched(url: string, ca: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ca, agent: false, headers: { "User-Agent": "tests" } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}

async function told(records: string, path: string, body: object): Promise<void> {
  const answer = await fetch(`${records}/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`the challenge server refused ${path}`);
}
