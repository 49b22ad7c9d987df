import { generateKeyPairSync } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuthorizedKeysDiscovery } from "../../../core/documents/discovery.ts";
import { addAccounts } from "../../../testing/services/ssh/accounts.ts";
import type { SshHost } from "../../../testing/services/ssh/host-ground.ts";
import { sshServers, startSshHost, testKey } from "../../../testing/services/ssh/ssh-host.ts";
import {
  connectionText,
  credentialText,
  discoveryPorts,
  lookAt,
  problemsOf,
} from "../../../testing/suites/discovery-bench.ts";
import { type DiscoveryBench, describeDiscoverySource } from "../../../testing/suites/discovery-suite.ts";
import { authorizedKeysSource } from "./source.ts";

const app = testKey();
const ops = testKey();
const old = testKey();
const shared = testKey();

/** A document about the keys of this account. */
function keyText(name: string, user: string, handle?: string): string {
  const rest = handle === undefined ? "" : `\n  handle: "${handle}"`;
  return credentialText(
    name,
    "ssh-key",
    `  provider: { authorized-keys: { hosts: [web-1], user: ${user} } }${rest}`,
  );
}

const REGISTRY = [
  keyText("app-key", "app"),
  keyText("ops-key", "ops", ops.fingerprint),
  keyText("gone-key", "gone"),
].join("");

const FILES = {
  app: `# keys of the shop\nfrom="10.0.0.0/8",environment="TOKEN=canary-option" ${app.publicLine} app@shöp\n${shared.publicLine} backup\n`,
  ops: `${ops.publicLine} ops@example.com\n#cre-off ${old.publicLine} old cre:ops-key:r-1:a-1:1\n${shared.publicLine}\nno key at all\n`,
};

function world(host: SshHost, registry = REGISTRY, hostKey = host.hostKey) {
  const { host: name, port, user, login } = host;
  return discoveryPorts({
    policies: connectionText(
      "web-1",
      `ssh: { host: ${name}, port: ${port}, hostKey: "${hostKey}", user: ${user}, key: { env: KEY } }, allow: { objects: ["*"] }`,
    ),
    registry,
    secrets: { KEY: login.privateKey.reveal() },
  });
}

async function open(given: ReturnType<typeof world>, entry: Partial<AuthorizedKeysDiscovery> = {}) {
  const [part] = await authorizedKeysSource.open({ connections: ["web-1"], ...entry }, given.ports);
  if (part === undefined) throw new Error("no part");
  return part;
}

function openBench(server: SshHost["server"]) {
  return async (): Promise<DiscoveryBench> => {
    const host = await startSshHost({ server });
    const { fileOf } = await addAccounts(host, FILES);
    const all = [host.login, app, shared, ops, old, shared].map(({ fingerprint }) => fingerprint);
    return {
      open: async () => open(world(host)),
      handles: all.toSorted(),
      sighted: ["identity of app-key", "identity of ops-key"],
      covered: ["identity of app-key", "identity of gone-key", "identity of ops-key"],
      secrets: ["canary-option", ...host.login.privateKey.reveal().split("\n").slice(1, 4)],
      steps: 4,
      state: async () => Promise.all(["app", "ops"].map(async (user) => readFile(fileOf(user), "utf8"))),
      breakDown: async () => {
        await writeFile(fileOf("ops"), "x".repeat(2_000_001));
        return /ops\/\.ssh\/authorized_keys is longer than/;
      },
      mend: async () => writeFile(fileOf("ops"), FILES.ops),
      close: async () => host.close(),
    };
  };
}

for (const server of sshServers()) describeDiscoverySource(`authorized-keys by ${server}`, openBench(server));

describe("keys of a host", () => {
  let host: SshHost;
  beforeAll(async () => {
    host = await startSshHost({ server: "ssh2" });
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    await addAccounts(host, { ...FILES, legacy: `${rsaLine(publicKey.export({ format: "jwk" }))} legacy\n` });
  });
  afterAll(async () => host.close());

  const seen = async (entry: Partial<AuthorizedKeysDiscovery> = {}, given = world(host)) => {
    const looked = await lookAt(await open(given, entry));
    const of = (account: string, fingerprint: string) =>
      looked.sightings.find(({ handle, detail }) => handle === fingerprint && detail["account"] === account);
    return { ...looked, of };
  };

  test("are shown with their type, comment, options, file and line, and whose they are", async () => {
    const { of, sightings } = await seen();
    const one = of("app", app.fingerprint);
    expect(one).toMatchObject({
      kind: "ssh-key",
      place: expect.stringMatching(/^web-1:\/.*\/app\/\.ssh\/authorized_keys$/),
      identity: "identity of app-key",
      live: true,
      detail: {
        "key type": "ed25519",
        line: "2",
        comment: "app@shöp",
        options: 'from="10.0.0.0/8",environment',
      },
      ownerHints: [{ source: "comment", text: "app@shöp" }],
      concerns: [],
    });
    expect(of("ops", ops.fingerprint)?.identity).toBe("identity of ops-key");
    expect(of("ops", old.fingerprint)).toMatchObject({
      identity: "identity of ops-key",
      live: false,
      detail: { "commented out": "yes", mark: "ops-key:r-1:a-1:1" },
    });
    // The file of `app` is its credential's alone; that of `ops` has keys of others.
    expect(of("app", shared.fingerprint)?.identity).toBe("identity of app-key");
    expect(of("ops", shared.fingerprint)?.identity).toBeUndefined();
    expect(of(host.user, host.login.fingerprint)?.detail["runner's own login"]).toBe("yes");
    const legacy = sightings.find(({ detail }) => detail["account"] === "legacy");
    expect(legacy).toMatchObject({
      detail: { "key type": "rsa 1024" },
      concerns: [expect.stringContaining("1024")],
    });
  });

  test("of named accounts are shown alone, and nothing is said of others", async () => {
    const { sightings, end } = await seen({ users: ["ops", "gone"] });
    expect(new Set(sightings.map(({ detail }) => detail["account"]))).toEqual(new Set(["ops"]));
    expect(end).toMatchObject({
      complete: true,
      scanned: 1,
      covered: ["identity of gone-key", "identity of ops-key"],
    });
  });

  test("are not looked for on a host that shows another host key than the pinned one", async () => {
    const looked = await seen({}, world(host, REGISTRY, `SHA256:${"A".repeat(43)}`));
    expect(looked).toMatchObject({ sightings: [], end: { complete: false, covered: [] } });
    expect(problemsOf(looked)).toContain("shows a host key that is not the pinned one");
  });

  test("are not looked for where nobody answers", async () => {
    await host.stop();
    const looked = await seen();
    await host.start();
    expect(looked).toMatchObject({ sightings: [], end: { complete: false, covered: [] } });
    expect(problemsOf(looked)).toContain("web-1");
  });
});

/** A public key as `authorized_keys` has it (RFC 4253 6.6). */
function rsaLine({ n = "", e = "" }: { readonly n?: string; readonly e?: string }): string {
  const field = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const modulus = Buffer.concat([Buffer.from([0]), Buffer.from(n, "base64url")]);
  const blob = Buffer.concat([Buffer.from("ssh-rsa"), Buffer.from(e, "base64url"), modulus].map(field));
  return `ssh-rsa ${blob.toString("base64")}`;
}
