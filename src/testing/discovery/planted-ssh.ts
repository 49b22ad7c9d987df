import { findSshd } from "../services/ladder.ts";
import { addAccounts } from "../services/ssh/accounts.ts";
import type { SshHost } from "../services/ssh/host-ground.ts";
import { startSshHost, testKey } from "../services/ssh/ssh-host.ts";
import { connectionText, credentialText } from "../suites/discovery-bench.ts";
import { inUse, named, type Planted } from "./planted.ts";

const HOSTS = 50;
/** The others are served by the package ssh2 within this process. */
const BY_OPENSSH = 2;
const ABSENT = 6;
const REPLACED = 4;
const STRAY = 30;
const EVERYWHERE = 15;

/** 50 hosts with three accounts each; the runner signs in to all of them with one key, which is registered. */
export async function plantSsh(): Promise<Planted> {
  const login = testKey("runner");
  const common = testKey("common");
  const names = named("web", HOSTS);
  const keys = names.map(() => testKey("app"));
  const replacements = names.map(() => testKey("other"));
  const stray = names.slice(0, STRAY).map(() => testKey("stray"));
  const hosts: SshHost[] = [];
  const bySystem = findSshd() === undefined ? 0 : BY_OPENSSH;
  for (const [at] of names.entries()) {
    const host = await startSshHost({ server: at < HOSTS - bySystem ? "ssh2" : "sshd", login });
    const app = at < ABSENT ? "" : `${(at < ABSENT + REPLACED ? replacements : keys)[at]?.publicLine} app\n`;
    const ops = [stray[at], at < EVERYWHERE ? common : undefined]
      .flatMap((key) => (key === undefined ? [] : [`${key.publicLine} ops@example.com\n`]))
      .join("");
    // The key of the last host also lets in to the first one.
    const backup = at === 0 ? `${keys.at(-1)?.publicLine} copied\n` : "";
    await addAccounts(host, { app, ops, backup });
    hosts.push(host);
  }
  const knownHosts = hosts
    .map(({ host, port, hostKeyLine }) => `[${host}]:${port} ${hostKeyLine}\n`)
    .join("");
  const users = [...new Set(hosts.map(({ user }) => user))];
  return {
    policies: [
      connectionText("fleet", sshText("", "knownHosts: known_hosts", users[0] ?? "")),
      ...hosts.map(({ host, port, hostKey, user }, at) =>
        connectionText(
          names[at] ?? "",
          sshText(`host: ${host}, port: ${port}, `, `hostKey: "${hostKey}"`, user),
        ),
      ),
    ].join(""),
    registry: [
      ...names.map((host) =>
        credentialText(
          name(host),
          "ssh-key",
          `  provider: { authorized-keys: { hosts: [${host}], user: app } }`,
        ),
      ),
      credentialText("runner-login", "ssh-key", `  handle: "${login.fingerprint}"`),
    ].join(""),
    source: `{ name: hosts, authorized-keys: { connections: [${names.join(", ")}] } }`,
    recorded: new Map(names.map((host, at) => [name(host), inUse(keys[at]?.fingerprint ?? "")])),
    secrets: { SSH_KEY: login.privateKey.reveal() },
    files: { known_hosts: knownHosts },
    truth: {
      managed: [...names.slice(ABSENT).map(name), "runner-login"],
      unmanaged: [...stray, common].map(({ fingerprint }) => fingerprint),
      ghosts: names.slice(0, ABSENT).map(name),
      drifted: names.slice(ABSENT, ABSENT + REPLACED).map(name),
      shared: [common, keys.at(-1), login].flatMap((key) => key?.fingerprint ?? []),
      // Of each host: its own account, three more, and one without a home.
      scanned: HOSTS * 5,
      sightings: HOSTS - ABSENT + STRAY + EVERYWHERE + HOSTS + 1,
    },
    canaries: login.privateKey.reveal().split("\n").slice(1, 4),
    close: async () => {
      for (const host of hosts) await host.close();
    },
  };
}

function sshText(place: string, pin: string, user: string): string {
  return `ssh: { ${place}${pin}, user: ${user}, key: { env: SSH_KEY } }, allow: { objects: ["*"] }`;
}

function name(host: string): string {
  return `app-on-${host}`;
}
