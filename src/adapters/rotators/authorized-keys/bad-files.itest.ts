import {
  appendFile,
  chmod,
  lstat,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { ObservedVersion } from "../../../core/ports/rotator.ts";
import { bindAccount, connectionOf } from "../../../testing/services/ssh/account.ts";
import type { HearRequest, SshHost } from "../../../testing/services/ssh/host-ground.ts";
import { sshServers, startSshHost, testKey } from "../../../testing/services/ssh/ssh-host.ts";
import { markOf } from "../../../testing/suites/overlap-bench.ts";
import { openSsh } from "../../clients/ssh/session.ts";
import { prepareEdit } from "./guard.ts";
import type { AccountRotator } from "./rotator.ts";

const { signal } = new AbortController();
const first = testKey("first");
let host: SshHost;
let hear: HearRequest | undefined;
let told: string[];

async function start(server: SshHost["server"] = "ssh2"): Promise<void> {
  told = [];
  hear = undefined;
  host = await startSshHost({ server, hear: (request, side) => hear?.(request, side) });
  await appendFile(host.file, `${first.publicLine} deploy@ci\n`);
}
afterEach(async () => host.close());

const progress = { warn: (message: string) => void told.push(message) };
const bind = (options: Parameters<typeof bindAccount>[1] = {}): AccountRotator =>
  bindAccount([host], { ports: { progress }, ...options });

async function adopted(rotator: AccountRotator): Promise<readonly ObservedVersion[]> {
  const [found] = await rotator.observe(signal);
  if (found === undefined) throw new Error("nothing found");
  await rotator.adopt(found, markOf("a0"), signal);
  return rotator.observe(signal);
}

async function failure(asked: Promise<unknown>): Promise<CreError> {
  const error = await asked.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CreError);
  // `as`: asserted just before.
  return error as CreError;
}

const beside = async (): Promise<readonly string[]> =>
  (await readdir(dirname(host.file))).filter((name) => name.includes(".cre-"));

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("it never came to be");
    await setTimeout(50);
  }
}

describe("a file", () => {
  beforeEach(async () => start());

  test("that is no file, or has lines that sshd passes over, is told with its path and their numbers", async () => {
    await appendFile(host.file, '# fine\r\n@nonsense\nssh-ed25519 short\n\ncommand="open ssh-rsa AAAA\n');
    await bind().preflight(signal);
    expect(told.join()).toMatch(/passes over lines 4, 5, 7 of \S+authorized_keys/);
    await rm(host.file);
    expect((await failure(bind({ connection: (spec) => spec }).observe(signal))).code).toBe("login-refused");
    const other = { provider: { file: "%h/.ssh/other" } };
    await writeFile(host.file, `${host.login.publicLine}\n`);
    expect(await failure(bind(other).preflight(signal))).toMatchObject({
      code: "file-missing",
      outcome: "refused",
      message: expect.stringContaining(".ssh/other"),
    });
  });

  test("keeps its mode, its owner and what it is a link to", async () => {
    const real = join(dirname(host.file), "keys-of-deploy");
    await rename(host.file, real);
    await symlink(real, host.file);
    await chmod(real, 0o640);
    const before = await stat(real);
    const rotator = bind();
    await rotator.issue(markOf("a1", 2), await adopted(rotator), signal);
    expect((await lstat(host.file)).isSymbolicLink()).toBe(true);
    expect(await stat(real)).toMatchObject({ mode: before.mode, uid: before.uid, gid: before.gid });
    expect(await beside()).toEqual([]);
  });

  test("that may not be written to by others' rights is replaced all the same, and stays so", async () => {
    await chmod(host.file, 0o400);
    const rotator = bind();
    await rotator.issue(markOf("a1", 2), await adopted(rotator), signal);
    expect((await stat(host.file)).mode & 0o777).toBe(0o400);
  });

  test("on a disk that is full stays as it was, and nothing is left beside it", async () => {
    const rotator = bind();
    const occupied = await adopted(rotator);
    const before = await readFile(host.file);
    hear = (request, side) => (request.startsWith("create") && side === "before" ? "error" : undefined);
    const error = await failure(rotator.issue(markOf("a1", 2), occupied, signal));
    expect(error).toMatchObject({ outcome: "refused", fix: expect.stringContaining("full disk") });
    expect(await readFile(host.file)).toEqual(before);
    expect(await beside()).toEqual([]);
  });

  test("that somebody else changes between the look and the step keeps their change", async () => {
    const rotator = bind({ handle: first.fingerprint });
    const occupied = await adopted(rotator);
    const foreign = `${testKey().publicLine} a colleague\n`;
    let times = 0;
    hear = (request, side) => {
      if (!request.startsWith("create") || side === "after" || times > 0) return undefined;
      times += 1;
      appendFile(host.file, foreign).catch(() => undefined);
      return undefined;
    };
    await rotator.issue(markOf("a1", 2), occupied, signal);
    expect(times).toBe(1);
    const text = await readFile(host.file, "latin1");
    expect(text).toContain(foreign);
    expect(text).toContain(":a1:2");
  });

  test("whose one key is the runner's own is not rotated, nor is that key named as `handle`", async () => {
    const own = bind({ handle: host.login.fingerprint });
    expect(await failure(own.preflight(signal))).toMatchObject({ code: "own-login" });
    await writeFile(host.file, `${host.login.publicLine} runner\n`);
    expect(await bind().observe(signal)).toEqual([]);
    expect(await failure(bind().preflight(signal))).toMatchObject({ code: "key-missing" });
  });

  test("with keys of others is left alone but for the one that `handle` names", async () => {
    const other = testKey();
    await appendFile(host.file, `${other.publicLine} bob\n${first.publicLine} the same again\n`);
    const all = await bind().observe(signal);
    expect(all.map(({ handle }) => handle)).toEqual([first.fingerprint, other.fingerprint]);
    const rotator = bind({ handle: first.fingerprint });
    const issued = await rotator.issue(markOf("a1", 2), await adopted(rotator), signal);
    await rotator.preflight(signal);
    expect((await rotator.observe(signal)).map(({ handle }) => handle)).toEqual([
      first.fingerprint,
      issued.handle,
    ]);
    const missing = bind({ handle: testKey().fingerprint });
    const error = await failure(missing.preflight(signal)).catch(() => undefined);
    // Ours are marked with this credential's name, whatever `handle` says by now.
    expect(error).toBeUndefined();
  });

  test("with options passes them on, except an end that would end the new key as well", async () => {
    await writeFile(
      host.file,
      `${host.login.publicLine}\nexpiry-time="20990101Z",no-pty ${first.publicLine} x\n`,
    );
    expect(await failure(bind().preflight(signal))).toMatchObject({ code: "options" });
    expect((await bind().observe(signal))[0]).toMatchObject({
      live: true,
      expiresAt: "2099-01-01T00:00:00Z",
    });
    const rotator = bind({ provider: { options: 'restrict,command="/bin/true"' } });
    await rotator.preflight(signal);
    await rotator.issue(markOf("a1", 2), await adopted(rotator), signal);
    expect(await readFile(host.file, "latin1")).toMatch(
      /^restrict,command="\/bin\/true" ssh-ed25519 \S+ cre:/m,
    );
    for (const options of ['from="', "cert-authority", 'restrict,expiry-time="20270101Z"']) {
      expect(await failure(bind({ provider: { options } }).preflight(signal))).toMatchObject({
        code: "options",
      });
    }
  });

  test("of an account that the connection does not let in is not looked at", async () => {
    const bound = () =>
      bind({ connection: (spec) => ({ ...spec, allow: { objects: ["deploy@elsewhere", "web*"] } }) });
    expect(bound).toThrow(/does not allow deploy@127\.0\.0\.1/);
    const open = () => bind({ connection: ({ ssh }) => (ssh === undefined ? {} : { ssh }) });
    expect(open).toThrow(/must say whose keys/);
  });
});

