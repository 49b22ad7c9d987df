import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import { addTo, instantOf } from "../../../core/model/instant.ts";
import { bindAccount, connectionOf } from "../../../testing/services/ssh/account.ts";
import { logLine, type SshHost } from "../../../testing/services/ssh/host-ground.ts";
import { sshServers, startSshHost, testKey } from "../../../testing/services/ssh/ssh-host.ts";
import { markOf } from "../../../testing/suites/overlap-bench.ts";
import { type SshSession, signIn } from "../../clients/ssh/session.ts";
import type { KeyPair } from "./key-pair.ts";

const { signal } = new AbortController();
const first = testKey("first");
const time = { now: 0 };
let host: SshHost;
afterEach(async () => host.close());

/** A UUIDv7 of this moment. */
const attempt = (): string => {
  const hex = (time.now * 1000).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000001`;
};

async function start(server: SshHost["server"]): Promise<void> {
  time.now = Math.floor(Date.now() / 1000);
  host = await startSshHost({ server, clock: () => time.now * 1000, tellsProcesses: true });
  await appendFile(host.file, `${first.publicLine} deploy@ci\n`);
  await writeFile(
    host.authLog,
    logLine(() => time.now * 1000 - 86_400_000, 1, "Server listening on 0.0.0.0."),
  );
}

const bind = (authLog: string | undefined = host.authLog) =>
  bindAccount([host], {
    provider: authLog === "" ? {} : { authLog },
    ports: { clock: { now: () => instantOf(time.now) } },
  });

async function consumer(key: Pick<KeyPair, "privateKey"> | undefined): Promise<SshSession> {
  const { ssh: connection } = connectionOf(host);
  if (connection === undefined || key === undefined) throw new Error("no connection, or no key");
  return signIn(
    { name: "web", connection },
    { user: host.user, key: key.privateKey },
    { readFile: () => "" },
    signal,
  );
}

test.each(sshServers())(
  "our own trials are no use, also not to another process of ours (%s)",
  async (server) => {
    await start(server);
    const [found] = await bind().observe(signal);
    if (found === undefined) throw new Error("nothing found");
    await bind().adopt(found, markOf("a0"), signal);
    const since = instantOf(time.now);
    const issued = await bind().issue(markOf(attempt(), 2), await bind().observe(signal), signal);
    await bind().verify(issued, signal);
    const fresh = (await bind().observe(signal)).find(({ handle }) => handle === issued.handle);
    if (fresh === undefined) throw new Error("nothing issued");
    expect(await readFile(host.authLog, "utf8")).toContain(issued.handle);
    expect(await bind().inUse(fresh, since, signal)).toMatchObject({ kind: "silent", sampled: false });
    time.now += 3_600;
    host.tellTime();
    const key = issued.parts.get("privateKey");
    (await consumer(key && { privateKey: key })).close();
    expect(await bind().inUse(fresh, since, signal)).toMatchObject({ kind: "used", at: instantOf(time.now) });
  },
);

test("a log that tells nothing, or not from so early on, is no evidence", async () => {
  await start("ssh2");
  const [found] = await bind().observe(signal);
  if (found === undefined) throw new Error("nothing found");
  const since = addTo(instantOf(time.now), -3_600);
  expect(await bind().inUse(found, since, signal)).toMatchObject({ kind: "silent" });
  expect(await bind("").inUse(found, since, signal)).toMatchObject({ kind: "unknown" });
  expect(await bind(`${host.authLog}-none`).inUse(found, since, signal)).toMatchObject({
    kind: "unknown",
    detail: expect.stringContaining("cannot be read"),
  });
  // Rotated: the older part is in the file beside.
  const older = await readFile(host.authLog);
  await rm(host.authLog);
  await writeFile(host.authLog, "");
  expect(await bind().inUse(found, since, signal)).toMatchObject({
    kind: "unknown",
    detail: expect.stringContaining("begins at"),
  });
  await writeFile(`${host.authLog}.1`, older);
  expect(await bind().inUse(found, since, signal)).toMatchObject({ kind: "silent" });
  // sshd with LogLevel ERROR, or a log that nobody writes any more.
  await writeFile(`${host.authLog}.stale`, older);
  time.now += 86_400;
  expect(await bind(`${host.authLog}.stale`).inUse(found, since, signal)).toMatchObject({
    kind: "unknown",
    detail: expect.stringContaining("the runner's own login"),
  });
});

test.runIf(sshServers().includes("sshd"))(
  "sessions that a key opened are ended after an incident, and no others",
  async () => {
    await start("sshd");
    const [found] = await bind().observe(signal);
    if (found === undefined) throw new Error("nothing found");
    await bind().adopt(found, markOf("a0"), signal);
    const [open, other] = [await consumer(first), await consumer(host.login)];
    const closed = open.exec("sh -s", "sleep 60", signal).then(
      () => "ended",
      () => "ended",
    );
    const [adopted] = await bind().observe(signal);
    if (adopted?.mark === undefined) throw new Error("not adopted");
    await bind().revoke(adopted, { expected: adopted.mark, next: adopted.mark }, signal);
    expect(await open.exec("sh -s", "echo still here", signal)).toMatchObject({ stdout: "still here\n" });

    const blind = await bind("").contain(adopted, instantOf(0), signal);
    expect(blind.map(({ dead }) => dead)).toEqual([true, false]);
    expect(blind[1]?.detail).toContain("ps -u");

    const evidence = await bind().contain(adopted, instantOf(0), signal);
    expect(evidence).toEqual([
      { place: `${first.fingerprint} at web-1`, dead: true, detail: "lets nobody in any more" },
      expect.objectContaining({ dead: true, detail: expect.stringContaining("ended: the processes") }),
    ]);
    expect(await closed).toBe("ended");
    expect(await other.exec("sh -s", "echo here", signal)).toMatchObject({ stdout: "here\n" });
    other.close();
  },
);

test.runIf(sshServers().includes("sshd"))(
  "a session from before the log's beginning may be anybody's, so that nothing is called dead",
  async () => {
    await start("sshd");
    const [found] = await bind().observe(signal);
    if (found === undefined) throw new Error("nothing found");
    const open = await consumer(first);
    const { stdout } = await open.exec("sh -s", "sleep 7; echo open", signal);
    expect(stdout).toBe("open\n");
    time.now += 7;
    host.tellTime();
    await writeFile(host.authLog, "");
    const evidence = await bind().contain(found, instantOf(0), signal);
    expect(evidence[1]).toMatchObject({
      dead: false,
      detail: expect.stringContaining("began before its log"),
    });
    expect(await open.exec("sh -s", "echo here", signal)).toMatchObject({ stdout: "here\n" });
    open.close();
  },
);
