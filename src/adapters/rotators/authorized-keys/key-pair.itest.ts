import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { connectionOf } from "../../../testing/services/ssh/account.ts";
import { sshServers, startSshHost } from "../../../testing/services/ssh/ssh-host.ts";
import { signIn } from "../../clients/ssh/session.ts";
import { checkKeyPair, encodeKeyPair, type KeyPair, makeKeyPair } from "./key-pair.ts";

const run = promisify(execFile);
/** 4,000 with `CRE_SSH_KEYS=4000`, which takes a quarter of a minute. */
const COUNT = Number(process.env["CRE_SSH_KEYS"] ?? 200);
const AT_ONCE = 8;
const random = { bytes: (length: number) => new Uint8Array(length).fill(7), uuid: () => "" };

/** Keys whose halves begin or end with zeros and high bits among any others. */
async function edgeKeys(): Promise<readonly KeyPair[]> {
  const found: KeyPair[] = [];
  for (const isEdge of [
    (x: Buffer) => x[0] === 0,
    (x: Buffer) => (x[0] ?? 0) >= 0x80,
    (x: Buffer) => x[31] === 0,
    (x: Buffer) => (x[31] ?? 0) >= 0x80,
  ]) {
    for (const half of ["x", "d"] as const) {
      for (;;) {
        const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
        if (!isEdge(Buffer.from(jwk[half] ?? "", "base64url"))) continue;
        found.push(encodeKeyPair("ed25519", jwk, "edge", Buffer.from([0, 255, 0, 1])));
        break;
      }
    }
  }
  return found;
}

test(`ssh-keygen reads ${COUNT} keys and gives the public halves that we wrote`, {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "cre-keys-"));
  try {
    const pairs = [...(await edgeKeys()), await makeKeyPair("rsa-3072", "edge", random)];
    while (pairs.length < COUNT) pairs.push(await makeKeyPair("ed25519", "edge", random));
    let next = 0;
    const work = async (): Promise<void> => {
      for (let at = next++; at < pairs.length; at = next++) {
        const pair = pairs[at];
        if (pair === undefined) return;
        await checkKeyPair(pair);
        const path = join(folder, String(at));
        await writeFile(path, pair.privateKey.reveal(), { mode: 0o600 });
        const { stdout } = await run("ssh-keygen", ["-y", "-f", path]);
        expect(stdout.trim()).toBe(`${pair.publicLine} edge`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.each(sshServers())("every kind of key signs in to %s", async (server) => {
  const { signal } = new AbortController();
  for (const type of ["ed25519", "rsa-3072", "rsa-4096"] as const) {
    const login = await makeKeyPair(type, "runner", random);
    const host = await startSshHost({ server, login });
    try {
      const { ssh: connection } = connectionOf(host);
      if (connection === undefined) throw new Error("no connection");
      const target = { name: "web", connection };
      const session = await signIn(
        target,
        { user: host.user, key: login.privateKey },
        { readFile: () => "" },
        signal,
      );
      expect(session.loginKey).toBe(login.fingerprint);
      session.close();
    } finally {
      await host.close();
    }
  }
});

test("halves of two keys are told before anything is written", async () => {
  const [one, two] = await Promise.all([
    makeKeyPair("ed25519", "a", random),
    makeKeyPair("ed25519", "b", random),
  ]);
  await expect(checkKeyPair({ ...one, publicLine: two.publicLine })).rejects.toThrow("not sound");
  const [jwk, other] = [1, 2].map(() => generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }));
  const mixed = encodeKeyPair("ed25519", { ...jwk, x: other?.x ?? "" }, "c", new Uint8Array(4));
  await expect(checkKeyPair(mixed)).rejects.toThrow("not sound");
});
