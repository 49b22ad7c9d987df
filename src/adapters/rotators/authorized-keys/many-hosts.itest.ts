import { appendFile, readFile, writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import { type Instant, instantOf } from "../../../core/model/instant.ts";
import type { BoundRotator, Issued, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import type { VersionFact } from "../../../core/state/status.ts";
import { bindAccount, connectionOf } from "../../../testing/services/ssh/account.ts";
import type { SshHost } from "../../../testing/services/ssh/host-ground.ts";
import {
  signsInByOpenSsh,
  sshServers,
  startSshHost,
  testKey,
} from "../../../testing/services/ssh/ssh-host.ts";
import { markOf } from "../../../testing/suites/overlap-bench.ts";
import { signIn } from "../../clients/ssh/session.ts";
import type { KeyPair } from "./key-pair.ts";

const { signal } = new AbortController();
const opened: SshHost[] = [];
afterEach(async () => {
  for (const host of opened.splice(0)) await host.close();
});

/** Hosts with the same login of the runner and the same first key, in files that differ. */
async function startHosts(count: number, server: SshHost["server"]) {
  const login = testKey("runner");
  const first = testKey("first");
  for (let at = 0; at < count; at += 1) {
    const host = await startSshHost({ server, login });
    await appendFile(
      host.file,
      `# ${at}\nno-pty ${first.publicLine} deploy@ci\n${testKey().publicLine} other`,
    );
    opened.push(host);
  }
  return { hosts: [...opened], first, login };
}

function bind(hosts: readonly SshHost[], first: KeyPair, options: Parameters<typeof bindAccount>[1] = {}) {
  return bindAccount(hosts, { handle: first.fingerprint, ...options });
}

async function letsIn(host: SshHost, key: KeyPair | Issued): Promise<boolean> {
  const secret = "parts" in key ? key.parts.get("privateKey") : key.privateKey;
  const { ssh: connection } = connectionOf(host);
  if (secret === undefined || connection === undefined) throw new Error("no key or no connection");
  return signIn(
    { name: "web", connection },
    { user: host.user, key: secret },
    { readFile: () => "" },
    signal,
  ).then(
    (session) => {
      session.close();
      return true;
    },
    () => false,
  );
}

const linesOf = async (host: SshHost): Promise<readonly string[]> =>
  (await readFile(host.file, "latin1")).split("\n");

async function only(rotator: BoundRotator, attempt: string): Promise<ObservedVersion> {
  const found = (await rotator.observe(signal)).filter(({ mark }) => mark?.attempt === attempt);
  expect(found).toHaveLength(1);
  // `as`: there is just one.
  return found[0] as ObservedVersion;
}

const fact = (version: ObservedVersion, createdAt: number, promoted: boolean): VersionFact => {
  const { handle, slot, live, mark } = version;
  const made: Instant = instantOf(createdAt);
  return {
    handle,
    slot,
    live,
    promoted,
    createdAt: made,
    origin: "issued",
    ...(mark === undefined ? {} : { mark }),
  };
};

const fence = (mark: Mark | undefined) => {
  if (mark === undefined) throw new Error("no mark");
  return { expected: mark, next: { ...mark, epoch: mark.epoch + 1 } };
};

describe.each(sshServers())("three hosts (%s)", (server) => {
  test("a rotation goes through on all of them, and no byte of others changes", async () => {
    const { hosts, first } = await startHosts(3, server);
    const before = await Promise.all(hosts.map(linesOf));
    const rotator = bind(hosts, first);
    await rotator.preflight(signal);
    const [found] = await rotator.observe(signal);
    if (found === undefined) throw new Error("nothing found");
    expect(found).toMatchObject({ handle: first.fingerprint, live: true });
    await rotator.adopt(found, markOf("a0"), signal);
    const issued = await rotator.issue(markOf("a1", 2), await rotator.observe(signal), signal);
    await rotator.verify(issued, signal);
    for (const host of hosts) {
      expect([await letsIn(host, first), await letsIn(host, issued)]).toEqual([true, true]);
      expect(
        await signsInByOpenSsh(host, {
          ...first,
          privateKey: issued.parts.get("privateKey") ?? first.privateKey,
        }),
      ).not.toBe(false);
    }
    const old = await only(rotator, "a0");
    await rotator.deactivate(old, fence(old.mark), signal);
    for (const host of hosts) expect(await letsIn(host, first)).toBe(false);
    const asleep = await only(rotator, "a0");
    await rotator.revoke(asleep, fence(asleep.mark), signal);
    for (const [at, host] of hosts.entries()) {
      const after = await linesOf(host);
      const others = (before[at] ?? []).filter((line) => !line.includes(first.publicLine));
      expect(after.slice(0, others.length)).toEqual(others);
      expect(after.slice(others.length)).toEqual([
        expect.stringMatching(/^no-pty ssh-ed25519 \S+ cre:deploy-key:/),
        "",
      ]);
      expect(await letsIn(host, issued)).toBe(true);
    }
  });

  test("the second one dies in the middle: nobody is locked out, and once it is back the next run completes", async () => {
    const { hosts, first } = await startHosts(3, server);
    const [web1, web2, web3] = hosts;
    if (web1 === undefined || web2 === undefined || web3 === undefined) throw new Error("three hosts");
    const rotator = bind(hosts, first);
    const [found] = await rotator.observe(signal);
    if (found === undefined) throw new Error("nothing found");
    await rotator.adopt(found, markOf("a0"), signal);
    const occupied = await rotator.observe(signal);
    const died = (async () => {
      const deadline = Date.now() + 20_000;
      while (!(await linesOf(web1)).some((line) => line.includes(":a1:")) && Date.now() < deadline) {
        await setTimeout(2);
      }
      await web2.stop();
    })();
    const error = await rotator.issue(markOf("a1", 2), occupied, signal).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    await died;
    expect(error).toBeInstanceOf(EffectError);
    expect(error instanceof EffectError && [error.outcome, error.describe()]).toEqual([
      "unknown",
      expect.stringMatching(/web-2[^]*done on web-1/),
    ]);
    for (const host of [web1, web3]) expect(await letsIn(host, first)).toBe(true);
    const again = bind(hosts, first);
    const held = await again.observe(signal).catch((reason: unknown) => reason);
    expect(held instanceof CreError && held.message).toContain("web-2");

    await web2.start();
    expect(await letsIn(web2, first)).toBe(true);
    const orphan = await only(again, "a1");
    await again.revoke(orphan, fence(orphan.mark), signal);
    const issued = await again.issue(markOf("a2", 4), await again.observe(signal), signal);
    await again.verify(issued, signal);
    for (const host of hosts) {
      expect([await letsIn(host, first), await letsIn(host, issued)]).toEqual([true, true]);
      expect((await linesOf(host)).some((line) => line.includes(":a1:"))).toBe(false);
    }
  });

  test("one that cannot be reached is left behind where the document says so, and is brought up to date by the next rotation", async () => {
    const { hosts, first } = await startHosts(3, server);
    const [web1, web2, web3] = hosts;
    if (web1 === undefined || web2 === undefined || web3 === undefined) throw new Error("three hosts");
    const told: string[] = [];
    const rotator = bind(hosts, first, {
      provider: { unreachable: "leave" },
      ports: { progress: { warn: (message) => void told.push(message) } },
    });
    const [found] = await rotator.observe(signal);
    if (found === undefined) throw new Error("nothing found");
    await rotator.adopt(found, markOf("a0"), signal);
    await web3.stop();
    await rotator.preflight(signal);
    expect(told.join()).toContain("web-3 is left behind");
    const issued = await rotator.issue(markOf("a1", 2), await rotator.observe(signal), signal);
    const fresh = await only(rotator, "a1");
    expect(fresh.missingAt).toEqual(["web-3 (cannot be reached)"]);

    await web3.start();
    const old = await only(rotator, "a0");
    const recorded = [fact(old, 1, false), fact(fresh, 2, true)];
    const seen = await rotator.observe(signal, recorded);
    expect(seen.find(({ handle }) => handle === fresh.handle)?.missingAt?.join()).toContain(
      `web-3 (still has ${first.fingerprint}`,
    );
    await rotator.deactivate(old, fence(old.mark), signal);
    const asleep = (await rotator.observe(signal, recorded)).find(({ handle }) => handle === old.handle);
    if (asleep === undefined) throw new Error("the old one is gone");
    expect(asleep.live).toBe(false);
    await rotator.revoke(asleep, fence(asleep.mark), signal);
    expect([await letsIn(web1, first), await letsIn(web3, first)]).toEqual([false, true]);

    const current = [fact(fresh, 2, true)];
    const known = await rotator.observe(signal, current);
    expect(known.map(({ handle }) => handle)).toEqual([fresh.handle]);
    const next = await rotator.issue(markOf("a2", 5), known, signal);
    expect([await letsIn(web3, first), await letsIn(web3, issued), await letsIn(web3, next)]).toEqual([
      false,
      true,
      true,
    ]);
    expect((await rotator.observe(signal, current)).every(({ missingAt }) => missingAt === undefined)).toBe(
      true,
    );
  });
});

test("a key that is switched off on one host and lets in on another one is not told as whole", async () => {
  const { hosts, first } = await startHosts(2, "ssh2");
  const rotator = bind(hosts, first);
  const [found] = await rotator.observe(signal);
  if (found === undefined) throw new Error("nothing found");
  await rotator.adopt(found, markOf("a0"), signal);
  const [, web2] = hosts;
  if (web2 === undefined) throw new Error("two hosts");
  const text = await readFile(web2.file, "latin1");
  await writeFile(web2.file, text.replace(/^no-pty /m, "#cre-off no-pty "), "latin1");
  expect(await only(rotator, "a0")).toMatchObject({
    live: true,
    reactivatable: false,
    missingAt: ["web-2 (commented out)"],
  });
});
