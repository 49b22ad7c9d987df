import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CreError } from "../../../core/model/errors.ts";
import { Secret } from "../../../core/model/secret.ts";
import {
  bindCommand,
  type CommandOptions,
  type ScriptFolder,
  scriptFolder,
} from "../../../testing/suites/command-bench.ts";
import { expectNoCanary, failureOf } from "../../../testing/suites/delivery-suite.ts";
import { consignmentOf, partsOf, passwordOf, staging } from "../../../testing/suites/sample-consignment.ts";
import { commandDelivery } from "./delivery.ts";

const { signal } = new AbortController();
const HOLDS_A1 = `cat >/dev/null; echo '{"credential":"orders-db","current":null,"pending":"a1"}'`;

let place: ScriptFolder;
beforeEach(() => {
  place = scriptFolder(HOLDS_A1);
});
afterEach(() => {
  vi.unstubAllEnvs();
  place.remove();
});

async function target(command: readonly string[] = [place.script], options: CommandOptions = {}) {
  return staging(await bindCommand(command, options));
}

async function staged(command?: readonly string[], options?: CommandOptions) {
  return failureOf((await target(command, options)).stage(consignmentOf("a1"), partsOf("a1"), signal));
}

async function stagedBy(body: string, options?: CommandOptions) {
  place.write(body);
  return staged(undefined, options);
}

/** Whether a process with the id in this file lives; a zombie does not. */
function lives(pidFile: string): boolean {
  const pid = readFileSync(pidFile, "utf8").trim();
  if (!existsSync("/proc/self/stat")) return isSignalled(Number(pid));
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

function isSignalled(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const SOON = { timeout: 5000, interval: 10 };

describe("what a command gets", () => {
  test("is one line of JSON on standard input, with parts only to stage", async () => {
    place.write(
      `cat >>${place.folder}/heard; echo '{"credential":"orders-db","current":"a1","pending":null}'`,
    );
    const delivery = await target();
    await delivery.stage(consignmentOf("a1"), partsOf("a1"), signal);
    await delivery.promote(consignmentOf("a1"), signal);
    await delivery.holds(signal);
    const { rotation, handle, issuedAt } = consignmentOf("a1");
    const common = { apiVersion: "cre/v1", credential: "orders-db" };
    const about = { ...common, rotationId: rotation, attemptId: "a1", handle, issuedAt };
    const lines = readFileSync(join(place.folder, "heard"), "utf8").split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ...about, phase: "stage", parts: { username: "orders_a", password: passwordOf("a1") } },
      { ...about, phase: "promote" },
      { ...common, phase: "ask" },
    ]);
  });

  test.runIf(existsSync("/proc/self/environ"))(
    "is neither in its arguments nor in its environment, which has nothing of the runner's",
    async () => {
      vi.stubEnv("ORDERS_ADMIN_TOKEN", "canary-of-the-runner");
      vi.stubEnv("HOME", "/canary-home");
      place.write(
        `cat /proc/$$/cmdline >${place.folder}/arguments; cat /proc/$$/environ >${place.folder}/environment\n${HOLDS_A1}`,
      );
      const delivery = await target([place.script, "--to", "x; $(touch /canary) `y`"]);
      await delivery.stage(consignmentOf("a1"), partsOf("a1"), signal);
      const read = (name: string) => readFileSync(join(place.folder, name), "utf8").split("\0").slice(0, -1);
      expect(read("arguments")).toEqual(["/bin/sh", place.script, "--to", "x; $(touch /canary) `y`"]);
      const variables = read("environment").map((pair) => pair.slice(0, pair.indexOf("=")));
      expect(variables.filter((name) => name !== "PWD" && name !== "_").toSorted()).toEqual([
        "HOME",
        "LANG",
        "PATH",
      ]);
      expectNoCanary(read("environment"));
    },
  );

  test("is not more than it can take: too many parts are refused before it is run", async () => {
    place.write(`touch ${place.folder}/ran`);
    const parts = new Map([["password", new Secret("canary-".repeat(50_000))]]);
    const error = await failureOf((await target()).stage(consignmentOf("a1"), parts, signal));
    expect(error).toMatchObject({ outcome: "refused", retryable: false });
    expect(existsSync(join(place.folder, "ran"))).toBe(false);
  });

  test("may be left unread", async () => {
    const parts = new Map([["password", new Secret("canary-".repeat(30_000))]]);
    // More than a pipe holds: the runner is still writing when nobody reads any more.
    place.write("exec 0<&-; sleep 0.1; exit 3");
    const error = await failureOf((await target()).stage(consignmentOf("a1"), parts, signal));
    expect(error).toMatchObject({ outcome: "unknown", evidence: "exit code 3" });
  });
});