describe.each(sshServers())("a host (%s)", (server) => {
  beforeEach(async () => start(server));

  const prepared = async (seconds: number) => {
    const { ssh: connection } = connectionOf(host);
    if (connection === undefined) throw new Error("no connection");
    const ports = {
      secrets: { read: async () => host.login.privateKey, present: () => true },
      readFile: () => "",
    };
    const session = await openSsh({ name: "web", connection }, ports, signal);
    const before = await readFile(host.file);
    const after = Buffer.concat([before, Buffer.from("# one more line\n")]);
    await prepareEdit(session, "deploy-key", host.file, { before, after }, seconds, signal);
    await session.files.overwrite(`${host.file}.cre-new`, after, signal);
    await session.files.rename(`${host.file}.cre-new`, host.file, signal);
    // The runner dies.
    session.close();
    return { before, after };
  };

  test("undoes by itself what nobody has proven, when the session is over", async () => {
    const { before, after } = await prepared(2);
    expect(await readFile(host.file)).toEqual(after);
    await eventually(async () => (await readFile(host.file)).equals(before));
    await eventually(async () => (await beside()).length === 0);
  });

  test("does not undo what somebody else has changed since", async () => {
    const { after } = await prepared(1);
    await appendFile(host.file, "# by a colleague\n");
    await setTimeout(2_500);
    expect(await readFile(host.file, "latin1")).toBe(`${after.toString("latin1")}# by a colleague\n`);
  });

  test.runIf(server === "sshd")("that does not let the new key in is as it was, at once", async () => {
    const rotator = bind({ provider: { options: 'from="192.0.2.1"' } });
    const occupied = await adopted(rotator);
    const before = await readFile(host.file);
    const error = await failure(rotator.issue(markOf("a1", 2), occupied, signal));
    expect(error).toBeInstanceOf(EffectError);
    expect(error).toMatchObject({
      code: "new-key-refused",
      outcome: "refused",
      fix: expect.stringContaining("from="),
    });
    expect(await readFile(host.file)).toEqual(before);
    expect(await beside()).toEqual([]);
  });

  test.runIf(server === "sshd")("whose shell greets everybody works all the same", async () => {
    await writeFile(
      join(dirname(dirname(host.file)), ".bashrc"),
      "echo cre-prepared is not for you; echo >&2 hello\n",
    );
    const rotator = bind();
    await rotator.preflight(signal);
    const issued = await rotator.issue(markOf("a1", 2), await adopted(rotator), signal);
    await expect(rotator.verify(issued, signal)).resolves.toBeUndefined();
  });
});
