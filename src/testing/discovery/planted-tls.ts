import { createHash, X509Certificate } from "node:crypto";
import { instantOf } from "../../core/model/instant.ts";
import type { VersionFact } from "../../core/state/status.ts";
import { type Forged, forge } from "../services/tls/certificate-forge.ts";
import { tlsServers } from "../services/tls/tls-servers.ts";
import { credentialText } from "../suites/discovery-bench.ts";
import { inUse, named, type Planted } from "./planted.ts";

const REGISTERED = 400;
const STRAY = 80;
const PAIRS = 10;
const REPLACED = 7;

/** 500 endpoints: one for each registered certificate, others for stray ones, some of which are served twice. */
export async function plantTls(): Promise<Planted> {
  const servers = tlsServers();
  const root = forge({ cn: "Root", ca: true });
  const made = (cn: string): Forged => forge({ cn, names: [`${cn}.example.com`], by: root });
  const own = named("site", REGISTERED).map((name) => ({ name, certificate: made(name) }));
  const replaced = own.slice(0, REPLACED);
  const stray = named("stray", STRAY).map(made);
  const twice = named("twice", PAIRS).map(made);
  const recorded = new Map<string, VersionFact>();
  const registry: string[] = [];
  for (const { name, certificate } of own) {
    const port = await servers.serve([certificate, root]);
    registry.push(credentialText(name, "tls-certificate", `  endpoints: ["127.0.0.1:${port}"]`));
    const onRecord = replaced.some((one) => one.name === name) ? made(`former-${name}`) : certificate;
    recorded.set(name, versionOf(onRecord));
  }
  const ports: number[] = [];
  for (const certificate of [...stray, ...twice, ...twice]) {
    ports.push(await servers.serve([certificate, root]));
  }
  return {
    policies: "",
    registry: registry.join(""),
    source: `{ name: served, tls: { registry: true, endpoints: [${ports.map((port) => `"127.0.0.1:${port}"`).join(", ")}] } }`,
    recorded,
    secrets: {},
    files: {},
    truth: {
      managed: own.map(({ name }) => name),
      unmanaged: [...stray, ...twice].map(handleOf),
      ghosts: [],
      drifted: replaced.map(({ name }) => name),
      shared: twice.map(handleOf),
      scanned: REGISTERED + STRAY + 2 * PAIRS,
      sightings: REGISTERED + STRAY + 2 * PAIRS,
    },
    canaries: stray.map(({ key }) => key.split("\n")[1] ?? ""),
    close: async () => servers.close(),
  };
}

function handleOf({ der }: Pick<Forged, "der">): string {
  return `SHA256:${createHash("sha256").update(der).digest("hex")}`;
}

function versionOf(certificate: Forged): VersionFact {
  const end = new X509Certificate(certificate.der).validToDate.getTime() / 1000;
  return inUse(handleOf(certificate), { expiresAt: instantOf(end) });
}