describe("a command is not run", () => {
  const whyNot = async (command?: readonly string[]) => {
    const error = await staged(command);
    expect(error).toMatchObject({ outcome: "refused", code: "command-not-runnable", retryable: false });
    expect(error.fix).not.toBe("");
    const preflight = await failureOf((await target(command)).preflight(signal));
    expect(preflight.message).toBe(error.message);
    return error.message;
  };

  test.each(["sh", "./orders", "", "/usr/bin/../bin/sh", "/bin//sh"])("by the name %j", async (name) => {
    expect(await whyNot([name])).toMatch(/no plain absolute path/);
  });

  test("when it is not there, a folder, or not executable", async () => {
    expect(await whyNot([join(place.folder, "absent")])).toMatch(/there is no/);
    expect(await whyNot([place.folder])).toMatch(/is no file/);
    const text = join(place.folder, "text");
    writeFileSync(text, "x", { mode: 0o600 });
    expect(await whyNot([text])).toMatch(/may not execute/);
  });

  test("when everybody can change it, its folder, or a folder above", async () => {
    chmodSync(place.script, 0o777);
    expect(await whyNot()).toMatch(/everybody on this host can change .*orders/);
    chmodSync(place.script, 0o755);
    chmodSync(place.folder, 0o777);
    expect(await whyNot()).toMatch(/everybody on this host can change/);
    const inner = join(place.folder, "inner");
    mkdirSync(inner, { mode: 0o755 });
    writeFileSync(join(inner, "orders"), "#!/bin/sh\n", { mode: 0o755 });
    expect(await whyNot([join(inner, "orders")])).toMatch(/everybody on this host can change/);
  });

  test("when everybody can change a link that leads to it, or what lies between two links", async () => {
    const open = join(place.folder, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    symlinkSync(place.script, join(open, "second"));
    symlinkSync("open/second", join(place.folder, "first"));
    expect(await whyNot([join(place.folder, "first")])).toMatch(/everybody on this host can change .*open$/);
    chmodSync(open, 0o1777);
    await expect(
      (await target([join(place.folder, "first")])).stage(consignmentOf("a1"), partsOf("a1"), signal),
    ).resolves.toBeUndefined();
  });

  test("when it is a circle of links", async () => {
    symlinkSync("circle", join(place.folder, "circle"));
    expect(await whyNot([join(place.folder, "circle")])).toMatch(/there is no/);
  });

  test("when its script, which is an argument, can be changed by everybody", async () => {
    chmodSync(place.script, 0o666);
    expect(await whyNot(["/bin/sh", place.script])).toMatch(/everybody on this host can change .*orders/);
  });

  test.runIf(process.geteuid?.() === 0)("when it belongs to another user", async () => {
    chownSync(place.script, 65_534, 65_534);
    expect(await whyNot()).toMatch(/belongs to another user/);
  });

  test("when its interpreter is not there", async () => {
    writeFileSync(place.script, "#!/nowhere/canary-interpreter\n", { mode: 0o700 });
    expect(await staged()).toMatchObject({
      outcome: "refused",
      code: "command-not-started",
      evidence: "ENOENT",
    });
  });

  test("when the settings do not allow its name, as for names that every object has", async () => {
    const ports = { commands: {} } as Parameters<typeof commandDelivery.bind>[3];
    const spec = {} as Parameters<typeof commandDelivery.bind>[1];
    for (const run of ["orders", "constructor", "__proto__"]) {
      await expect(commandDelivery.bind("orders-db", spec, { command: { run } }, ports)).rejects.toThrow(
        CreError,
      );
    }
  });
});

describe("a command that ends", () => {
  const says = (text: string, code = 0) => `cat >/dev/null; printf '%s' '${text}'; exit ${code}`;

  test("with 10 and the word for it has refused, for good or for now", async () => {
    const final = await stagedBy(says('{"credential":"orders-db","refused":"disk-full"}', 10));
    expect(final).toMatchObject({ outcome: "refused", evidence: 'it says "disk-full"', retryable: false });
    const later = await stagedBy(says('{"credential":"orders-db","refused":"busy","retry":true}', 10));
    expect(later).toMatchObject({ outcome: "refused", retryable: true });
  });

  test.each([
    ["10 without a word", says("", 10)],
    ["10 and the word of another credential", says('{"credential":"x","refused":"busy"}', 10)],
    ["10 and a word that may be anything", says('{"credential":"orders-db","refused":"canary- said"}', 10)],
    ["10 and no text as the word", says('{"credential":"orders-db","refused":7}', 10)],
    ["another code and a word", says('{"credential":"orders-db","refused":"busy"}', 1)],
    ["127 and the secret on both outputs", "tee /dev/stderr; exit 127"],
  ])("with %s leaves it unknown", async (_, body) => {
    const error = await stagedBy(body);
    expect(error).toMatchObject({ outcome: "unknown", code: "command-failed" });
    expect(error.evidence).toMatch(/^exit code \d+$/);
    expect(error.message).toMatch(/ failed to stage the new version$/);
  });

  test.each([
    ["nothing", says("")],
    ["the secret", "cat"],
    ["a word more than the answer", says('done {"credential":"orders-db","current":null,"pending":"a1"}')],
    ["another credential", says('{"credential":"billing-db","current":null,"pending":"a1"}')],
    ["another attempt", says('{"credential":"orders-db","current":"a0","pending":"a2"}')],
    ["no pending", says('{"credential":"orders-db","current":"a1x"}')],
  ])("with 0 and prints %s proves nothing", async (_, body) => {
    expect((await stagedBy(body)).outcome).toBe("unknown");
  });

  test("by a signal leaves it unknown, and holds() is unknown", async () => {
    expect(await stagedBy("kill -9 $$")).toMatchObject({ outcome: "unknown", evidence: "a signal ended it" });
    expect(await (await target()).holds(signal)).toBe("unknown");
    expect(await failureOf((await target()).preflight(signal))).toMatchObject({ outcome: "unknown" });
  });

  test("leaves nothing running in its group", async () => {
    place.write(`sleep 300 >/dev/null & echo $! >${place.folder}/pid\n${HOLDS_A1}`);
    await (await target()).stage(consignmentOf("a1"), partsOf("a1"), signal);
    await expect.poll(() => lives(join(place.folder, "pid")), SOON).toBe(false);
  });
});

describe("a command that does not end", () => {
  const STUBBORN = "trap '' TERM; sleep 300 & echo $! >FOLDER/pid; echo $$ >FOLDER/own; wait; sleep 300";

  test("within the limit is killed with its children, and the outcome is unknown", async () => {
    const error = await stagedBy(STUBBORN.replaceAll("FOLDER", place.folder), { limitSeconds: 0.3 });
    expect(error).toMatchObject({ outcome: "unknown", evidence: "it did not end within the time limit" });
    await expect.poll(() => lives(join(place.folder, "pid")), SOON).toBe(false);
    await expect.poll(() => lives(join(place.folder, "own")), SOON).toBe(false);
  });

  test("may tidy up when it is told to end", async () => {
    const told = new AbortController();
    place.write(
      `trap 'echo tidy >${place.folder}/tidy; exit 0' TERM; echo $$ >${place.folder}/own; while :; do sleep 0.02; done`,
    );
    const delivery = await target(undefined, {
      pause: async (seconds, over) => {
        expect(seconds).toBe(2);
        await new Promise((done) => {
          over.addEventListener("abort", done, { once: true });
        });
      },
    });
    const effect = failureOf(delivery.promote(consignmentOf("a1"), told.signal));
    await expect
      .poll(() => existsSync(join(place.folder, "own")), { timeout: 5000, interval: 10 })
      .toBe(true);
    told.abort();
    expect(await effect).toMatchObject({ outcome: "unknown", evidence: "it was interrupted" });
    expect(readFileSync(join(place.folder, "tidy"), "utf8")).toBe("tidy\n");
  });

  test("printing is killed", async () => {
    const error = await stagedBy(`echo $$ >${place.folder}/own; exec yes canary-yes`);
    expect(error).toMatchObject({ outcome: "unknown", evidence: "it printed more than 65536 bytes" });
    await expect.poll(() => lives(join(place.folder, "own")), SOON).toBe(false);
  });

  test.runIf(existsSync("/usr/bin/setsid"))(
    "as a daemon that holds its output is not waited for",
    async () => {
      const error = await stagedBy(
        `setsid sh -c 'touch ${place.folder}/daemon; sleep 2' &\nwhile [ ! -e ${place.folder}/daemon ]; do sleep 0.01; done; ${HOLDS_A1}`,
        { limitSeconds: 0.3 },
      );
      expect(error).toMatchObject({ outcome: "unknown", evidence: "it did not end within the time limit" });
    },
  );
});
